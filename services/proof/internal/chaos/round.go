package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
	"github.com/galaxyco-ai/conversations/services/proof/internal/invariant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/traffic"
)

const (
	ruleQuiet      = "everything comes to rest"
	ruleEnds       = "every process ends when asked to"
	prepareTimeout = 2 * time.Minute
	healTimeout    = 2 * time.Minute
	checkTimeout   = 5 * time.Minute
	stopTimeout    = 2 * time.Minute
)

// Outcome is what a round showed.
type Outcome struct {
	Seed      uint64
	Directory string
	Took      time.Duration
	Faults    map[faultplan.Kind]int
	// Points counts the fault points that a process came to, Idle those armed for nothing.
	Points map[string]int
	Idle   int
	// Restarts is how often a process was started again that had died.
	Restarts int
	// Operations counts by kind and outcome what the load did.
	Operations map[string]int
	// Before and After are what each process held before the load and after the quiet.
	Before, After holding
	invariant.Report
}

// round is one system, its load and its faults.
type round struct {
	cfg      Config
	outcome  Outcome
	cluster  *cluster.Cluster
	keeper   *keeper
	injector *injector
	driver   *traffic.Driver
	recorder *history.Recorder
	say      func(format string, arguments ...any)
}

// run goes through a round. An error means that it could not be carried out, not that an invariant did not hold.
func (r *round) run(ctx context.Context, binaries string) (err error) {
	begun := time.Now()
	defer func() { r.outcome.Took = time.Since(begun) }()
	journal, err := r.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.recorder.Err(), journal.Close()) }()
	r.cluster, err = cluster.Start(ctx, cluster.Config{
		Binaries: binaries, Directory: r.outcome.Directory, Copies: r.cfg.copies(), Env: r.cfg.environment(), Proxied: true,
		Logger: r.cfg.Logger,
	})
	if err != nil {
		return fmt.Errorf("starting the system: %w", err)
	}
	defer func() { err = errors.Join(err, r.end(ctx)) }()
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := r.load(ctx); err != nil {
		return err
	}
	if err := r.heal(ctx); err != nil {
		return err
	}
	r.say("load over, everything healed; waiting until nothing moves")
	if err := r.quiet(ctx); err != nil {
		return err
	}
	return r.check(ctx)
}

func (r *round) open() (*os.File, error) {
	if err := os.MkdirAll(r.outcome.Directory, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder of the round: %w", err)
	}
	journal, err := os.Create(filepath.Join(r.outcome.Directory, "history.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("making the history: %w", err)
	}
	r.recorder = history.NewRecorder(journal)
	return journal, nil
}

// prepare signs the workspaces up and notes what the processes hold.
func (r *round) prepare(ctx context.Context) error {
	var err error
	r.driver, err = traffic.New(traffic.Config{
		Gateway: r.cluster.Gateway(), Sandbox: r.cluster.Sandbox(), Workspaces: r.cfg.Workspaces, Rate: r.cfg.Rate,
		Seed: r.outcome.Seed, Sockets: r.cfg.Sockets, NATSURL: r.cluster.NATSURL(), DatabaseURL: r.cluster.DatabaseURL(),
		Logger: r.cfg.Logger,
	}, r.recorder)
	if err != nil {
		return fmt.Errorf("making the load: %w", err)
	}
	preparing, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	if err := r.driver.Prepare(preparing); err != nil {
		return fmt.Errorf("preparing the load: %w", err)
	}
	if r.outcome.Before, err = hold(ctx, r.cluster.Processes()); err != nil {
		return err
	}
	r.keeper = newKeeper(r.cluster.Processes(), r.cfg.Logger)
	r.injector = &injector{
		cluster: r.cluster, keeper: r.keeper, sandbox: &sandbox{base: r.cluster.Sandbox()}, record: r.recorder, say: r.say,
		done: map[faultplan.Kind]int{}, hit: map[string]int{},
	}
	return nil
}

// load drives the load while the plan is carried out.
func (r *round) load(ctx context.Context) error {
	var names []string
	for _, p := range r.cluster.Processes() {
		names = append(names, p.String())
	}
	plan := faultplan.New(faultplan.Config{
		Seed: r.outcome.Seed, Duration: r.cfg.Duration, Kinds: r.cfg.Kinds, Processes: names, Points: r.cfg.points(),
	})
	keeping, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { r.keeper.run(keeping) })
	defer beside.Wait()
	defer stop()
	loading, cancel := context.WithTimeout(ctx, r.cfg.Duration)
	defer cancel()
	var harmed, driven error
	beside.Go(func() { driven = r.driver.Run(loading) })
	harmed = r.injector.carryOut(ctx, plan)
	<-loading.Done()
	stop()
	beside.Wait()
	r.outcome.Faults, r.outcome.Points, r.outcome.Idle = r.injector.done, r.injector.hit, r.injector.idle
	r.outcome.Restarts = r.keeper.started()
	return errors.Join(harmed, driven, ctx.Err())
}

// heal puts everything right and waits until all of it is ready. Each fault has ended by itself; what died meanwhile
// is started.
func (r *round) heal(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healTimeout)
	defer cancel()
	keeping, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { r.keeper.run(keeping) })
	defer beside.Wait()
	defer stop()
	for _, p := range r.cluster.Processes() {
		for err := p.Ready(ctx); err != nil; err = p.Ready(ctx) {
			if !errors.Is(err, cluster.ErrExited) || !pause(ctx, keepEvery) {
				return fmt.Errorf("healing: %w", err)
			}
		}
	}
	return nil
}

// quiet waits until nothing moves. That something still does is what the round shows, not a failure to carry it out.
func (r *round) quiet(ctx context.Context) error {
	quieting, cancel := context.WithTimeout(ctx, r.cfg.Quiet)
	defer cancel()
	r.outcome.Checked = map[string]int{}
	r.found(ruleQuiet, 1)
	if err := r.driver.Quiet(quieting); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("waiting until nothing moves: %w", err)
		}
		r.found(ruleQuiet, 0, invariant.Violation{Subject: "the system", Detail: err.Error()})
	}
	return nil
}

// found adds what was looked at and what did not hold to what the round showed.
func (r *round) found(rule string, checked int, violations ...invariant.Violation) {
	r.outcome.Checked[rule] += checked
	for _, v := range violations {
		v.Invariant = rule
		r.outcome.Violations = append(r.outcome.Violations, v)
	}
}

// check checks every invariant.
func (r *round) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	told := r.recorder.History()
	r.outcome.Operations = operations(told)
	report, err := invariant.Check(ctx, invariant.World{
		Gateway: r.cluster.Gateway(), Sandbox: r.cluster.Sandbox(), NATSURL: r.cluster.NATSURL(),
		DatabaseURL: r.cluster.DatabaseURL(), History: told,
	})
	if err != nil {
		return fmt.Errorf("checking the invariants: %w", err)
	}
	r.outcome.Unknown = report.Unknown
	maps.Copy(r.outcome.Checked, report.Checked)
	r.outcome.Violations = append(r.outcome.Violations, report.Violations...)

	processes := r.cluster.Processes()
	after, grown, err := shrunk(ctx, processes, r.outcome.Before)
	if err != nil {
		return err
	}
	r.outcome.After = after
	r.found(ruleGrowth, len(processes))
	for _, detail := range grown {
		r.found(ruleGrowth, 0, invariant.Violation{Subject: "a process", Detail: detail})
	}
	return nil
}

// end stops the system and looks through the logs.
func (r *round) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	processes := r.cluster.Processes()
	if r.outcome.Checked == nil {
		r.outcome.Checked = map[string]int{}
	}
	r.found(ruleEnds, len(processes))
	if r.injector != nil {
		r.found(ruleEnds, r.injector.done[faultplan.Restart], r.injector.stuck...)
	}
	if err := r.cluster.Stop(ctx); err != nil {
		r.found(ruleEnds, 0, invariant.Violation{Subject: "a process", Detail: err.Error()})
	}
	told, err := panics(processes)
	if err != nil {
		return err
	}
	r.found(rulePanics, len(processes))
	for _, story := range told {
		r.found(rulePanics, 0, invariant.Violation{Subject: "a process", Detail: story[0], Story: story})
	}
	return nil
}

// operations counts what the load did.
func operations(told *history.History) map[string]int {
	count := map[string]int{}
	for _, one := range told.Records(history.Send, history.Inbound, history.Call, history.Update, history.Read, history.Connect) {
		count[string(one.Kind)+" "+string(one.Outcome)]++
	}
	return count
}
