// Command soak uses the whole system evenly for a while, faults off, and tells whether any process grows: it prints the
// verdicts, writes the samples as soak.json and a chart as soak.svg, and exits with 1 when a service grew or nothing was
// accepted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.Float64Var(&o.minutes, "minutes", 60, "how long")                  //nolint:mnd // the usual
	flag.Float64Var(&o.rate, "rate", 40, "operations a second")             //nolint:mnd // the usual
	flag.IntVar(&o.workspaces, "workspaces", 10, "how many workspaces")     //nolint:mnd // the usual
	flag.DurationVar(&o.every, "every", 5*time.Second, "between two looks") //nolint:mnd // the usual
	flag.StringVar(&o.out, "out", "bin/soak", "folder for soak.json and soak.svg")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	grew, err := run(ctx, o, os.Stdout)
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "soak:", err)
	}
	if err != nil || grew {
		os.Exit(1)
	}
}
