package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
	"github.com/galaxyco-ai/conversations/services/proof/internal/soak"
	"github.com/galaxyco-ai/conversations/services/proof/internal/traffic"
)

const (
	stopTimeout = 2 * time.Minute
	folderMode  = 0o750
	seed        = 1
	sockets     = 2
)

// errIdle is returned when the load did not reach the system.
var errIdle = errors.New("nothing was accepted")

type options struct {
	minutes, rate float64
	workspaces    int
	every         time.Duration
	out           string
}

// run builds and starts the system, uses it, watches it, and tells whether a service grew.
func run(ctx context.Context, o options, out io.Writer) (grew bool, err error) {
	folder, err := os.MkdirTemp("", "conversations-soak-")
	if err != nil {
		return false, fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binaries := filepath.Join(folder, "programs")
	if err := cluster.Build(ctx, binaries); err != nil {
		return false, err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := cluster.Start(ctx, cluster.Config{
		Binaries: binaries, Directory: filepath.Join(folder, "system"), Logger: logger,
		Copies: map[string]int{event.ServiceSender: 2, event.ServiceStore: 2, event.ServiceWebhook: 2},
	})
	if err != nil {
		return false, err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err = errors.Join(err, c.Stop(stopping))
	}()
	result, err := use(ctx, o, c, logger)
	if err != nil {
		return false, err
	}
	if err := keep(o.out, result); err != nil {
		return false, err
	}
	if err := tell(out, o, result); err != nil {
		return false, err
	}
	if result.Accepted == 0 {
		return false, errIdle
	}
	return len(soak.Failed(result.Verdicts)) > 0, nil
}

// use drives the load and takes the samples.
func use(ctx context.Context, o options, c *cluster.Cluster, logger *slog.Logger) (soak.Result, error) {
	recorder := history.NewRecorder(nil)
	driver, err := traffic.New(traffic.Config{
		Gateway: c.Gateway(), Sandbox: c.Sandbox(), NATSURL: c.NATSURL(), DatabaseURL: c.DatabaseURL(),
		Workspaces: o.workspaces, Rate: o.rate, Seed: seed, Sockets: sockets, Logger: logger,
	}, recorder)
	if err != nil {
		return soak.Result{}, err
	}
	if err := driver.Prepare(ctx); err != nil {
		return soak.Result{}, err
	}
	result := soak.Result{Begun: time.Now().UTC(), Minutes: o.minutes, Rate: o.rate}
	during, cancel := context.WithTimeout(ctx, time.Duration(o.minutes*float64(time.Minute)))
	defer cancel()
	group, during := errgroup.WithContext(during)
	group.Go(func() error { return driver.Run(during) })
	group.Go(func() error {
		return soak.Watch(during, c, o.every, func(s soak.Sample) { result.Samples = append(result.Samples, s) })
	})
	if err := group.Wait(); err != nil {
		return soak.Result{}, err
	}
	for _, record := range recorder.History().Records(history.Send, history.Inbound, history.Update, history.Read) {
		switch record.Outcome {
		case history.Accepted:
			result.Accepted++
		case history.Failed, history.Refused:
			result.Failed++
		}
	}
	services := map[string]bool{}
	for _, p := range c.Processes() {
		services[p.String()] = true
	}
	result.Verdicts = soak.Judge(result.Samples, func(process string) bool { return services[process] })
	return result, nil
}

// keep writes samples and chart.
func keep(folder string, result soak.Result) error {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return fmt.Errorf("making the folder of the results: %w", err)
	}
	if err := result.WriteJSON(filepath.Join(folder, "soak.json")); err != nil {
		return err
	}
	chart, err := os.Create(filepath.Join(folder, "soak.svg")) //nolint:gosec // the folder the person asked for
	if err != nil {
		return fmt.Errorf("writing the chart: %w", err)
	}
	err = soak.WriteChart(chart, result.Samples)
	return errors.Join(err, chart.Close())
}

// tell prints the verdicts and where everything is.
func tell(to io.Writer, o options, result soak.Result) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0) //nolint:mnd // two spaces
	_, _ = fmt.Fprintln(table, "process\tmeasure\tline from\tto\thighest\tan hour\texplained\tverdict")
	for _, v := range result.Verdicts {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%.2f\t%s\n", v.Process, v.Measure, amount(v.Measure, v.Begin),
			amount(v.Measure, v.End), amount(v.Measure, v.Highest), amount(v.Measure, v.PerHour), v.Explained, verdictOf(v))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the verdicts: %w", err)
	}
	last := soak.Sample{}
	if len(result.Samples) > 0 {
		last = result.Samples[len(result.Samples)-1]
	}
	var streams []string
	for name, bytes := range last.Streams {
		streams = append(streams, fmt.Sprintf("%s %s", name, amount(soak.Memory, bytes)))
	}
	slices.Sort(streams)
	_, err := fmt.Fprintf(to, "streams at the end, which keep what passed until its time is over: %v\n"+
		"%d operations accepted, %d failed or refused, %g minutes, %d samples; see %s\n",
		streams, result.Accepted, result.Failed, result.Minutes, len(result.Samples), o.out)
	if err != nil {
		return fmt.Errorf("printing the verdicts: %w", err)
	}
	return nil
}

func amount(measure soak.Measure, value float64) string {
	if measure == soak.Memory {
		return fmt.Sprintf("%.1f MiB", value/(1<<20)) //nolint:mnd // bytes in a MiB
	}
	return fmt.Sprintf("%.1f", value)
}

func verdictOf(v soak.Verdict) string {
	switch {
	case v.Grows && v.Judged:
		return "GROWS"
	case v.Grows:
		return "grows, not judged"
	default:
		return "steady"
	}
}
