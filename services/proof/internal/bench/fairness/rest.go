package fairness

import (
	"context"
	"fmt"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	restStep = 200 * time.Millisecond
	// patience bounds the wait for a flood to pass.
	patience = 15 * time.Minute
)

// rest waits until nothing is left to be sent, projected or told: until no consumer of the streams has anything before
// it, twice in a row, for what one finishes may be work for another.
func (b *bench) rest(ctx context.Context) error {
	streams := []string{event.StreamSend, event.StreamReceipt, event.StreamInbound}
	calm := 0
	return until(ctx, func(ctx context.Context) (bool, error) {
		waiting := uint64(0)
		for _, name := range streams {
			count, err := b.waiting(ctx, name, ofServices)
			if err != nil {
				return false, err
			}
			waiting += count
		}
		calm++
		if waiting > 0 {
			calm = 0
		}
		return calm == 2, nil //nolint:mnd // twice in a row
	})
}

// ofServices leaves out consumers of others, which may be gone.
func ofServices(consumer string) bool {
	switch consumer {
	case event.DurableStoreSend, event.DurableStoreInbound, event.DurableStoreReceipt:
		return true
	default:
		return ofSender(consumer)
	}
}

func ofSender(consumer string) bool {
	_, diverted := event.DivertedWorkspace(consumer)
	return diverted || consumer == event.DurableSenderSend
}

// left waits until the sender has nothing of a flood any more. A few messages are those of the other workspace.
func (b *bench) left(ctx context.Context) error {
	return until(ctx, func(ctx context.Context) (bool, error) {
		waiting, err := b.waiting(ctx, event.StreamSend, ofSender)
		return waiting < probePeers, err
	})
}

// until asks again and again.
func until(ctx context.Context, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if is, err := done(ctx); is || err != nil {
			return err
		}
		select {
		case <-time.After(restStep):
		case <-ctx.Done():
			return fmt.Errorf("waiting for rest: %w", ctx.Err())
		}
	}
}

// waiting is how many messages the consumers of a stream that count have not settled.
func (b *bench) waiting(ctx context.Context, name string, counts func(consumer string) bool) (uint64, error) {
	stream, err := b.bus.JetStream().Stream(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", name, err)
	}
	total := uint64(0)
	consumers := stream.ListConsumers(ctx)
	for info := range consumers.Info() {
		if counts(info.Name) {
			total += info.NumPending + uint64(max(0, info.NumAckPending))
		}
	}
	if err := consumers.Err(); err != nil {
		return 0, fmt.Errorf("listing the consumers of %s: %w", name, err)
	}
	return total, nil
}
