// Package throughput measures what the adapters carry: every provider and channel against its stand-in in the sandbox,
// beside a bare HTTP call of the same client to a server that does nothing.
package throughput

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// sendTimeout bounds one send.
const sendTimeout = 30 * time.Second

// Config says what to measure.
type Config struct {
	// Latencies are those of the provider, InFlight how many sends are under way at one time.
	Latencies []time.Duration
	InFlight  []int
	// Only limits the adapters to those whose name, provider and channel, contains one of these; empty takes all.
	Only []string
	// Each is how long one figure is measured; 0 measures one round of sends.
	Each time.Duration
}

// Row is one figure.
type Row struct {
	// Adapter is provider and channel; empty for the bare call.
	Adapter  string
	Latency  time.Duration
	InFlight int
	// PerSecond counts the sends that were taken.
	PerSecond float64
	// Most is how many calls were at the stand-in at one time.
	Most int
	// Calls is how many calls to the provider a send took.
	Calls float64
	// OfBare is PerSecond as a part of what the bare call did under the same conditions; 0 for the bare call itself.
	OfBare float64
	// Err is why a send failed; the other figures then mean nothing.
	Err error
}

// Measure measures every adapter under every condition.
func Measure(ctx context.Context, cfg Config) ([]Row, error) {
	most := 0
	for _, inFlight := range cfg.InFlight {
		most = max(most, inFlight)
	}
	client := sender.NewClient(most, sendTimeout, noop.NewTracerProvider())
	defer client.CloseIdleConnections()
	bare, err := startBare(ctx)
	if err != nil {
		return nil, err
	}
	defer bare.stop()
	var rows []Row
	for _, latency := range cfg.Latencies {
		for _, inFlight := range cfg.InFlight {
			measured, err := condition(ctx, cfg, client, bare, latency, inFlight)
			rows = append(rows, measured...)
			if err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// condition measures the bare call before and after the adapters: the machine may have other things to do in between.
func condition(
	ctx context.Context, cfg Config, client *http.Client, bare *bare, latency time.Duration, inFlight int,
) ([]Row, error) {
	before, err := bare.measure(ctx, cfg, client, latency, inFlight)
	if err != nil {
		return nil, err
	}
	rows, err := adapters(ctx, cfg, client, latency, inFlight)
	if err != nil {
		return nil, err
	}
	after, err := bare.measure(ctx, cfg, client, latency, inFlight)
	if err != nil {
		return nil, err
	}
	ceiling := (before + after) / 2
	for i := range rows {
		rows[i].OfBare = rows[i].PerSecond / ceiling
	}
	return append([]Row{{Latency: latency, InFlight: inFlight, PerSecond: ceiling, Most: inFlight, Calls: 1}}, rows...), nil
}

// drive keeps inFlight sends under way for a while, and tells how many were made a second. The first round, which opens
// the connections, does not count. Each send gets the number of its worker.
func drive(
	ctx context.Context, inFlight int, each time.Duration, send func(ctx context.Context, worker int) error,
) (float64, error) {
	if each > 0 {
		if _, err := round(ctx, inFlight, time.Time{}, send); err != nil {
			return 0, err
		}
	}
	begun := time.Now()
	made, err := round(ctx, inFlight, begun.Add(each), send)
	return float64(made) / time.Since(begun).Seconds(), err
}

// round lets every worker send until the instant, and once at least. It returns the first error.
func round(
	ctx context.Context, inFlight int, until time.Time, send func(ctx context.Context, worker int) error,
) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var made atomic.Int64
	var workers sync.WaitGroup
	for worker := range inFlight {
		workers.Go(func() {
			for {
				if err := send(ctx, worker); err != nil {
					cancel(fmt.Errorf("sending: %w", err))
					return
				}
				made.Add(1)
				if ctx.Err() != nil || !time.Now().Before(until) {
					return
				}
			}
		})
	}
	workers.Wait()
	return made.Load(), context.Cause(ctx)
}
