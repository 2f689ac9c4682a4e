// Package fairness measures what a busy workspace does to the others: how long a message of another takes from its
// request to the provider while 50,000 are waiting, what the busy one keeps of its rate, and what a thousand workspaces
// sending at once keep of the rate of one.
//
// The flood is published to SEND itself, as fast as the stream takes it from 64 at a time, with the events the gateway
// makes of requests: the harder case, for the gateway bounds how often one key may ask and most of it waits at once. The
// other workspace sends through the gateway, at fixed instants whether or not the last request was answered, and its
// latency counts from that instant to the arrival in the sandbox's log.
// The sandbox answers after a set time and calls nobody back, so that the sender is measured and not the stand-in; its
// own rate through the same adapter is a figure too.
package fairness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/sample"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

// The bars: what the other may wait (so many times idle, and so much), what the busy one keeps, what a crowd keeps.
const (
	barWaitTimes = 3
	barWaitMore  = 10 * time.Millisecond
	barBusy      = 0.7
	barCrowd     = 0.6
)

// publishing is how many events of a flood wait for the stream at one time, as of a gateway that has so many requests. The
// stream takes what it is given in the order it comes: thousands at a time would measure that queue.
const publishing = 64

// publishTimeout lets a full disk queue take its time: what is published is not what is measured.
const publishTimeout = time.Minute

const (
	p50 = 0.50
	p99 = 0.99
)

// Config says where to measure, and how much. What is 0 is as the bars want it.
type Config struct {
	tenant.Place

	Sandbox string
	// Flood is how many messages the busy workspace sends.
	Flood int
	// Every is the time between two messages of the other, Idle how long it is measured alone.
	Every, Idle time.Duration
	// Workspaces is how many send at once, Each how many messages each of them.
	Workspaces, Each int
	// Latency is how long the sandbox takes to answer.
	Latency time.Duration
	Logger  *slog.Logger
}

func (c Config) withDefaults() Config {
	for value, usual := range map[*int]int{&c.Flood: 50_000, &c.Workspaces: 1000, &c.Each: 20} {
		if *value == 0 {
			*value = usual
		}
	}
	for value, usual := range map[*time.Duration]time.Duration{
		&c.Every: 100 * time.Millisecond, &c.Idle: 30 * time.Second, &c.Latency: 5 * time.Millisecond,
	} {
		if *value == 0 {
			*value = usual
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// bench is one measurement.
type bench struct {
	cfg      Config
	bus      *bus.Bus
	provider *provider
	// run marks the messages of this measurement.
	run string
}

// Measure takes all figures, one after the other, each when the system has come to rest.
func Measure(ctx context.Context, cfg Config) ([]report.Figure, error) {
	cfg = cfg.withDefaults()
	workspaces, err := tenant.Fill(ctx, cfg.Place, max(2, cfg.Workspaces)) //nolint:mnd // the busy one and the other
	if err != nil {
		return nil, err
	}
	connected, err := bus.Connect(ctx, bus.Config{
		URL: cfg.NATSURL, Name: "bench", MaxInFlight: publishing, PublishTimeout: publishTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	b := &bench{
		cfg: cfg, bus: connected, provider: &provider{url: cfg.Sandbox}, run: "m-" + uuid.NewString()[:8] + "-",
	}
	if err := b.provider.behave(ctx, cfg.Latency); err != nil {
		return nil, err
	}
	figures, err := b.measure(ctx, workspaces)
	return figures, errors.Join(err, b.provider.behave(context.WithoutCancel(ctx), 0))
}

func (b *bench) measure(ctx context.Context, workspaces []tenant.Workspace) ([]report.Figure, error) {
	busy, other := workspaces[0], workspaces[1]
	if err := b.rest(ctx); err != nil {
		return nil, err
	}
	standIn, err := b.ceiling(ctx)
	if err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, "fairness: the other workspace alone")
	idle, err := b.probeFor(ctx, other)
	if err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, "fairness: the busy workspace alone")
	alone, err := b.flood(ctx, []tenant.Workspace{busy}, b.cfg.Flood)
	if err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, "fairness: both")
	flooded, meanwhile, err := b.both(ctx, busy, other)
	if err != nil {
		return nil, err
	}
	b.cfg.Logger.InfoContext(ctx, "fairness: all at once")
	crowd, err := b.flood(ctx, workspaces, b.cfg.Workspaces*b.cfg.Each)
	if err != nil {
		return nil, err
	}
	return b.figures(found{
		standIn: standIn, idle: idle, flooded: flooded, alone: alone, meanwhile: meanwhile, crowd: crowd,
	}), nil
}

// found is what was measured: rates in messages a second, and the waits of the other workspace.
type found struct {
	standIn, alone, meanwhile, crowd float64
	idle, flooded                    []time.Duration
}

func (b *bench) figures(f found) []report.Figure {
	idle, flooded := sample.Percentile(f.idle, p99), sample.Percentile(f.flooded, p99)
	waits := fmt.Sprintf("%d and %d messages, one each %s, from request to provider", len(f.idle), len(f.flooded), b.cfg.Every)
	const part = "fairness"
	figures := []report.Figure{
		{
			Name: "another workspace's message, idle p50", Unit: "ms", Value: sample.Milliseconds(sample.Percentile(f.idle, p50)),
			Note: waits,
		},
		{Name: "another workspace's message, idle p99", Unit: "ms", Value: sample.Milliseconds(idle)},
		report.Figure{
			Name: "another workspace's message, flooded p50", Unit: "ms",
			Value: sample.Milliseconds(sample.Percentile(f.flooded, p50)),
			Note:  fmt.Sprintf("%d of one workspace published to SEND at once; against idle", b.cfg.Flood),
		}.Against(sample.Milliseconds(sample.Percentile(f.idle, p50))),
		report.Figure{
			Name: "another workspace's message, flooded p99", Unit: "ms", Value: sample.Milliseconds(flooded),
			Bar: sample.Milliseconds(barWaitTimes*idle + barWaitMore), Rule: report.ValueAtMost,
			Note: "at most 3 times idle and 10 ms",
		}.Against(sample.Milliseconds(idle)),
		report.Figure{
			Name: "another workspace's message, flooded worst", Unit: "ms",
			Value: sample.Milliseconds(sample.Percentile(f.flooded, 1)),
		}.Against(sample.Milliseconds(sample.Percentile(f.idle, 1))),
		report.Figure{
			Name: "rate of the busy workspace meanwhile", Unit: "messages/s", Value: f.meanwhile,
			Bar: barBusy, Note: "against its rate alone",
		}.Against(f.alone),
		report.Figure{
			Name: fmt.Sprintf("rate of %d workspaces at once", b.cfg.Workspaces), Unit: "messages/s", Value: f.crowd,
			Bar: barCrowd, Note: "against one workspace alone",
		}.Against(f.alone),
		report.Figure{
			Name: "rate of one workspace alone", Unit: "messages/s", Value: f.alone,
			Note: fmt.Sprintf("against the sandbox alone through the same adapter, which answers after %s", b.cfg.Latency),
		}.Against(f.standIn),
	}
	for i := range figures {
		figures[i].Part = part
	}
	return figures
}
