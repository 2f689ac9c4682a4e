package delivery

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// action is what the sender does after a failed call.
type action int

const (
	// finish ends the attempt badly, with the status beside it.
	finish action = iota
	// retry tries again later: nothing went out.
	retry
	// slow pauses the credential, then tries again.
	slow
	// hold keeps everything of the credential waiting until it works again.
	hold
	// lookUp leaves the outcome open: the message may be out.
	lookUp
)

// ruling is what a class of error leads to.
type ruling struct {
	action action
	status channel.Status
}

// ruleFor is the policy: one line for each class. Blocked is what the recipient, the provider's rules or a quota
// forbid; failed is what somebody has to change first.
func ruleFor(class channel.Class) ruling {
	switch class {
	case channel.Permanent, channel.PermanentConfig, channel.AuthScopeLimited:
		return ruling{finish, channel.Failed}
	case channel.OptedOut, channel.Suppressed, channel.WindowClosed, channel.Quota:
		return ruling{finish, channel.Blocked}
	case channel.RateLimited:
		return ruling{action: slow}
	case channel.Retryable:
		return ruling{action: retry}
	case channel.Auth:
		return ruling{action: hold}
	case channel.UnknownOutcome:
		return ruling{action: lookUp}
	default:
		return ruling{action: lookUp} // nobody proved that nothing went out
	}
}

// Patience bounds the retries of a message that nothing is wrong with.
type Patience struct {
	// Tries and Within are how often, and for how long, a message is tried.
	Tries  int
	Within time.Duration
	// First is the wait after the first failure; it doubles up to Longest.
	First, Longest time.Duration
}

// exhausted tells that a message has been tried often or long enough.
func (p Patience) exhausted(tries int, since time.Time) bool {
	return tries >= p.Tries || time.Since(since) >= p.Within
}

// wait is the wait before the next try.
func (p Patience) wait(tries int) time.Duration {
	return min(p.First<<min(max(tries-1, 0), 20), p.Longest)
}
