// Package growth measures what a million messages more cost: lists, search, projection, sending and start-up with the
// database at several sizes, through the services as their users reach them.
//
// The messages lie in a thousand workspaces of unequal size and are loaded past the services, into the schema the store
// made, with ids like those the services derive. Questions are asked one at a time, so that their cost is their
// duration; each goes to a workspace chosen by its size, as its users would. Costs are compared with those at the first
// size of the same run.
package growth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

// bar is how many times dearer the largest size may be than the first.
const bar = 1.5

// publishTimeout lets a full disk queue take its time: what is published is not what is measured.
const publishTimeout = time.Minute

// Store is the conversation-store, which is stopped and started.
type Store interface {
	Start(ctx context.Context) error
	Ready(ctx context.Context) error
	Terminate(ctx context.Context) error
}

// Config says where to measure, and how much. What is 0 is as the bars want it. The gateway must not bound how often one
// key may ask.
type Config struct {
	tenant.Place

	Store Store
	// Workspaces share the messages of Sizes, which grow.
	Workspaces int
	Sizes      []int
	// Requests is how often each question is asked, Events how much is projected at each size.
	Requests, Events int
	Logger           *slog.Logger
}

// Sizes are those the bars speak of; the short measurement leaves the last one out.
func Sizes(short bool) []int {
	sizes := []int{100_000, 1_000_000}
	if short {
		return sizes
	}
	return append(sizes, 5_000_000)
}

func (c Config) withDefaults() Config {
	for value, usual := range map[*int]int{&c.Workspaces: 1000, &c.Requests: 1000, &c.Events: 20_000} {
		if *value == 0 {
			*value = usual
		}
	}
	if len(c.Sizes) == 0 {
		c.Sizes = Sizes(false)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// bench is one measurement.
type bench struct {
	cfg    Config
	bus    *bus.Bus
	loader *loader
	pick   *picker
}

// Measure grows the database from size to size and measures at each. What it loaded stays.
func Measure(ctx context.Context, cfg Config) ([]report.Figure, error) {
	cfg = cfg.withDefaults()
	if cfg.Store == nil {
		return nil, errors.New("the store that is to be started is missing")
	}
	workspaces, err := tenant.Fill(ctx, cfg.Place, cfg.Workspaces)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, cfg.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	connected, err := bus.Connect(ctx, bus.Config{URL: cfg.NATSURL, Name: "bench", PublishTimeout: publishTimeout})
	if err != nil {
		return nil, fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	b := &bench{cfg: cfg, bus: connected, loader: &loader{
		conn: conn, workspaces: workspaces, held: make([]int, len(workspaces)), logger: cfg.Logger,
	}}
	return b.measure(ctx)
}

func (b *bench) measure(ctx context.Context) ([]report.Figure, error) {
	costs := newCurve(b.cfg.Sizes[len(b.cfg.Sizes)-1])
	for _, size := range b.cfg.Sizes {
		b.cfg.Logger.InfoContext(ctx, "growth: loading", slog.Int("messages", size))
		if err := b.loader.grow(ctx, size); err != nil {
			return nil, err
		}
		b.pick = newPicker(b.loader)
		b.cfg.Logger.InfoContext(ctx, "growth: measuring", slog.Int("messages", size))
		for _, measure := range []func(context.Context, *curve, int) error{
			b.startUp, b.list, b.listLargest, b.search, b.searchFrequent, b.send, b.projection,
		} {
			if err := measure(ctx, costs, size); err != nil {
				return costs.figures(), err
			}
		}
	}
	return costs.figures(), nil
}
