package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
)

// datingTimeout bounds the question when a message was written.
const datingTimeout = 3 * time.Second

// saidAt is when a word was said. Where the webhook does not tell and nobody can be asked, it is the time of arrival. A
// START that comes late must not look newer than a STOP, so that for it the provider is asked. Providers tell whole
// seconds: the word is taken for the last of its second, but it was never said later than it came.
func (h *Handler) saidAt(ctx context.Context, src source, inbound channel.Inbound, word consent.Said) (time.Time, error) {
	arrived, at := src.webhook.ReceivedAt, inbound.OccurredAt
	if at.IsZero() && word.Keyword == channel.StartKeyword {
		var err error
		if at, err = h.writtenAt(ctx, src, inbound, word); err != nil {
			return time.Time{}, err
		}
	}
	if at.IsZero() {
		return arrived, nil
	}
	if at.Nanosecond() == 0 {
		at = at.Add(time.Second - time.Microsecond)
	}
	if at.After(arrived) {
		return arrived, nil
	}
	return at, nil
}

// writtenAt asks the provider when a message was written that was not heard before; zero when it cannot say. An error
// means that it may say so later: the provider has to come again.
func (h *Handler) writtenAt(ctx context.Context, src source, inbound channel.Inbound, word consent.Said) (time.Time, error) {
	dater, ok := src.endpoint.Connection.(channel.Dater)
	if !ok {
		return time.Time{}, nil
	}
	if known, err := h.consents.Knows(ctx, word); known || err != nil {
		return time.Time{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, datingTimeout)
	defer cancel()
	at, err := dater.WrittenAt(ctx, inbound)
	if err == nil {
		return at, nil
	}
	if !errors.Is(err, channel.ErrNotFound) && isTransient(err) {
		return time.Time{}, fmt.Errorf("asking when it was written: %w", err)
	}
	h.logger.WarnContext(ctx, "provider does not say when a message was written; the time of arrival counts",
		slog.String("provider", src.endpoint.Provider), slog.String("workspace", word.Workspace.String()),
		slog.String("message", word.MessageID), slog.Any("err", err))
	return time.Time{}, nil
}

// isTransient tells a failure that may be over when the provider comes again from one that a person decides or nobody.
func isTransient(err error) bool {
	switch channel.ClassOf(err) { //nolint:exhaustive // the others are decided by a person or never
	case channel.Retryable, channel.RateLimited, channel.Quota, channel.UnknownOutcome:
		return true
	default:
		return false
	}
}
