// Package intake reads SEND into the scheduler. One durable consumer reads ahead for everybody. A workspace that has
// more waiting than its allowance is diverted: it gets a consumer of its own, read only as far as the allowance, and
// the main consumer acknowledges and skips its messages until that consumer is empty. So a flood stays in the stream,
// and the number of consumers follows the number of floods, not of workspaces.
package intake

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

// windowBytes bounds the memory of what the main consumer has in hand, allowanceBytes that of one workspace: a window of
// texts is little, one of mails is much.
const (
	windowBytes    = 256 << 20
	allowanceBytes = 16 << 20
)

// Config says how far to read ahead. Open makes a task of a message; it must not block.
type Config struct {
	Bus       *bus.Bus
	Scheduler *schedule.Scheduler
	Open      func(*bus.Message) schedule.Task
	// Window bounds what the main consumer has in hand, Allowance what one workspace has.
	Window, Allowance int
	// MaxDiverted bounds the consumers beside the main one.
	MaxDiverted int
	// CheckEvery is how often a diverted workspace is looked at, whether it may return.
	CheckEvery time.Duration
	Logger     *slog.Logger
}

// Intake is one session of reading: from taking the lease to losing it.
type Intake struct {
	cfg Config

	// mu is held while a message of the main consumer is placed and while a workspace returns to it, so that every
	// message is either placed or counted as pending of the workspace's own consumer.
	mu       sync.Mutex
	diverted map[workspace.ID]*diversion
	reached  uint64        // the main consumer has passed this sequence
	moved    chan struct{} // closed and replaced when reached grows
	// begin starts a diversion that ends with Run. The caller holds mu, or nobody else runs yet.
	begin func(*diversion)
}

// New makes an intake that has read nothing.
func New(cfg Config) *Intake {
	return &Intake{cfg: cfg, diverted: map[workspace.ID]*diversion{}, moved: make(chan struct{})}
}

// Run reads until ctx is done and everything it has read is settled. What an earlier process held comes again first.
func (in *Intake) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	in.begin = func(d *diversion) {
		reading, stop := context.WithCancel(ctx)
		d.stop = stop
		in.diverted[d.ws] = d
		group.Go(func() error {
			defer stop()
			return in.divert(reading, d)
		})
	}
	resumed := in.resume(ctx)
	group.Go(func() error {
		if resumed != nil {
			return resumed
		}
		return in.cfg.Bus.Pull(ctx, in.mainSpec(), in.place)
	})
	group.Go(func() error {
		in.watch(ctx)
		return nil
	})
	return group.Wait()
}

// Diverted tells how many workspaces have a consumer of their own.
func (in *Intake) Diverted() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.diverted)
}

func (in *Intake) mainSpec() bus.ConsumerSpec {
	return bus.ConsumerSpec{
		Stream: event.StreamSend, Durable: event.DurableSenderSend, Service: event.ServiceSender,
		MaxAckPending: in.cfg.Window, MaxBytes: windowBytes,
	}
}

// resume finds the consumers an earlier process left, and makes all of them deliver again what it held.
func (in *Intake) resume(ctx context.Context) error {
	if err := in.cfg.Bus.EnsureConsumer(ctx, in.mainSpec()); err != nil {
		return err
	}
	stream, err := in.cfg.Bus.JetStream().Stream(ctx, event.StreamSend)
	if err != nil {
		return fmt.Errorf("opening %s: %w", event.StreamSend, err)
	}
	floor := uint64(0)
	found := map[workspace.ID]uint64{}
	consumers := stream.ListConsumers(ctx)
	for info := range consumers.Info() {
		if info.Name == event.DurableSenderSend {
			floor = info.AckFloor.Stream
		}
		if ws, ok := event.DivertedWorkspace(info.Name); ok {
			found[ws] = info.Config.OptStartSeq
		}
	}
	if err := consumers.Err(); err != nil {
		return fmt.Errorf("listing the consumers of %s: %w", event.StreamSend, err)
	}
	if err := in.cfg.Bus.ResetConsumer(ctx, event.StreamSend, event.DurableSenderSend); err != nil {
		return err
	}
	in.reached = floor
	for ws, start := range found {
		if err := in.cfg.Bus.ResetConsumer(ctx, event.StreamSend, event.DurableSenderOf(ws)); err != nil {
			return err
		}
		in.begin(&diversion{ws: ws, start: start, ready: true})
	}
	return nil
}

// place puts a message of the main consumer where it belongs.
func (in *Intake) place(m *bus.Message) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.advance(m.Sequence())
	ws := m.Workspace()
	d, diverted := in.diverted[ws]
	switch {
	case diverted && m.Sequence() >= d.start:
		d.skip(m)
	case !diverted && in.floods(ws):
		d := &diversion{ws: ws, start: m.Sequence()}
		d.skip(m)
		in.begin(d)
	default:
		in.cfg.Scheduler.Put(ws, in.cfg.Open(m))
	}
}

// advance tells who waits for the main consumer to reach a sequence. The caller holds mu.
func (in *Intake) advance(sequence uint64) {
	if sequence <= in.reached {
		return
	}
	in.reached = sequence
	close(in.moved)
	in.moved = make(chan struct{})
}

// floods tells that a workspace has used up its allowance, which shrinks while what the main consumer may hold becomes
// scarce. The caller holds mu.
func (in *Intake) floods(ws workspace.ID) bool {
	if ws.IsZero() || len(in.diverted) >= in.cfg.MaxDiverted {
		return false
	}
	tasks, bytes := in.cfg.Allowance, allowanceBytes
	if all := in.cfg.Scheduler.Counts(); all.Waiting > in.cfg.Window/2 || all.Bytes > windowBytes/2 {
		tasks, bytes = max(1, tasks/8), bytes/8
	}
	waiting, held := in.cfg.Scheduler.Waiting(ws)
	return waiting >= tasks || held >= bytes
}
