// Command chaos runs the whole system under load, harms its parts by a plan made from a seed, and checks afterwards from
// outside that every guarantee held. It exits with 1 when one did not, and tells the seed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/proof/internal/chaos"
	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
)

const (
	exitFailed = 1
	exitUsage  = 2
	eachSwitch = "each"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal kills
	cfg, switches, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "chaos:", err)
		return exitUsage
	}
	if cfg.Directory == "" {
		if cfg.Directory, err = os.MkdirTemp("", "conversations-chaos-"); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "chaos:", err)
			return exitFailed
		}
	}
	for _, cfg.Broken = range switches {
		if err := chaos.Run(ctx, cfg); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "chaos:", err)
			return exitFailed
		}
		if cfg.Broken != "" {
			_, _ = fmt.Fprintln(os.Stdout, "noticed:", cfg.Broken)
		}
	}
	if !cfg.Keep {
		if err := os.RemoveAll(cfg.Directory); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "chaos:", err)
			return exitFailed
		}
	}
	return 0
}

// parse reads the flags. The switches are the guarantees to take away, one after the other; the empty one takes none.
func parse(arguments []string) (chaos.Config, []fault.Switch, error) {
	cfg := chaos.Config{Out: os.Stdout, Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	drawn := 1 + rand.Uint64N(1_000_000) //nolint:gosec // a seed is no secret
	flags.Uint64Var(&cfg.Seed, "seed", drawn, "what the load and the plan are made from")
	flags.IntVar(&cfg.Rounds, "rounds", 1, "systems to try, each with the next seed")
	flags.DurationVar(&cfg.Duration, "duration", 100*time.Second, "how long load and faults last")
	flags.DurationVar(&cfg.Quiet, "quiet", 4*time.Minute, "how long it may take until nothing moves")
	flags.Float64Var(&cfg.Rate, "rate", 40, "operations a second")
	flags.IntVar(&cfg.Workspaces, "workspaces", 4, "workspaces")
	flags.IntVar(&cfg.Sockets, "sockets", 2, "following clients a workspace")
	flags.IntVar(&cfg.Gateways, "gateways", 2, "copies of the gateway")
	faults := flags.String("faults", "on", "on, off, or kinds with commas")
	broken := flags.String("broken", "", "a guarantee to take away, or each; then the run must notice")
	flags.StringVar(&cfg.Directory, "directory", "", "where programs, data and logs go; empty makes one")
	flags.BoolVar(&cfg.Keep, "keep", false, "leave everything behind")
	if err := flags.Parse(arguments); err != nil {
		return cfg, nil, err //nolint:wrapcheck // the flags have said it
	}
	var err error
	if cfg.Kinds, err = faultplan.ParseKinds(*faults); err != nil {
		return cfg, nil, err
	}
	if flags.NArg() > 0 || cfg.Rate <= 0 || cfg.Workspaces < 1 || cfg.Gateways < 1 || cfg.Duration <= 0 || cfg.Quiet <= 0 {
		return cfg, nil, errors.New("the load needs a rate, a duration, a workspace and a gateway, and nothing beside the flags")
	}
	if *broken == eachSwitch {
		return cfg, fault.Switches(), nil
	}
	if *broken != "" && !slices.Contains(fault.Switches(), fault.Switch(*broken)) {
		return cfg, nil, fmt.Errorf("%q is none of %v", *broken, fault.Switches())
	}
	return cfg, []fault.Switch{fault.Switch(*broken)}, nil
}
