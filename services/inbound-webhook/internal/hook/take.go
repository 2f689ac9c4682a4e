package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Taken counts what became of a listing.
type Taken struct {
	// Inbound, Receipts and Others were published; Known were so lately already.
	Inbound, Receipts, Others, Known int
	// Unplaced are of no workspace of ours, or cannot be used.
	Unplaced int
}

// Plus adds two counts.
func (t Taken) Plus(other Taken) Taken {
	return Taken{
		Inbound: t.Inbound + other.Inbound, Receipts: t.Receipts + other.Receipts, Others: t.Others + other.Others,
		Known: t.Known + other.Known, Unplaced: t.Unplaced + other.Unplaced,
	}
}

// Take publishes what a provider lists, as if its webhooks had told it: the ids and keys are the same, so what was told
// already changes nothing. It returns after every acknowledgement. An account may serve others beside us, so what has no
// workspace is counted and left.
func (h *Handler) Take(ctx context.Context, endpoint Endpoint, listed channel.Delivery) (Taken, error) {
	description, _ := h.endpoints.describe(endpoint.Provider)
	src := source{endpoint: endpoint, description: description, shared: true}
	usable, unusable := usableOf(listed)
	taken := Taken{Unplaced: sizeOf(listed) - sizeOf(usable)}
	if unusable != nil {
		h.logger.WarnContext(ctx, "part of a listing cannot be used", slog.String("provider", endpoint.Provider),
			slog.String("err", sentence(unusable.Error())))
	}
	var publishings []bus.Publishing
	var published []channel.Delivery
	for _, one := range apiece(usable) {
		if h.recent.knows(endpoint, one) {
			taken.Known++
			continue
		}
		src.webhook.ReceivedAt = h.now()
		src.began = src.webhook.ReceivedAt
		made, err := h.events(ctx, src, one)
		if errors.Is(err, errIncomplete) {
			made.unknown = err // as long as nobody has changed something it cannot be had
		} else if err != nil {
			return taken, err
		}
		if made.unknown != nil {
			taken.Unplaced++
			h.logger.DebugContext(ctx, "part of a listing has no place", slog.String("provider", endpoint.Provider),
				slog.String("err", sentence(made.unknown.Error())))
			continue
		}
		publishings, published = append(publishings, made.publishings...), append(published, one)
	}
	if err := h.publish(ctx, publishings); err != nil {
		return taken, fmt.Errorf("publishing a listing: %w", err)
	}
	for _, one := range published {
		h.recent.add(endpoint, one)
		taken.Inbound, taken.Receipts = taken.Inbound+len(one.Inbound), taken.Receipts+len(one.Receipts)
		taken.Others += len(one.Calls) + len(one.Suppressions)
	}
	return taken, nil
}

// apiece takes a delivery apart, so that what one part brings about is no matter of the others.
func apiece(delivery channel.Delivery) []channel.Delivery {
	var parts []channel.Delivery
	for _, inbound := range delivery.Inbound {
		parts = append(parts, channel.Delivery{Inbound: []channel.Inbound{inbound}})
	}
	for _, receipt := range delivery.Receipts {
		parts = append(parts, channel.Delivery{Receipts: []channel.Receipt{receipt}})
	}
	for _, told := range delivery.Calls {
		parts = append(parts, channel.Delivery{Calls: []channel.CallEvent{told}})
	}
	for _, suppression := range delivery.Suppressions {
		parts = append(parts, channel.Delivery{Suppressions: []channel.Suppression{suppression}})
	}
	return parts
}
