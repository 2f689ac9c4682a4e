package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/services/standalone/internal/demo"
)

const directoryMode = 0o755 // Postgres may run as another user and must pass through

// Run starts everything and returns when ctx has ended and everything has stopped.
func Run(ctx context.Context, cfg Config) error { return run(ctx, cfg, os.Stdout) }

func run(ctx context.Context, cfg Config, out io.Writer) error {
	started := time.Now()
	cfg.Defaults("standalone")
	directory, err := filepath.Abs(cfg.DataDirectory)
	if err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	cfg.DataDirectory = directory
	if err := os.MkdirAll(directory, directoryMode); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	backing, err := startBacking(ctx, cfg)
	if err != nil {
		return err
	}
	defer backing.stop(context.WithoutCancel(ctx))

	plan, err := newPlan(cfg, backing)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	plan.start(ctx, group)
	group.Go(func() error { return greet(ctx, cfg, plan, out, started) })
	group.Go(func() error { return backing.watch(ctx) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("running: %w", err)
	}
	return nil
}

// greet tells a person where to go, and seeds the demo workspace.
func greet(ctx context.Context, cfg Config, plan *plan, out io.Writer, started time.Time) error {
	if err := plan.awaitReady(ctx); err != nil {
		return err
	}
	lines := []string{
		"", fmt.Sprintf("  Conversations is ready after %s: %s", time.Since(started).Round(time.Millisecond), plan.gatewayURL),
	}
	if plan.sandboxURL != "" {
		lines = append(lines, "  Sandbox, where you are the customer: "+plan.sandboxURL)
	}
	if plan.sandboxURL != "" && cfg.Demo {
		if err := demo.Seed(ctx, plan.gatewayURL, plan.sandboxURL); err != nil {
			return fmt.Errorf("seeding the demo workspace: %w", err)
		}
		lines = append(lines, fmt.Sprintf("  Demo workspace: %s, password %q", demo.Email, demo.Password))
	}
	if _, err := fmt.Fprintln(out, strings.Join(lines, "\n")+"\n"); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	return nil
}
