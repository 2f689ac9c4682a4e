package project

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	// maxBatch is where unnest stops getting faster.
	maxBatch = 500
	// maxChunk bounds the payloads of one transaction, in bytes: a webhook may hold megabytes.
	maxChunk = 16 << 20
	// maxHeld bounds what a consumer has in its hands, in messages.
	maxHeld = 2000
	// workers is how many batches of a stream are written at once. While they are, what comes gathers: more workers take
	// fewer messages each, and every transaction has its price. It divides the number of lanes, so that no two workers of
	// a process wait for the same one.
	workers = 2
	// batchTime bounds one transaction, its wait for the lane included.
	batchTime = time.Minute
	// ackWait is how soon another process takes over what one that died was working on.
	ackWait = 5 * time.Second
	// unavailableWait is the pause before a batch is tried again on a database that is away.
	unavailableWait = time.Second
)

// Projector carries the three streams into the database.
type Projector struct {
	db      *postgres.DB
	bus     *bus.Bus
	windows Windows
	changed func()
	used    func([]workspace.ID)
	logger  *slog.Logger
	now     func() time.Time
}

// New makes a projector; changed is called after each commit that wrote facts.
func New(db *postgres.DB, b *bus.Bus, windows Windows, changed func(), logger *slog.Logger) *Projector {
	return &Projector{
		db: db, bus: b, windows: windows, changed: changed, used: func([]workspace.ID) {}, logger: logger, now: time.Now,
	}
}

// OnUse sets who is told, after the commit, whose usage may have changed. It is called before Run.
func (p *Projector) OnUse(used func([]workspace.ID)) { p.used = used }

// Run consumes until ctx is done and what was under way is finished.
func (p *Projector) Run(ctx context.Context) error {
	consumers := []struct {
		stream, durable string
		handle          func(ctx context.Context, lane int, batch []*bus.Message) error
	}{
		{event.StreamSend, event.DurableStoreSend, p.project((*work).addSend)},
		{event.StreamInbound, event.DurableStoreInbound, p.project((*work).addInbound)},
		{event.StreamReceipt, event.DurableStoreReceipt, p.project((*work).addReceipt)},
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range consumers {
		spec := bus.ConsumerSpec{
			Stream: c.stream, Durable: c.durable, Service: event.ServiceStore, MaxBatch: maxBatch, AckWait: ackWait,
			MaxAckPending: maxHeld,
		}
		group.Go(func() error {
			if err := p.bus.ConsumeBatches(ctx, spec, workers, c.handle); err != nil {
				return fmt.Errorf("consuming %s: %w", c.stream, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// project is the handler of a stream: what add reads of each message becomes rows, a chunk at a time.
func (p *Projector) project(
	add func(w *work, m *bus.Message) error,
) func(ctx context.Context, lane int, batch []*bus.Message) error {
	return func(ctx context.Context, _ int, batch []*bus.Message) error {
		for chunk := range chunks(batch) {
			w := work{windows: p.windows}
			for _, m := range chunk {
				if err := add(&w, m); err != nil {
					return err
				}
			}
			if fault.Broken(fault.AckBeforeCommit) {
				acknowledge(chunk)
			}
			if err := p.commit(ctx, &w); err != nil {
				return err
			}
		}
		return nil
	}
}

// acknowledge gives a chunk up before it is kept, which only a build does that is broken on purpose.
func acknowledge(chunk []*bus.Message) {
	for _, m := range chunk {
		_ = m.Ack() // what gets lost is what the build is for
	}
}

// chunks cuts a batch where it gets too large for one statement.
func chunks(batch []*bus.Message) iter.Seq[[]*bus.Message] {
	return func(yield func([]*bus.Message) bool) {
		begin, size := 0, 0
		for i, m := range batch {
			if size += len(m.Payload()); size > maxChunk && i > begin {
				if !yield(batch[begin:i]) {
					return
				}
				begin, size = i, len(m.Payload())
			}
		}
		yield(batch[begin:])
	}
}

// commit writes the work and its facts in one transaction.
func (p *Projector) commit(ctx context.Context, w *work) error {
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	err := p.db.InWorkspaces(ctx, w.workspaces(), func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := w.apply(ctx, tx); err != nil {
			return err
		}
		fault.Point("store.before-commit")
		return nil
	})
	if err != nil {
		return verdict(err)
	}
	fault.Point("store.after-commit")
	p.changed()
	p.used(w.mayUse())
	return w.postpone()
}

// apply makes rows of the work: where each message belongs, the messages and what became of them, what follows from
// that, and the facts.
func (w *work) apply(ctx context.Context, tx postgres.ChangeTx) error {
	for _, settle := range []func(context.Context, postgres.ChangeTx) error{w.thread, w.unite} {
		if err := settle(ctx, tx); err != nil {
			return err
		}
	}
	done, err := w.write(ctx, tx)
	if err != nil {
		return err
	}
	for _, follow := range []func(context.Context, postgres.ChangeTx, *changes) error{
		w.mergeCalls, w.agree, w.openWindows, w.announce,
	} {
		if err := follow(ctx, tx, done); err != nil {
			return err
		}
	}
	return nil
}

// verdict tells the bus whether to wait, to give up or to try again.
func verdict(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case postgres.Unavailable(err):
		return bus.RetryAfter(err, unavailableWait)
	case postgres.Rejected(err):
		return bus.Permanent(err)
	default:
		return err
	}
}
