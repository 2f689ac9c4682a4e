package project

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	// maxBatch is where unnest stops getting faster.
	maxBatch = 500
	// ackWait is how soon another process takes over what one that died was working on.
	ackWait = 5 * time.Second
	// unavailableWait is the pause before a batch is tried again on a database that is away.
	unavailableWait = time.Second
)

// Projector carries the three streams into the database.
type Projector struct {
	db      *postgres.DB
	bus     *bus.Bus
	changed func()
	logger  *slog.Logger
	now     func() time.Time
}

// New makes a projector; changed is called after each commit that wrote facts.
func New(db *postgres.DB, b *bus.Bus, changed func(), logger *slog.Logger) *Projector {
	return &Projector{db: db, bus: b, changed: changed, logger: logger, now: time.Now}
}

// Run consumes until ctx is done and what was under way is finished.
func (p *Projector) Run(ctx context.Context) error {
	consumers := []struct {
		stream, durable string
		handle          func(ctx context.Context, lane int, batch []*bus.Message) error
	}{
		{event.StreamSend, event.DurableStoreSend, p.send},
		{event.StreamInbound, event.DurableStoreInbound, p.inbound},
		{event.StreamReceipt, event.DurableStoreReceipt, p.receipt},
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range consumers {
		spec := bus.ConsumerSpec{
			Stream: c.stream, Durable: c.durable, Service: event.ServiceStore, MaxBatch: maxBatch, AckWait: ackWait,
		}
		group.Go(func() error {
			if err := p.bus.ConsumeBatches(ctx, spec, postgres.Lanes, c.handle); err != nil {
				return fmt.Errorf("consuming %s: %w", c.stream, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (p *Projector) send(ctx context.Context, _ int, batch []*bus.Message) error {
	var w work
	for _, m := range batch {
		if err := w.addSend(m); err != nil {
			return err
		}
	}
	return p.commit(ctx, &w)
}

func (p *Projector) inbound(ctx context.Context, _ int, batch []*bus.Message) error {
	var w work
	for _, m := range batch {
		if err := w.addInbound(m); err != nil {
			return err
		}
	}
	return p.commit(ctx, &w)
}

func (p *Projector) receipt(ctx context.Context, _ int, batch []*bus.Message) error {
	var w work
	for _, m := range batch {
		if err := w.addReceipt(m); err != nil {
			return err
		}
	}
	return p.commit(ctx, &w)
}

// commit writes the work and its facts in one transaction.
func (p *Projector) commit(ctx context.Context, w *work) error {
	err := p.db.InWorkspaces(ctx, w.workspaces(), func(ctx context.Context, tx postgres.ChangeTx) error {
		if err := w.thread(ctx, tx); err != nil {
			return err
		}
		changes, err := w.write(ctx, tx)
		if err != nil {
			return err
		}
		if err := w.announce(ctx, tx, changes); err != nil {
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
	return w.postpone()
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
