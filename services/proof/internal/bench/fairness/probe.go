package fairness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const (
	// probePeers is how many customers the other workspace writes to in turn.
	probePeers = 20
	// warmUp is how long the gateway may take to know a workspace that is new.
	warmUp     = 20 * time.Second
	warmUpStep = 100 * time.Millisecond
	timeout    = 30 * time.Second
)

// prober sends a message of one workspace at fixed instants, until it is told to stop.
type prober struct {
	bench  *bench
	from   tenant.Workspace
	marker string

	mu   sync.Mutex
	sent map[string]time.Time // by marker and number: when it was to be sent
}

func (b *bench) prober(from tenant.Workspace) *prober {
	return &prober{bench: b, from: from, marker: b.marker(), sent: map[string]time.Time{}}
}

// probeFor measures the waits of the workspace for cfg.Idle.
func (b *bench) probeFor(ctx context.Context, from tenant.Workspace) ([]time.Duration, error) {
	p := b.prober(from)
	if err := p.warm(ctx); err != nil {
		return nil, err
	}
	during, cancel := context.WithTimeout(ctx, b.cfg.Idle)
	defer cancel()
	if err := p.run(ctx, during.Done()); err != nil {
		return nil, err
	}
	return p.waits(ctx)
}

// both floods with one workspace, and meanwhile, until the flood has left, sends with the other.
func (b *bench) both(
	ctx context.Context, busy, other tenant.Workspace,
) (waits []time.Duration, rate float64, err error) {
	p, marker := b.prober(other), b.marker()
	flooding, over := context.WithCancel(ctx)
	defer over()
	group, grouped := errgroup.WithContext(ctx)
	group.Go(func() error { return p.run(grouped, flooding.Done()) })
	group.Go(func() error {
		defer over()
		if err := b.publish(grouped, []tenant.Workspace{busy}, marker, b.cfg.Flood); err != nil {
			return err
		}
		return b.left(grouped)
	})
	if err := group.Wait(); err != nil {
		return nil, 0, err
	}
	if rate, err = b.rate(ctx, marker, b.cfg.Flood); err != nil {
		return nil, 0, err
	}
	waits, err = p.waits(ctx)
	return waits, rate, err
}

// warm sends until the gateway takes it: it hears of a new workspace a moment later.
func (p *prober) warm(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, warmUp)
	defer cancel()
	for {
		err := p.send(ctx, "warm")
		if err == nil {
			return nil
		}
		select {
		case <-time.After(warmUpStep):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// run sends until stop is closed and every request is answered. A request that is late delays none of the others.
func (p *prober) run(ctx context.Context, stop <-chan struct{}) error {
	group, ctx := errgroup.WithContext(ctx)
	ticker := time.NewTicker(p.bench.cfg.Every)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case at := <-ticker.C:
			group.Go(func() error { return p.probe(ctx, n, at) })
		case <-ctx.Done():
			return group.Wait()
		case <-stop:
			return group.Wait()
		}
	}
}

func (p *prober) probe(ctx context.Context, n int, at time.Time) error {
	name := strconv.Itoa(n)
	p.mu.Lock()
	p.sent[p.marker+name] = at
	p.mu.Unlock()
	return p.send(ctx, name)
}

func (p *prober) send(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	number, _ := strconv.Atoi(name)
	err := call(ctx, http.MethodPost, p.bench.cfg.Gateway+"/api/communications", p.from.Key, map[string]string{
		"channel": "sms", "to": customer(probeCustomers, number%probePeers), "body": p.marker + name + " " + text,
	}, nil)
	if err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return nil
}

// waits are the times from the instants the messages were to be sent to their arrivals.
func (p *prober) waits(ctx context.Context) ([]time.Duration, error) {
	if err := p.bench.rest(ctx); err != nil {
		return nil, err
	}
	var waits []time.Duration
	for n := range probePeers {
		arrived, err := p.bench.provider.arrivals(ctx, customer(probeCustomers, n), p.marker)
		if err != nil {
			return nil, err
		}
		for marker, at := range arrived {
			if sent, known := p.sent[marker]; known {
				waits = append(waits, at.Sub(sent))
			}
		}
	}
	if len(waits) != len(p.sent) || len(waits) == 0 {
		return nil, fmt.Errorf("%d of %d messages reached the provider", len(waits), len(p.sent))
	}
	return waits, nil
}
