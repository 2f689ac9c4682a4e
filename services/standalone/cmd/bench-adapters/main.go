// Command bench-adapters measures how many messages a second each adapter hands to its provider's stand-in, and how
// many it has in flight, and prints a table. It exits with 1 when an adapter could not send.
//
//	bench-adapters [PART…]
//
// measures only the adapters whose name, provider and channel, contains one of the parts.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/galaxyco-ai/conversations/services/standalone/internal/throughput"
)

// each is how long one figure is measured.
const each = 2 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	rows, err := throughput.Measure(ctx, throughput.Config{
		Latencies: []time.Duration{0, 100 * time.Millisecond}, InFlight: []int{1, 16, 64}, Each: each, Only: os.Args[1:],
	})
	if err == nil {
		err = throughput.Print(os.Stdout, rows)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench-adapters:", err)
		os.Exit(1)
	}
}
