// Package permit says at the last moment whether a message may go to its customer: whether they want messages, whether
// the channel's window for free-form messages is open, and whether a program has not written too often.
package permit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Checker asks local copies of the buckets of consents and windows. It is safe for concurrent use.
type Checker struct {
	consents *copied[*eventv1.Consent]
	windows  *copied[*bucketv1.Window]
}

// Follow loads the copies and keeps them current until Stop. It returns when they are complete.
func Follow(ctx context.Context, b *bus.Bus) (*Checker, error) {
	consents, err := follow(ctx, b, event.BucketConsent, func() *eventv1.Consent { return &eventv1.Consent{} })
	if err != nil {
		return nil, err
	}
	windows, err := follow(ctx, b, event.BucketWindows, func() *bucketv1.Window { return &bucketv1.Window{} })
	if err != nil {
		consents.mirror.Stop()
		return nil, err
	}
	return &Checker{consents: consents, windows: windows}, nil
}

// Stop ends following.
func (c *Checker) Stop() {
	c.consents.mirror.Stop()
	c.windows.mirror.Stop()
}

// How says how a message is checked.
type How struct {
	// Windowed tells that its channel has a window.
	Windowed bool
	// Exact asks for consents at the bucket instead of the copy: what is there when Check is called counts.
	Exact bool
}

// Check tells why a message may not be sent; nil when it may. An error means that the bus did not answer.
func (c *Checker) Check(
	ctx context.Context, ws workspace.ID, send *eventv1.SendMessage, how How,
) (*channel.Failure, error) {
	if send.GetAnswersKeyword() {
		return nil, nil //nolint:nilnil // nothing stands against it: the customer has just asked for this answer
	}
	for _, address := range slices.Concat([]string{send.GetTo()}, send.GetCc(), send.GetBcc()) {
		failure, err := c.wanted(ctx, ws, send, address, how.Exact)
		if err != nil || failure != nil {
			return failure, err
		}
	}
	if !how.Windowed || send.GetTemplate() != nil {
		return nil, nil //nolint:nilnil // nothing stands against it
	}
	return c.open(ctx, ws, send)
}

// wanted tells why an address may not be written to.
func (c *Checker) wanted(
	ctx context.Context, ws workspace.ID, send *eventv1.SendMessage, address string, exact bool,
) (*channel.Failure, error) {
	key := event.ConsentKey(ws, channel.Kind(send.GetChannel()), address)
	consent, lets, err := c.consents.lets(ctx, key, exact, func(consent *eventv1.Consent) bool {
		return consent.GetState() != channel.OptedOutState
	})
	if err != nil || lets {
		return nil, err
	}
	failure := refusal(consent)
	if address != send.GetTo() {
		failure.Message = fmt.Sprintf("%s: %s", address, failure.Message)
		failure.Remedy = "Send the message without this recipient."
	}
	return failure, nil
}

// open tells why a free-form message may not be sent now.
func (c *Checker) open(ctx context.Context, ws workspace.ID, send *eventv1.SendMessage) (*channel.Failure, error) {
	key := event.WindowKey(ws, send.GetConversationId())
	_, lets, err := c.windows.lets(ctx, key, false, func(window *bucketv1.Window) bool {
		return window.GetExpiresAt().IsValid() && time.Now().Before(window.GetExpiresAt().AsTime())
	})
	if err != nil || lets {
		return nil, err
	}
	return channel.NewFailure(channel.CodeWindowClosed, "", ""), nil
}

// refusal says who does not want messages to go there, and what a person can do about it.
func refusal(consent *eventv1.Consent) *channel.Failure {
	const again = "Allow messages to this address again if you know that it is wanted."
	code, message, remedy := channel.CodeOptedOut, "", ""
	switch consent.GetSource() {
	case channel.SourceBounce:
		code, message = channel.CodeSuppressed, "An earlier message to this address came back."
		remedy = "Check the address; if it is right, allow messages to it again."
	case channel.SourceComplaint:
		message, remedy = "The customer reported an earlier message as unwanted.", again
	case channel.SourcePerson:
		message, remedy = "Somebody of the workspace has stopped messages to this customer.", again
	}
	failure := channel.NewFailure(code, "", message)
	if remedy != "" {
		failure.Remedy = remedy
	}
	return failure
}
