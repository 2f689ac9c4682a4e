// Package ratelimit bounds how often one caller may ask, with a token bucket for each.
package ratelimit

import (
	"fmt"
	"math"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// remembered is how many callers are known at once. One forgotten begins with a full bucket again.
const remembered = 50_000

// Limiter has one bucket for each key. It is safe for concurrent use.
type Limiter struct {
	rate    rate.Limit
	burst   int
	buckets *lru.Cache[string, *rate.Limiter]
}

// New makes a Limiter that lets burst requests through at once and perSecond after that.
func New(perSecond float64, burst int) (*Limiter, error) {
	if perSecond <= 0 || burst <= 0 {
		return nil, fmt.Errorf("making a rate limit of %v a second, %d at once: both must be positive", perSecond, burst)
	}
	buckets, err := lru.New[string, *rate.Limiter](remembered)
	if err != nil {
		return nil, fmt.Errorf("making a rate limit: %w", err)
	}
	return &Limiter{rate: rate.Limit(perSecond), burst: burst, buckets: buckets}, nil
}

// Decision is what became of one request.
type Decision struct {
	Allowed bool
	// Limit is how many requests may come at once, Remaining how many of them are left.
	Limit, Remaining int
	// Reset is when all of them are there again.
	Reset time.Duration
	// RetryAfter is when the next one is let through; 0 when it is now.
	RetryAfter time.Duration
}

// Allow takes one request from the bucket of the key.
func (l *Limiter) Allow(key string, now time.Time) Decision {
	bucket := l.bucket(key)
	allowed := bucket.AllowN(now, 1)
	tokens := bucket.TokensAt(now)
	decision := Decision{
		Allowed: allowed, Limit: l.burst, Remaining: max(0, int(math.Floor(tokens))),
		Reset: l.timeFor(float64(l.burst) - tokens),
	}
	if !allowed {
		decision.RetryAfter = l.timeFor(1 - tokens)
	}
	return decision
}

func (l *Limiter) bucket(key string) *rate.Limiter {
	if bucket, ok := l.buckets.Get(key); ok {
		return bucket
	}
	fresh := rate.NewLimiter(l.rate, l.burst)
	if bucket, had, _ := l.buckets.PeekOrAdd(key, fresh); had {
		return bucket
	}
	return fresh
}

func (l *Limiter) timeFor(tokens float64) time.Duration {
	return time.Duration(math.Max(tokens, 0) / float64(l.rate) * float64(time.Second))
}
