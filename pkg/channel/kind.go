// Package channel is the seam between us and the outside world: the words every channel shares, the contract a
// provider fulfils and the registry that lists the providers.
//
// A provider lives in one folder below this one, is registered by one line in package all, and passes the suite of
// package channeltest. It translates and nothing more: it does not retry, log, sleep, measure or remember.
package channel

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknownKind is returned when a text names no channel.
var ErrUnknownKind = errors.New("unknown channel")

// Kind is a channel.
type Kind string

// The channels.
const (
	Email    Kind = "email"
	SMS      Kind = "sms"
	WhatsApp Kind = "whatsapp"
	Call     Kind = "call"
	Social   Kind = "social"
	LiveChat Kind = "live_chat"
)

// Kinds lists every channel in the order of the page's tabs.
func Kinds() []Kind { return []Kind{Email, SMS, Call, WhatsApp, Social, LiveChat} }

// ParseKind accepts the name of a channel and nothing else.
func ParseKind(text string) (Kind, error) {
	if kind := Kind(text); slices.Contains(Kinds(), kind) {
		return kind, nil
	}
	return "", fmt.Errorf("%w: %q", ErrUnknownKind, text)
}
