package mailbox

import (
	"math/rand/v2"
	"strings"
	"time"
)

// Fate is what becomes of a mail by the address it goes to.
type Fate int

// The fates.
const (
	// Delivered: it arrives.
	Delivered Fate = iota
	// Deferred: the mail server takes it at the second attempt.
	Deferred
	// Bounced: there is no such mailbox.
	Bounced
	// SoftBounced: the mailbox is full.
	SoftBounced
	// Complained: it arrives and is reported as unwanted.
	Complained
)

// FateOf reads an address: one that contains "bounce" bounces, and so on.
func FateOf(address string) Fate {
	address = strings.ToLower(address)
	for _, mark := range []struct {
		word string
		fate Fate
	}{{"softbounce", SoftBounced}, {"bounce", Bounced}, {"complain", Complained}, {"defer", Deferred}} {
		if strings.Contains(address, mark.word) {
			return mark.fate
		}
	}
	return Delivered
}

// Arrives tells whether the mail gets to the mailbox.
func (f Fate) Arrives() bool { return f != Bounced && f != SoftBounced }

// Vary is a duration between a half and one and a half of the mean.
func Vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}
