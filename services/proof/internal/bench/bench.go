// Package bench measures what the system does in a second and how long it takes, each beside a ceiling: the same job
// done bare, in the same run, on the same machine, in turns, so that the noise of the machine meets both.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

// Durability is what a NATS server does before it acknowledges.
type Durability string

// The durabilities of a single server.
const (
	// Interval writes before it acknowledges, and every two minutes to the disk: a message survives the end of the
	// server, not a power cut.
	Interval Durability = "interval"
	// Always writes to the disk before it acknowledges.
	Always Durability = "always"
)

// jetStream is the block of the server's configuration.
func (d Durability) jetStream() string {
	limits := "max_memory_store: 64MB, max_file_store: 64GB"
	if d == Always {
		return "jetstream { " + limits + ", sync_interval: always }"
	}
	return "jetstream { " + limits + " }"
}

// title heads the figures taken with it.
func (d Durability) title() string {
	if d == Always {
		return "NATS syncs always"
	}
	return "NATS syncs every two minutes"
}

// Config says what to measure.
type Config struct {
	Durabilities []Durability
	// Only limits the measurements to those of these names; empty takes all.
	Only []string
	// Quick takes fewer and shorter rounds on less data: to see that everything runs.
	Quick bool
	// Short leaves the largest database out.
	Short bool
	// Binaries is a folder with the programs; empty builds them.
	Binaries string
	// Standalone is the program of everything in one process; empty leaves its memory and latency out.
	Standalone string
	// Profiles is a folder for profiles of the services under each load; empty takes none.
	Profiles string
	// Logger hears how it goes on.
	Logger *slog.Logger
}

// extent is how much is measured.
type extent struct {
	rounds        int
	each          time.Duration // one side of one round
	workspaces    int
	customers     int // of each workspace
	sockets       int
	latencyFor    time.Duration
	idleFor       time.Duration
	listAtOnce    int
	acceptAtOnce  int
	openPerSecond int
}

func (c Config) extent() extent {
	full := extent{
		rounds: 3, each: 3 * time.Second, workspaces: 1000, customers: 100, sockets: 1000, latencyFor: 10 * time.Second,
		idleFor: 15 * time.Second, listAtOnce: 32, acceptAtOnce: 64, openPerSecond: 500,
	}
	if !c.Quick {
		return full
	}
	full.rounds, full.each, full.workspaces, full.customers = 1, 2*time.Second, 100, 60
	full.sockets, full.latencyFor, full.idleFor = 200, 4*time.Second, 5*time.Second
	return full
}

// ErrNothing is returned when a configuration leaves nothing to measure.
var ErrNothing = errors.New("nothing to measure")

// measurement is one thing that is measured on a rig.
type measurement struct {
	name string
	// lasting tells that what NATS does with its disk makes a difference.
	lasting bool
	// named tells that it takes many minutes and is measured only when it is asked for by name.
	named bool
	run   func(ctx context.Context, r *rig) ([]report.Figure, error)
}

func measurements() []measurement {
	return []measurement{
		{"list", false, false, measureList},
		{"fan-out", false, false, measureFan},
		{"accept", true, false, measureAccept},
		{"commit", true, false, measureCommit},
		{"latency", true, false, measureLatency},
		{"send", true, false, measureSend},
		{"deliver", false, false, measureDeliver},
		{"fairness", true, true, measureFairness},
		{"growth", false, true, measureGrowth},
	}
}

// whole is the name of the measurement that needs no rig.
const whole = "whole"

// Names lists the measurements.
func Names() []string {
	names := make([]string, 0, len(measurements())+1)
	for _, m := range measurements() {
		names = append(names, m.name)
	}
	return append(names, whole)
}

func (c Config) wants(name string) bool { return len(c.Only) == 0 || slices.Contains(c.Only, name) }

// Run measures and returns the report, also when something failed: then as far as it got.
func Run(ctx context.Context, cfg Config) (*report.Report, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	made := report.Begin("bench")
	defer made.End()
	work, err := os.MkdirTemp("", "conversations-bench-")
	if err != nil {
		return made, fmt.Errorf("making a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := os.Chmod(work, 0o755); err != nil { //nolint:gosec // the database may run as another user
		return made, fmt.Errorf("opening the folder: %w", err)
	}
	if cfg.Binaries == "" {
		cfg.Binaries = filepath.Join(work, "bin")
		cfg.Logger.InfoContext(ctx, "building")
		if err := cluster.Build(ctx, cfg.Binaries); err != nil {
			return made, err
		}
	}
	for i, durability := range cfg.Durabilities {
		if err := cfg.onRig(ctx, made, durability, i == 0, filepath.Join(work, string(durability))); err != nil {
			return made, err
		}
	}
	if err := cfg.inOneProcess(ctx, made, filepath.Join(work, whole)); err != nil {
		return made, err
	}
	if len(made.Figures) == 0 {
		return made, ErrNothing
	}
	return made, nil
}

// inOneProcess measures everything in one process with each durability.
func (c Config) inOneProcess(ctx context.Context, made *report.Report, folder string) error {
	if c.Standalone == "" || !c.wants(whole) {
		return nil
	}
	for _, durability := range c.Durabilities {
		c.Logger.InfoContext(ctx, "measuring", slog.String("what", whole), slog.String("durability", string(durability)))
		figures, err := measureWhole(ctx, c, durability, filepath.Join(folder, string(durability)))
		made.Add(figures...)
		if err != nil {
			return err
		}
	}
	return nil
}

// onRig measures everything with one durability. What does not depend on it is measured with the first alone.
func (c Config) onRig(
	ctx context.Context, made *report.Report, durability Durability, isFirst bool, folder string,
) (err error) {
	wanted := slices.DeleteFunc(measurements(), func(m measurement) bool {
		return !c.wants(m.name) || !m.lasting && !isFirst || m.named && !slices.Contains(c.Only, m.name)
	})
	if len(wanted) == 0 {
		return nil
	}
	r, err := newRig(ctx, c, durability, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop(ctx)) }()
	for _, m := range wanted {
		if err := r.tidy(ctx); err != nil {
			return err
		}
		c.Logger.InfoContext(ctx, "measuring", slog.String("what", m.name), slog.String("durability", string(durability)))
		figures, err := m.run(ctx, r)
		for i := range figures {
			figures[i].Part = durability.title()
		}
		made.Add(figures...)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", m.name, err)
		}
	}
	return r.check(ctx)
}

// side is one of the two that are measured in turns.
type side func(ctx context.Context) (float64, error)

// alternate measures both sides so many times, in turns.
func alternate(ctx context.Context, rounds int, project, ceiling side) (values, ceilings []float64, err error) {
	for range rounds {
		value, err := project(ctx)
		if err != nil {
			return values, ceilings, fmt.Errorf("the project: %w", err)
		}
		values = append(values, value)
		best, err := ceiling(ctx)
		if err != nil {
			return values, ceilings, fmt.Errorf("the ceiling: %w", err)
		}
		ceilings = append(ceilings, best)
	}
	return values, ceilings, nil
}

// compare makes a figure of the medians of both sides.
func compare(ctx context.Context, rounds int, figure report.Figure, project, ceiling side) ([]report.Figure, error) {
	values, ceilings, err := alternate(ctx, rounds, project, ceiling)
	if err != nil {
		return nil, err
	}
	figure.Values, figure.Ceilings, figure.Value = values, ceilings, median(values)
	return []report.Figure{figure.Against(median(ceilings))}, nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Progress writes what is going on for a person.
func Progress(out io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}
