package traffic

import (
	"context"
	_ "embed" // for the query
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

//go:embed look.sql
var lookSQL string

const (
	glanceEvery = 500 * time.Millisecond
	// stillFor is how often in a row nothing may have moved.
	stillFor = 6
	// catchUp is how long a client that comes back after the load is given to read what it missed.
	catchUp = 3 * time.Second
)

// Quiet waits until nothing moves any more, or ctx ends. Sends whose answer is still missing are repeated first.
func (d *Driver) Quiet(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	var last glance
	for still := 0; still < stillFor; {
		d.hangUp(ctx)
		if err := d.sandbox.demand(ctx, http.MethodPost, "/api/callbacks/due", nil, nil); err != nil {
			d.cfg.Logger.WarnContext(ctx, "callbacks not hurried", slog.Any("err", err))
		}
		now, err := d.look(ctx)
		d.cfg.Logger.DebugContext(ctx, "looking whether anything moves", slog.Any("err", err), slog.String("seen", fmt.Sprintf("%+v", now)))
		if err == nil && now.calm() && now == last {
			still++
		} else {
			still = 0
		}
		last = now
		if !pause(ctx, glanceEvery) {
			return fmt.Errorf("waiting until nothing moves, last seen %+v: %w", last, errors.Join(ctx.Err(), err))
		}
	}
	d.record.Add(history.Record{Kind: history.Seen, Name: history.Quiet, Seq: last.change, Detail: fmt.Sprintf("%+v", last)})
	return d.resume(ctx)
}

// settle repeats the sends whose answer is missing until each has one.
func (d *Driver) settle(ctx context.Context) error {
	var group sync.WaitGroup
	for _, m := range d.unanswered() {
		group.Go(func() { d.send(ctx, m) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("waiting for the answers of sends: %w", ctx.Err())
	}
	return nil
}

func (d *Driver) unanswered() []*draft {
	d.mu.Lock()
	left := d.left
	d.left = nil
	d.mu.Unlock()
	for _, o := range d.offices {
		lanes := o.reserved
		for _, some := range o.lanes {
			lanes = append(slices.Clip(lanes), some...)
		}
		for _, l := range lanes {
			if m := l.unanswered(); m != nil {
				left = append(left, m)
			}
		}
	}
	return left
}

// leave keeps a send that was begun and not answered for later.
func (d *Driver) leave(m *draft) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = append(d.left, m)
}

// hangUp ends the calls that go on.
func (d *Driver) hangUp(ctx context.Context) {
	for _, one := range d.legs(ctx) {
		what := map[string]string{"ringing": "decline", "in_progress": "hang-up"}[one.State]
		if what != "" {
			_, _ = d.sandbox.call(ctx, http.MethodPost, "/api/calls/"+url.PathEscape(one.ID)+"/"+what, nil) // looked at again
		}
	}
}

// resume lets every client come back once more, so that it has the chance to see everything.
func (d *Driver) resume(ctx context.Context) error {
	var group sync.WaitGroup
	for _, o := range d.offices {
		for len(o.followers) > 0 {
			f := <-o.followers
			group.Go(func() {
				for !f.connect(ctx, catchUp) && pause(ctx, glanceEvery) {
				}
			})
		}
	}
	group.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("letting the clients catch up: %w", ctx.Err())
	}
	return nil
}

// glance is what can move.
type glance struct {
	journal, change uint64
	waiting         int
	live            int
	pending         uint64
	unacknowledged  int
	outbox          int
	statuses        string
	underWay        int
}

// calm tells that nothing is on its way. What a person must decide on may stay as it is.
func (g glance) calm() bool {
	return g.waiting == 0 && g.live == 0 && g.pending == 0 && g.unacknowledged == 0 && g.outbox == 0 && g.underWay == 0
}

func (d *Driver) look(ctx context.Context) (glance, error) {
	var seen glance
	var journal struct {
		Last    uint64
		Waiting int
	}
	if err := d.sandbox.demand(ctx, http.MethodGet, "/api/journal?after=18446744073709551615&limit=1", nil, &journal); err != nil {
		return seen, err
	}
	seen.journal, seen.waiting = journal.Last, journal.Waiting
	for _, one := range d.legs(ctx) {
		if slices.Contains([]string{"queued", "initiated", "ringing", "in_progress"}, one.State) {
			seen.live++
		}
	}
	if d.cfg.NATSURL != "" {
		if err := seen.lookAtStreams(ctx, d.cfg.NATSURL); err != nil {
			return seen, err
		}
	}
	if d.cfg.DatabaseURL != "" {
		return seen, seen.lookAtTables(ctx, d.cfg.DatabaseURL)
	}
	return seen, nil
}

func (g *glance) lookAtStreams(ctx context.Context, at string) error {
	connected, err := nats.Connect(at, nats.Timeout(5*time.Second))
	if err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	defer connected.Close()
	js, err := jetstream.New(connected)
	if err != nil {
		return fmt.Errorf("opening JetStream: %w", err)
	}
	for _, spec := range event.Streams() {
		stream, err := js.Stream(ctx, spec.Name)
		if err != nil {
			return fmt.Errorf("opening %s: %w", spec.Name, err)
		}
		if spec.Name == event.StreamChange {
			g.change = stream.CachedInfo().State.LastSeq
			continue // those who follow it keep no place in it
		}
		for info := range stream.ListConsumers(ctx).Info() {
			g.pending += info.NumPending
			g.unacknowledged += info.NumAckPending
		}
	}
	return nil
}

func (g *glance) lookAtTables(ctx context.Context, at string) error {
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return fmt.Errorf("connecting to Postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // only read from
	if err := conn.QueryRow(ctx, lookSQL).Scan(&g.outbox, &g.underWay, &g.statuses); err != nil {
		return fmt.Errorf("looking at the tables: %w", err)
	}
	return nil
}
