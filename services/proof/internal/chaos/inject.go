package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
	"github.com/galaxyco-ai/conversations/services/proof/internal/invariant"
)

const (
	endTimeout   = 45 * time.Second
	startTimeout = time.Minute
	queryDelay   = 40 * time.Millisecond

	pointAck  = "bus.ack"
	pointBlob = "blob.write"

	actionError = "error"
)

// injector does to a cluster what a plan says.
type injector struct {
	cluster *cluster.Cluster
	keeper  *keeper
	sandbox *sandbox
	record  *history.Recorder
	say     func(format string, arguments ...any)

	// nats, postgres and provider each suffer one thing at a time, however long it takes.
	nats, postgres, provider sync.Mutex

	mu   sync.Mutex
	done map[faultplan.Kind]int
	// hit counts the points that a process came to, idle those that none did.
	hit  map[string]int
	idle int
	// stuck are the processes that did not end when asked to.
	stuck []invariant.Violation
}

// carryOut does what the plan says at the instants it says, and returns when everything is over.
func (i *injector) carryOut(ctx context.Context, plan []faultplan.Fault) error {
	begun := time.Now()
	failed := make(chan error, len(plan))
	var underWay sync.WaitGroup
	for _, f := range plan {
		if !pause(ctx, time.Until(begun.Add(f.At))) {
			break
		}
		underWay.Go(func() {
			i.say("%7.1fs  %s", time.Since(begun).Seconds(), f)
			i.record.Add(history.Record{Kind: history.Fault, Name: string(f.Kind), Detail: f.String()})
			if err := i.do(ctx, f); err != nil {
				failed <- fmt.Errorf("%s: %w", f, err)
			}
			i.mu.Lock()
			defer i.mu.Unlock()
			i.done[f.Kind]++
		})
	}
	underWay.Wait()
	close(failed)
	var problems []error
	for err := range failed {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// way is how a kind of fault is carried out.
type way struct {
	// part is what suffers one thing at a time, however long it takes; nil where several may happen at once.
	part *sync.Mutex
	do   func(ctx context.Context, f faultplan.Fault) error
}

func (i *injector) ways() map[faultplan.Kind]way {
	all := map[faultplan.Kind]way{
		faultplan.Kill:         {nil, i.harm((*injector).kill)},
		faultplan.Pause:        {nil, i.harm((*injector).hinder)},
		faultplan.Restart:      {nil, i.harm((*injector).restart)},
		faultplan.NATSKill:     {&i.nats, i.killNATS},
		faultplan.NATSCut:      {&i.nats, i.cutNATS},
		faultplan.PostgresStop: {&i.postgres, i.stopPostgres},
		faultplan.PostgresKill: {&i.postgres, i.stopPostgres},
		faultplan.PostgresSlow: {&i.postgres, i.slowPostgres},
		faultplan.PostgresCut:  {&i.postgres, i.cutPostgres},
		faultplan.Point: {nil, func(ctx context.Context, f faultplan.Fault) error {
			return i.arm(ctx, f.Target, f.Action, f.For)
		}},
		faultplan.AckLost: {nil, func(ctx context.Context, f faultplan.Fault) error {
			return i.arm(ctx, pointAck, actionError, f.For)
		}},
		faultplan.BlobFull: {nil, func(ctx context.Context, f faultplan.Fault) error {
			return i.arm(ctx, pointBlob, actionError, f.For)
		}},
	}
	for kind, wanted := range misbehaviours() {
		all[kind] = way{&i.provider, func(ctx context.Context, f faultplan.Fault) error {
			return i.misbehave(ctx, wanted, f.For)
		}}
	}
	return all
}

func (i *injector) do(ctx context.Context, f faultplan.Fault) error {
	way, known := i.ways()[f.Kind]
	if !known {
		return errors.New("there is no such fault")
	}
	if way.part != nil {
		way.part.Lock()
		defer way.part.Unlock()
	}
	return way.do(ctx, f)
}

// harm does something to a copy of a service, which nobody else starts meanwhile.
func (i *injector) harm(
	do func(i *injector, ctx context.Context, p *cluster.Process, lasts time.Duration) error,
) func(ctx context.Context, f faultplan.Fault) error {
	return func(ctx context.Context, f faultplan.Fault) error {
		for _, p := range i.cluster.Processes() {
			if p.String() != f.Target {
				continue
			}
			defer i.keeper.hold(p)()
			return do(i, ctx, p, f.For)
		}
		return errors.New("there is no such process")
	}
}

func (i *injector) kill(ctx context.Context, p *cluster.Process, lasts time.Duration) error {
	if err := p.Kill(); err != nil {
		return err
	}
	pause(ctx, lasts)
	return p.Start(ctx)
}

// hinder lets a process stand still; it may have died of something else.
func (i *injector) hinder(ctx context.Context, p *cluster.Process, lasts time.Duration) error {
	if err := p.Pause(); err != nil {
		return unlessGone(err)
	}
	pause(ctx, lasts)
	return unlessGone(p.Resume())
}

func (i *injector) restart(ctx context.Context, p *cluster.Process, _ time.Duration) error {
	ending, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	if err := p.Terminate(ending); err != nil {
		i.late(p, err)
	}
	return p.Start(ctx)
}

// late notes a process that did not end by itself.
func (i *injector) late(p *cluster.Process, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stuck = append(i.stuck, invariant.Violation{Subject: p.String(), Detail: err.Error()})
}

func unlessGone(err error) error {
	if errors.Is(err, cluster.ErrExited) {
		return nil
	}
	return err
}

func (i *injector) killNATS(ctx context.Context, f faultplan.Fault) error {
	if err := i.cluster.KillNATS(); err != nil {
		return err
	}
	pause(ctx, f.For)
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return i.cluster.StartNATS(starting)
}

func (i *injector) cutNATS(context.Context, faultplan.Fault) error {
	_, err := i.cluster.CutNATS()
	return err
}

func (i *injector) cutPostgres(context.Context, faultplan.Fault) error {
	_, err := i.cluster.CutPostgres()
	return err
}

func (i *injector) slowPostgres(ctx context.Context, f faultplan.Fault) error {
	if err := i.cluster.SlowPostgres(queryDelay); err != nil {
		return err
	}
	pause(ctx, f.For)
	return i.cluster.SlowPostgres(0)
}

// stopPostgres takes the database away, in one way or the other, and brings it back.
func (i *injector) stopPostgres(ctx context.Context, f faultplan.Fault) error {
	stop := func(context.Context) error { return i.cluster.KillPostgres() }
	if f.Kind == faultplan.PostgresStop {
		stop = i.cluster.StopPostgres
	}
	ending, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	if err := stop(ending); err != nil {
		return err
	}
	pause(ctx, f.For)
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return i.cluster.StartPostgres(starting)
}

// arm arms a point for a while.
func (i *injector) arm(ctx context.Context, point, action string, lasts time.Duration) error {
	if err := i.cluster.Arm(point, action); err != nil {
		return err
	}
	pause(ctx, lasts)
	left, err := i.cluster.Disarm(point)
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case !left:
		i.hit[point]++
	case action != actionError:
		i.idle++
	}
	return err
}

// misbehaviours are what all providers do wrong.
func misbehaviours() map[faultplan.Kind]rule {
	return map[faultplan.Kind]rule{
		faultplan.ProviderSlow:      {LatencyMS: 1500},
		faultplan.ProviderFails:     {FailWith: "503", Calls: "all"},
		faultplan.ProviderThrottle:  {RatePerSecond: 3},
		faultplan.ProviderDrops:     {DropResponses: true, Calls: "sends"},
		faultplan.CallbacksLost:     {DropCallbacks: true},
		faultplan.CallbacksDoubled:  {DuplicateCallbacks: true},
		faultplan.CallbacksShuffled: {ShuffleCallbacks: true},
	}
}

func (i *injector) misbehave(ctx context.Context, wanted rule, lasts time.Duration) error {
	if err := i.sandbox.put(ctx, wanted); err != nil {
		return err
	}
	pause(ctx, lasts)
	return i.sandbox.put(context.WithoutCancel(ctx), rule{})
}

// pause waits; it is false when ctx ends first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
