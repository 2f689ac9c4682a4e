package intake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const createRetry = 200 * time.Millisecond

// diversion is a workspace with a consumer of its own, from a sequence on. Its fields are guarded by the mutex of the
// intake.
type diversion struct {
	ws    workspace.ID
	start uint64
	// ready tells that the consumer exists; until then skipped holds what the main consumer may not acknowledge yet.
	ready   bool
	skipped []*bus.Message
	stop    context.CancelFunc
}

// skip takes a message off the main consumer: the workspace's own one delivers it.
func (d *diversion) skip(m *bus.Message) {
	if d.ready {
		_ = m.Ack() // a lost acknowledgement brings it here again
		return
	}
	d.skipped = append(d.skipped, m)
}

func (in *Intake) divertedSpec(d *diversion) bus.ConsumerSpec {
	return bus.ConsumerSpec{
		Stream: event.StreamSend, Durable: event.DurableSenderOf(d.ws), Service: event.ServiceSender,
		Filters: []string{event.SendsOf(d.ws)}, StartSequence: d.start, MaxAckPending: in.cfg.Allowance,
		MaxBytes: allowanceBytes,
	}
}

// divert makes the consumer, lets the main one go past the workspace, and reads.
func (in *Intake) divert(ctx context.Context, d *diversion) error {
	spec := in.divertedSpec(d)
	for {
		err := in.cfg.Bus.EnsureConsumer(ctx, spec)
		if err == nil {
			break
		}
		in.cfg.Logger.WarnContext(ctx, "workspace not diverted yet", slog.String("workspace", d.ws.String()),
			slog.String("error", err.Error()))
		if !pause(ctx, createRetry) {
			in.giveBack(d)
			return nil
		}
	}
	in.settleSkipped(d)
	in.cfg.Logger.InfoContext(ctx, "workspace diverted", slog.String("workspace", d.ws.String()),
		slog.Uint64("from", d.start))
	if !in.await(ctx, d.start-1) {
		return nil
	}
	return in.cfg.Bus.Pull(ctx, spec, func(m *bus.Message) { in.cfg.Scheduler.Put(d.ws, in.cfg.Open(m)) })
}

func (in *Intake) settleSkipped(d *diversion) {
	in.mu.Lock()
	defer in.mu.Unlock()
	d.ready = true
	for _, m := range d.skipped {
		_ = m.Ack() // a lost acknowledgement brings it to skip again
	}
	d.skipped = nil
}

func (in *Intake) giveBack(d *diversion) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range d.skipped {
		_ = m.Retry(0) // comes again after the wait for an acknowledgement anyway
	}
	d.skipped = nil
}

// await waits until the main consumer has reached the sequence: what it delivers of the workspace goes first.
func (in *Intake) await(ctx context.Context, sequence uint64) bool {
	for {
		in.mu.Lock()
		reached, moved := in.reached, in.moved
		in.mu.Unlock()
		if reached >= sequence {
			return true
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

// watch lets diverted workspaces return when their own consumer has nothing left.
func (in *Intake) watch(ctx context.Context) {
	for pause(ctx, in.cfg.CheckEvery) {
		for _, d := range in.candidates() {
			if err := in.tryReturn(ctx, d); err != nil && ctx.Err() == nil {
				in.cfg.Logger.WarnContext(ctx, "diverted workspace not looked at",
					slog.String("workspace", d.ws.String()), slog.String("error", err.Error()))
			}
		}
	}
}

// candidates are the diversions whose workspace has nothing waiting here.
func (in *Intake) candidates() []*diversion {
	in.mu.Lock()
	defer in.mu.Unlock()
	var idle []*diversion
	for ws, d := range in.diverted {
		waiting, _ := in.cfg.Scheduler.Waiting(ws)
		if d.ready && waiting == 0 {
			idle = append(idle, d)
		}
	}
	return idle
}

// tryReturn ends a diversion whose consumer is empty. Nothing can be lost: while mu is held the main consumer places
// nothing, so what it has skipped is in the stream and would count as pending, and what comes later it places itself.
func (in *Intake) tryReturn(ctx context.Context, d *diversion) error {
	if empty, err := in.empty(ctx, d); err != nil || !empty {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if empty, err := in.empty(ctx, d); err != nil || !empty {
		return err
	}
	d.stop() // before its consumer goes, or it would be made again
	err := in.cfg.Bus.JetStream().DeleteConsumer(ctx, event.StreamSend, event.DurableSenderOf(d.ws))
	if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		in.begin(&diversion{ws: d.ws, start: d.start, ready: true}) // reads on
		return err
	}
	delete(in.diverted, d.ws)
	in.cfg.Logger.InfoContext(ctx, "workspace returned", slog.String("workspace", d.ws.String()))
	return nil
}

func (in *Intake) empty(ctx context.Context, d *diversion) (bool, error) {
	consumer, err := in.cfg.Bus.JetStream().Consumer(ctx, event.StreamSend, event.DurableSenderOf(d.ws))
	if err != nil {
		return false, err
	}
	info := consumer.CachedInfo()
	return info.NumPending == 0 && info.NumAckPending == 0, nil
}

func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
