// Package relay publishes what the outbox holds: facts to CHANGE in the order they committed, entries into their
// buckets. An entry is deleted after the bus has acknowledged it, in a transaction that one relay at a time can hold,
// whatever the number of processes. What was published by a relay that died before its commit is not published again:
// within two minutes the stream knows the id, after that the relay looks for it in the end of the stream.
package relay

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/trace"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	// passSize is how many facts and how many bucket entries one transaction publishes; facts go beyond it by those of a
	// row.
	passSize = 500
	// passTime bounds one such transaction; it is less than what the database lets one idle.
	passTime = 30 * time.Second
	// tailSize is how far back published facts are looked for: more than a pass can have left behind.
	tailSize = 2 * (passSize + outbox.MaxFacts)
	// tailAfter is how long a relay may trust the stream to know its ids; the stream does for two minutes.
	tailAfter = time.Minute
	// interval is how often the outbox is looked at unasked.
	interval = time.Second
)

var (
	//go:embed sql/take.sql
	takeEntries string
	//go:embed sql/delete.sql
	deleteEntries string
)

// unflushed lets a pass end that emptied the outbox without waiting for the disk. PostgreSQL may forget it in a crash: but
// whatever comes into the outbox afterwards is committed with a flush, which keeps what was before. So one such pass is
// all that is ever published again, within what the stream or its tail knows.
const unflushed = "set local synchronous_commit to off"

// Relay moves entries from the outbox to the bus. It is safe for concurrent use.
type Relay struct {
	db      *postgres.DB
	bus     *bus.Bus
	logger  *slog.Logger
	now     func() time.Time
	wake    chan struct{}
	turn    chan struct{}
	begun   atomic.Uint64
	done    atomic.Uint64
	trusted time.Time // by who has the turn: when the last pass succeeded

	published atomic.Uint64
	oldest    atomic.Int64 // when the oldest entry of the last pass was written, in Unix nanoseconds; 0 for none
}

// New makes a relay.
func New(db *postgres.DB, b *bus.Bus, logger *slog.Logger) *Relay {
	return &Relay{
		db: db, bus: b, logger: logger, now: time.Now, wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
	}
}

// Run empties the outbox after each Wake and every second, until ctx is done.
func (r *Relay) Run(ctx context.Context) error {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := r.Flush(ctx); err != nil && ctx.Err() == nil {
			r.logger.WarnContext(ctx, "outbox not emptied", slog.Any("err", err))
		}
		select {
		case <-r.wake:
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Wake tells Run that there is something in the outbox. It never waits.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Flush returns when everything that was committed before the call is published.
func (r *Relay) Flush(ctx context.Context) error {
	wanted := r.begun.Load() + 1
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the relay: %w", ctx.Err())
	}
	defer func() { <-r.turn }()
	if r.done.Load() >= wanted {
		return nil // a pass that began after the call has taken care of it
	}
	mine := r.begun.Add(1)
	for {
		count, stuck, err := r.pass(ctx)
		if err != nil {
			return err
		}
		r.trusted = r.now()
		if count >= passSize {
			continue
		}
		if stuck == nil {
			r.done.Store(mine)
		}
		return stuck
	}
}

// entry is one row of the outbox, its columns in the order in which they are read.
type entry struct {
	ID          int64
	Target      string
	Key         string
	MessageID   uuid.UUID
	Payload     []byte
	Traceparent string
	CreatedAt   time.Time
}

func scan(row pgx.CollectableRow) (e entry, err error) {
	err = row.Scan(&e.ID, &e.Target, &e.Key, &e.MessageID, &e.Payload, &e.Traceparent, &e.CreatedAt)
	return e, err
}

// pass publishes the oldest entries and deletes them. stuck is why some of them stay: a bucket that cannot be written.
func (r *Relay) pass(ctx context.Context) (count int, stuck, err error) {
	ctx, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	err = r.db.InRelay(ctx, func(ctx context.Context, tx postgres.ChangeTx) error {
		rows, entries, err := take(ctx, tx)
		if err != nil || len(rows)+len(entries) == 0 {
			return err
		}
		r.oldest.Store(oldest(rows, entries).UnixNano())
		facts, err := factsOf(rows)
		if err != nil {
			return err
		}
		if err := r.publish(ctx, facts); err != nil {
			return err
		}
		var filled []int64
		filled, stuck = r.fill(ctx, entries)
		count = len(facts) + len(filled)
		fault.Point("relay.after-publish")
		if len(filled) > 0 {
			tx.Defer(deleteEntries, filled)
		}
		if len(facts) < passSize {
			tx.Defer(unflushed)
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("relaying: %w", err)
	}
	if stuck == nil {
		r.oldest.Store(0)
	}
	r.published.Add(uint64(count)) //nolint:gosec // not negative
	return count, stuck, nil
}

// take takes the oldest rows of facts out of the outbox, unless the transaction fails, and reads the oldest bucket entries.
func take(ctx context.Context, tx postgres.Tx) (facts, entries []entry, err error) {
	var all []entry
	var batch pgx.Batch
	batch.Queue(takeEntries, passSize).Query(func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, scan)
		return err //nolint:wrapcheck // take says what was done
	})
	if err := tx.Send(ctx, &batch); err != nil {
		return nil, nil, fmt.Errorf("reading the outbox: %w", err)
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.ID, b.ID) })
	for _, e := range all {
		if e.Target == outbox.TargetChange {
			facts = append(facts, e)
		} else {
			entries = append(entries, e)
		}
	}
	return facts, entries, nil
}

// oldest is when the oldest of them was written.
func oldest(facts, entries []entry) time.Time {
	switch {
	case len(facts) == 0:
		return entries[0].CreatedAt
	case len(entries) == 0 || facts[0].ID < entries[0].ID:
		return facts[0].CreatedAt
	default:
		return entries[0].CreatedAt
	}
}

// publish stores the facts in their order, those that are not there yet.
func (r *Relay) publish(ctx context.Context, facts []bus.Publishing) error {
	published, err := r.tail(ctx)
	if err != nil {
		return err
	}
	facts = slices.DeleteFunc(facts, func(fact bus.Publishing) bool { return published[fact.ID] })
	// Each fact continues the trace of what caused it, not the trace of who happens to flush.
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	for _, round := range rounds(facts) {
		if err := r.bus.PublishAll(ctx, round); err != nil {
			return fmt.Errorf("publishing facts: %w", err)
		}
	}
	return nil
}

// fill writes bucket entries; the last one of a key counts, so that writing them again changes nothing. It returns what
// is done. After an entry that cannot be written the rest of its bucket waits, to keep its order.
func (r *Relay) fill(ctx context.Context, entries []entry) (done []int64, failed error) {
	buckets := map[string]*bus.Bucket{}
	for _, e := range entries {
		into, known := buckets[e.Target]
		var err error
		if !known {
			into, err = r.bus.Bucket(ctx, e.Target)
		}
		if err == nil && into != nil {
			err = put(ctx, into, e)
		}
		if err != nil {
			failed, into = errors.Join(failed, fmt.Errorf("filling %s: %w", e.Target, err)), nil
		}
		if into != nil {
			done = append(done, e.ID)
		}
		buckets[e.Target] = into
	}
	return done, failed
}

func put(ctx context.Context, into *bus.Bucket, e entry) error {
	if e.Payload == nil {
		return into.Delete(ctx, e.Key)
	}
	if e.Target == event.BucketConsent {
		_, err := bucket.PutConsent(ctx, into, e.Key, e.Payload)
		return err
	}
	_, err := into.Put(ctx, e.Key, e.Payload)
	return err
}

// tail is the ids at the end of CHANGE, when the stream may have forgotten that it holds them.
func (r *Relay) tail(ctx context.Context) (map[string]bool, error) {
	if r.now().Sub(r.trusted) < tailAfter {
		return nil, nil //nolint:nilnil // nothing to skip
	}
	first, last, err := r.bus.Bounds(ctx, event.StreamChange)
	if err != nil {
		return nil, fmt.Errorf("reading the end of %s: %w", event.StreamChange, err)
	}
	ids := make(map[string]bool, tailSize)
	for sequence := last; sequence >= first && sequence > 0 && last-sequence < tailSize; sequence-- {
		message, err := r.bus.ReadAt(ctx, event.StreamChange, sequence)
		if errors.Is(err, bus.ErrKeyNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the end of %s: %w", event.StreamChange, err)
		}
		ids[message.Header(event.HeaderID)] = true
	}
	return ids, nil
}
