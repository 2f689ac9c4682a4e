// Package fault keeps what a provider is told to do wrong.
package fault

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Calls names the calls that FailWith and DropResponses concern.
type Calls string

// The sets of calls.
const (
	Sends   Calls = "sends"
	Lookups Calls = "lookups"
	All     Calls = "all"
)

// Rule is the misbehaviour of one provider. The zero value behaves.
type Rule struct {
	// Latency delays every answer.
	Latency time.Duration
	// FailWith is an HTTP status or one of the provider's own errors; the call then does nothing but answer it.
	FailWith string
	// FailCount is how many calls FailWith or DropResponses spoil; 0 means until the rule is replaced.
	FailCount int
	// Calls limits FailWith and DropResponses; empty means Sends.
	Calls Calls
	// DropResponses does what the call asks and then cuts the connection.
	DropResponses bool
	// DropCallbacks loses every callback, DuplicateCallbacks posts each twice, ShuffleCallbacks mixes the order of the
	// callbacks about one message.
	DropCallbacks, DuplicateCallbacks, ShuffleCallbacks bool
	// RatePerSecond is how many calls a second are taken before the provider answers 429; 0 means no limit.
	RatePerSecond float64
}

// Verdict is what happens to one call.
type Verdict struct {
	Latency     time.Duration
	FailWith    string
	RateLimited bool
	Cut         bool
}

// Set holds one rule for each provider. It is safe for concurrent use.
type Set struct {
	mu    sync.Mutex
	rules map[string]*active
}

type active struct {
	Rule
	limiter *rate.Limiter
}

// NewSet makes a set in which every provider behaves.
func NewSet(providers ...string) *Set {
	set := &Set{rules: map[string]*active{}}
	set.Put(Rule{}, providers...)
	return set
}

// Put replaces the rule of each of the providers.
func (s *Set) Put(rule Rule, providers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rule.Calls = cmp.Or(rule.Calls, Sends)
	for _, provider := range providers {
		state := &active{Rule: rule}
		if rule.RatePerSecond > 0 {
			state.limiter = rate.NewLimiter(rate.Limit(rule.RatePerSecond), max(1, int(rule.RatePerSecond)))
		}
		s.rules[provider] = state
	}
}

// Providers lists the providers in alphabetical order.
func (s *Set) Providers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.rules))
}

// Rule gives the rule of a provider, less the counted calls that are spent.
func (s *Set) Rule(provider string) Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules[provider].Rule
}

// Judge decides what happens to a call and uses up its part of FailCount.
func (s *Set) Judge(provider string, send bool) Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.rules[provider]
	verdict := Verdict{Latency: state.Latency}
	if state.limiter != nil && !state.limiter.Allow() {
		verdict.RateLimited = true
		return verdict
	}
	if !state.concerns(send) {
		return verdict
	}
	verdict.FailWith = state.FailWith
	verdict.Cut = state.FailWith == "" && state.DropResponses
	state.spend()
	return verdict
}

func (a *active) concerns(send bool) bool {
	if a.FailWith == "" && !a.DropResponses {
		return false
	}
	return a.Calls == All || (a.Calls == Sends) == send
}

// spend takes one of the counted calls; the last one ends what is counted.
func (a *active) spend() {
	if a.FailCount == 0 {
		return
	}
	a.FailCount--
	if a.FailCount == 0 {
		a.FailWith, a.DropResponses = "", false
	}
}
