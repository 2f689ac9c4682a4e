package hook

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

const (
	// strangersShare is the part of the quarantine that strangers may fill: one half. The rest is for webhooks that are
	// proved, because a stream that is full takes none of either.
	strangersShare = 2
	// roomFresh is how long the answer to how full it is counts.
	roomFresh = 5 * time.Second
)

// room knows whether the quarantine has room for what is not proved. It is safe for concurrent use.
type room struct {
	measure func(ctx context.Context) (used, limit int64, err error)
	now     func() time.Time

	mu    sync.Mutex
	asked time.Time
	full  bool
}

// newRoom measures the stream itself.
func newRoom(connected *bus.Bus, now func() time.Time) *room {
	return &room{now: now, measure: func(ctx context.Context) (int64, int64, error) {
		stream, err := connected.JetStream().Stream(ctx, event.StreamQuarantine)
		if err != nil {
			return 0, 0, fmt.Errorf("measuring the quarantine: %w", err)
		}
		info := stream.CachedInfo()
		return int64(info.State.Bytes), info.Config.MaxBytes, nil //nolint:gosec // a stream has fewer bytes than that
	}}
}

// left tells whether there is room. Where it cannot be measured the publish itself will tell.
func (r *room) left(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); r.asked.IsZero() || now.Sub(r.asked) >= roomFresh {
		used, limit, err := r.measure(ctx)
		if err != nil {
			return true
		}
		r.asked, r.full = now, limit > 0 && used >= limit/strangersShare
	}
	return !r.full
}
