package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
)

// durable is a consumer of a stream.
type durable struct{ stream, name string }

// inbound is how the store reads INBOUND: it acknowledges what it has committed.
func (r *rig) inbound() []durable { return []durable{{event.StreamInbound, event.DurableStoreInbound}} }

// bareInbound is how the bare program reads its stream, acknowledging the same way.
func (r *rig) bareInbound() []durable {
	consumers := make([]durable, bare.Lanes)
	for lane := range consumers {
		consumers[lane] = durable{bare.StreamIn, bare.Durable + strconv.Itoa(lane)}
	}
	return consumers
}

// left is how much the consumers have not acknowledged.
func (r *rig) left(ctx context.Context, consumers ...durable) (int, error) {
	left := 0
	for _, c := range consumers {
		consumer, err := r.js.Consumer(ctx, c.stream, c.name)
		if err != nil {
			return 0, fmt.Errorf("asking how far %s is: %w", c.name, err)
		}
		info := consumer.CachedInfo()
		left += int(info.NumPending) + info.NumAckPending //nolint:gosec // no backlog is that long
	}
	return left, nil
}

// drained waits until nothing is left and tells when that was.
func (r *rig) drained(ctx context.Context, consumers ...durable) (time.Time, error) {
	_, at, err := r.until(ctx, 0, consumers...)
	return at, err
}

// until waits until no more than so much is left, and tells how much that is and when it was.
func (r *rig) until(ctx context.Context, most int, consumers ...durable) (left int, at time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	poll := time.NewTicker(drainPoll)
	defer poll.Stop()
	for {
		if left, err = r.left(ctx, consumers...); err != nil {
			return 0, time.Time{}, err
		}
		if left <= most {
			return left, time.Now(), nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return left, time.Time{}, fmt.Errorf("%w: %d are left of %s", errSlow, left, consumers[0].stream)
		}
	}
}
