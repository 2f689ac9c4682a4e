// Command bench measures the project beside its ceilings and prints a table. It exits with 1 when a figure does not
// clear its bar or could not be taken.
//
//	bench -durable=both -standalone=bin/standalone -out=bin/bench.json
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
)

var (
	errMissed  = errors.New("a bar is missed")
	errDurable = errors.New("-durable is interval, always or both")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	if len(arguments) == 1 && arguments[0] == bare.Argument {
		return bare.Main(ctx, os.Stdin, os.Stdout)
	}
	cfg := bench.Config{Logger: bench.Progress(os.Stderr)}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	durable := flags.String("durable", "both", "what NATS does before it acknowledges: interval, always or both")
	only := flags.String("only", "", "measure only `these`, separated by commas: "+strings.Join(bench.Names(), ", "))
	out := flags.String("out", "bin/bench.json", "`file` for the figures as JSON")
	flags.BoolVar(&cfg.Quick, "quick", false, "short rounds on little data, to see that everything runs")
	flags.BoolVar(&cfg.Short, "short", false, "leave the database of 5 million messages out")
	flags.StringVar(&cfg.Standalone, "standalone", "", "`program` of everything in one process, whose memory and latency are measured")
	flags.StringVar(&cfg.Binaries, "binaries", "", "`folder` with the programs; without it they are built")
	flags.StringVar(&cfg.Profiles, "pprof", "", "`folder` for profiles of each service under its load")
	if err := flags.Parse(arguments); err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	if *only != "" {
		cfg.Only = strings.Split(*only, ",")
	}
	switch *durable {
	case "both":
		cfg.Durabilities = []bench.Durability{bench.Interval, bench.Always}
	case string(bench.Interval), string(bench.Always):
		cfg.Durabilities = []bench.Durability{bench.Durability(*durable)}
	default:
		return errDurable
	}
	made, err := bench.Run(ctx, cfg)
	if written := made.WriteJSON(*out); written != nil {
		return errors.Join(err, written)
	}
	if printed := made.Print(os.Stdout); printed != nil {
		return errors.Join(err, printed)
	}
	if err == nil && len(made.Missed()) > 0 {
		err = errMissed
	}
	return err
}
