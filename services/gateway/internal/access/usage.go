package access

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// reportEvery is how exact the last use of an API key is known.
	reportEvery = time.Minute
	maxKeysSeen = 10_000
	maxWaiting  = 256
)

// Usage reports that API keys are used, once a minute for each at most. A report that gets lost is made up for by the
// next use. It is safe for concurrent use.
type Usage struct {
	report   func(ctx context.Context, principal Principal) error
	reported *lru.Cache[string, time.Time]
	waiting  chan Principal
}

// NewUsage makes a Usage that reports through report while Run runs.
func NewUsage(report func(ctx context.Context, principal Principal) error) (*Usage, error) {
	reported, err := lru.New[string, time.Time](maxKeysSeen)
	if err != nil {
		return nil, fmt.Errorf("making the list of used keys: %w", err)
	}
	return &Usage{report: report, reported: reported, waiting: make(chan Principal, maxWaiting)}, nil
}

// Used notes a use. It never waits.
func (u *Usage) Used(principal Principal, now time.Time) {
	if principal.Kind != KindAPIKey {
		return
	}
	if at, ok := u.reported.Get(principal.Key); ok && now.Sub(at) < reportEvery {
		return
	}
	select {
	case u.waiting <- principal:
		u.reported.Add(principal.Key, now)
	default: // the next use is soon enough
	}
}

// Run reports until ctx ends.
func (u *Usage) Run(ctx context.Context) error {
	for {
		select {
		case principal := <-u.waiting:
			if u.report(ctx, principal) != nil { // nobody answers: the next use reports
				u.reported.Remove(principal.Key)
			}
		case <-ctx.Done():
			return nil
		}
	}
}
