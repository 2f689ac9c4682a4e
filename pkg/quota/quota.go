// Package quota counts what workspaces use of their allowances, without a database: one entry of a bucket for each
// workspace and period, which every gateway writes by compare and set, all that wait in one write.
//
// A reservation is never taken back by whoever made it. What came of it the ledger knows: conversation-store writes what is
// to be given back (Settle), that of messages that were never accepted included. So a crash at any line costs nothing but
// the time until then.
package quota

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

const (
	// maxWaiting bounds the reservations of one workspace that wait for the next write.
	maxWaiting = 8192
	// writeTime bounds one write, its repetitions included.
	writeTime = 5 * time.Second
	// longestPause is the longest wait after somebody else wrote first.
	longestPause = 20 * time.Millisecond
)

// Bucket keeps the counts.
type Bucket interface {
	Get(ctx context.Context, key string) (bus.Entry, error)
	Create(ctx context.Context, key string, value []byte) (uint64, error)
	Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error)
}

// Request is what a message is expected to take.
type Request struct {
	Workspace workspace.ID
	Terms     plan.Terms
	Period    plan.Period
	Meter     plan.Meter
	Units     int64
}

// Counter counts. It is safe for concurrent use, by several processes too.
type Counter struct {
	bucket Bucket

	mu    sync.Mutex
	lines map[string]*line
}

// line is who waits for the next write of one entry.
type line struct {
	waiting []*waiter
}

type waiter struct {
	request Request
	mark    int64
	err     error
	done    chan struct{}
}

// New makes a counter on the bucket event.BucketQuotas.
func New(bucket Bucket) *Counter { return &Counter{bucket: bucket, lines: map[string]*line{}} }

// Reserve takes units of an allowance, or returns a *plan.ExceededError and takes none. mark is what had been reserved of
// the allowance in the period after this. When ctx ends first the units may have been taken: nobody accepts their message,
// so they come back.
func (c *Counter) Reserve(ctx context.Context, request Request) (mark int64, err error) {
	w := &waiter{request: request, done: make(chan struct{})}
	if !c.join(event.QuotaKey(request.Workspace, request.Period.String()), w) { //nolint:contextcheck // one write serves many who wait
		return 0, fmt.Errorf("%w: too many messages of one workspace wait to be counted", bus.ErrBusy)
	}
	select {
	case <-w.done:
		return w.mark, w.err
	case <-ctx.Done():
		return 0, fmt.Errorf("counting: %w", ctx.Err())
	}
}

// join stands in line, and starts serving it when nobody does. It is false when the line is full.
func (c *Counter) join(key string, w *waiter) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, isServed := c.lines[key]
	if !isServed {
		l = &line{}
		c.lines[key] = l
	}
	if len(l.waiting) >= maxWaiting {
		return false
	}
	l.waiting = append(l.waiting, w)
	if !isServed {
		go c.serve(key, l)
	}
	return true
}

// serve writes for all who wait, again and again, until nobody does.
func (c *Counter) serve(key string, l *line) {
	for {
		c.mu.Lock()
		together := l.waiting
		l.waiting = nil
		if len(together) == 0 {
			delete(c.lines, key)
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		if err := c.write(key, together); err != nil {
			for _, w := range together {
				w.mark, w.err = 0, err
			}
		}
		for _, w := range together {
			close(w.done)
		}
	}
}

func (c *Counter) write(key string, together []*waiter) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	return change(ctx, c.bucket, key, func(quota *bucketv1.Quota) bool {
		quota.WorkspaceId, quota.Period = together[0].request.Workspace.String(), together[0].request.Period.String()
		isTaken := false
		for _, w := range together {
			isTaken = w.take(quota) || isTaken
		}
		return isTaken
	})
}

// take decides on one request and counts it.
func (w *waiter) take(quota *bucketv1.Quota) bool {
	w.mark = 0
	request := w.request
	if w.err = request.Terms.Check(Used(quota), request.Meter, request.Units, request.Period); w.err != nil {
		return false
	}
	tally := tallyOf(quota, request.Terms.CountedWith(request.Meter))
	tally.Reserved += request.Units
	w.mark = tally.GetReserved()
	return true
}

// Used is what an entry counts.
func Used(quota *bucketv1.Quota) plan.Used {
	used := make(plan.Used, len(quota.GetTallies()))
	for meter, tally := range quota.GetTallies() {
		used[plan.Meter(meter)] = tally.GetReserved() - tally.GetSettled() - tally.GetLeaked()
	}
	return used
}

// Read is the entry of a workspace and period; one that has not used anything has an empty one.
func Read(ctx context.Context, bucket Bucket, ws workspace.ID, period string) (*bucketv1.Quota, error) {
	quota, _, err := read(ctx, bucket, event.QuotaKey(ws, period))
	return quota, err
}

// Return is what is to be given back of the reservations of a meter, all of the period together.
type Return struct {
	// Settled is what messages took less than was reserved.
	Settled int64
	// Leaked is what was reserved for messages that were never accepted; nil keeps what was known.
	Leaked *int64
}

// Settle writes what is to be given back, by the meter it is counted with. The same again changes nothing.
func Settle(ctx context.Context, bucket Bucket, ws workspace.ID, period string, returns map[plan.Meter]Return) error {
	return change(ctx, bucket, event.QuotaKey(ws, period), func(quota *bucketv1.Quota) bool {
		before := proto.CloneOf(quota)
		for meter, given := range returns {
			tally := tallyOf(quota, meter)
			tally.Settled = given.Settled
			if given.Leaked != nil {
				tally.Leaked = *given.Leaked
			}
		}
		quota.WorkspaceId, quota.Period = ws.String(), period
		return !proto.Equal(before, quota)
	})
}

func tallyOf(quota *bucketv1.Quota, meter plan.Meter) *bucketv1.Tally {
	if quota.Tallies == nil {
		quota.Tallies = map[string]*bucketv1.Tally{}
	}
	tally := quota.GetTallies()[string(meter)]
	if tally == nil {
		tally = &bucketv1.Tally{}
		quota.Tallies[string(meter)] = tally
	}
	return tally
}

// change writes an entry as apply leaves it, again from the start when somebody else wrote first. Nothing is written when
// apply tells that nothing changed.
func change(ctx context.Context, bucket Bucket, key string, apply func(*bucketv1.Quota) bool) error {
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		quota, revision, err := read(ctx, bucket, key)
		if err != nil {
			return err
		}
		if !apply(quota) {
			return nil
		}
		value, err := proto.Marshal(quota)
		if err != nil {
			return fmt.Errorf("encoding the quota %s: %w", key, err)
		}
		if revision == 0 {
			_, err = bucket.Create(ctx, key, value)
		} else {
			_, err = bucket.Update(ctx, key, value, revision)
		}
		if !errors.Is(err, bus.ErrKeyExists) && !errors.Is(err, bus.ErrRevisionMismatch) {
			return err
		}
		select {
		case <-time.After(rand.N(pause)): //nolint:gosec // the wait keeps no secret
		case <-ctx.Done():
			return fmt.Errorf("%w: counting %s: %w", bus.ErrUnavailable, key, ctx.Err())
		}
	}
}

// read is the entry and its revision, which is 0 when there is none.
func read(ctx context.Context, bucket Bucket, key string) (*bucketv1.Quota, uint64, error) {
	quota := &bucketv1.Quota{}
	entry, err := bucket.Get(ctx, key)
	if errors.Is(err, bus.ErrKeyNotFound) {
		return quota, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading the quota %s: %w", key, err)
	}
	if err := proto.Unmarshal(entry.Value, quota); err != nil {
		return nil, 0, fmt.Errorf("reading the quota %s: %w", key, err)
	}
	return quota, entry.Revision, nil
}
