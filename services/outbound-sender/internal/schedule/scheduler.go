// Package schedule decides what is sent next: workspaces take turns, and within a workspace each conversation is a
// lane in which one message at a time is under way and nothing overtakes.
//
// A Scheduler is filled by Put and runs tasks in goroutines of its own, at most Workers at once. A task whose turn is
// not over stays at the head of its lane. Close gives back what has not begun and waits for what has.
package schedule

import (
	"context"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// Task is one message on its way out.
type Task interface {
	// Lane names the conversation.
	Lane() string
	// Sequence orders the tasks of a lane.
	Sequence() uint64
	// Size is how many bytes of memory it holds, about.
	Size() int
	// Run makes one step and says how it goes on. wake is for a Parked verdict: it is called once, from anywhere.
	Run(ctx context.Context, wake func()) Verdict
	// GiveBack returns a task that is not finished to the server. It is called once, when no Run is under way; the tasks
	// of a lane one after the other.
	GiveBack()
}

// Verdict is what a step of a task came to.
type Verdict struct {
	kind  kind
	after time.Duration
}

type kind int

const (
	finished kind = iota
	parked
	again
)

// Finished ends a task; the next one of its lane may go.
func Finished() Verdict { return Verdict{kind: finished} }

// Parked keeps the lane waiting until the task's wake is called.
func Parked() Verdict { return Verdict{kind: parked} }

// Again keeps the lane waiting for a while.
func Again(after time.Duration) Verdict { return Verdict{kind: again, after: after} }

// Counts tell how many messages are where.
type Counts struct {
	// Waiting is everything that is not finished; Running of these are in a step at this moment.
	Waiting, Running, Workspaces int
	// Bytes is the size of what is waiting.
	Bytes int
}

// Scheduler is safe for concurrent use.
type Scheduler struct {
	working context.Context //nolint:containedctx // every step runs in it, whoever started the step
	workers int
	reserve int

	mu      sync.Mutex
	closed  bool
	tenants map[workspace.ID]*tenant
	turn    []*tenant // tenants with a ready lane, in the order of their turns
	running int
	waiting int
	bytes   int
	steps   sync.WaitGroup
}

// New makes a scheduler of at most workers steps at once. The last quarter of them is kept for workspaces that have
// none under way, so that one whose provider hangs cannot take them all. Steps run in working.
func New(working context.Context, workers int) *Scheduler {
	return &Scheduler{
		working: working, workers: workers, reserve: workers / 4, tenants: map[workspace.ID]*tenant{},
	}
}

// Put adds a task to its lane, in the order of sequence behind the one under way. After Close it is given back.
func (s *Scheduler) Put(ws workspace.ID, task Task) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		task.GiveBack()
		return
	}
	defer s.mu.Unlock()
	t, known := s.tenants[ws]
	if !known {
		t = &tenant{id: ws, lanes: map[string]*lane{}}
		s.tenants[ws] = t
	}
	l, known := t.lanes[task.Lane()]
	if !known {
		l = &lane{tenant: t, name: task.Lane()}
		t.lanes[task.Lane()] = l
	}
	l.insert(task)
	t.waiting++
	t.bytes += task.Size()
	s.waiting++
	s.bytes += task.Size()
	if !known {
		s.makeReady(l)
	}
	s.dispatch()
}

// Waiting tells how many tasks of a workspace are not finished, and how many bytes they hold.
func (s *Scheduler) Waiting(ws workspace.ID) (tasks, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, known := s.tenants[ws]; known {
		return t.waiting, t.bytes
	}
	return 0, 0
}

// Counts tells how many messages are where.
func (s *Scheduler) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counts{Waiting: s.waiting, Running: s.running, Workspaces: len(s.tenants), Bytes: s.bytes}
}

// Close starts nothing more, waits for the steps under way and gives everything else back.
func (s *Scheduler) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.steps.Wait()
	var lanes sync.WaitGroup
	for _, t := range s.tenants {
		for _, l := range t.lanes {
			lanes.Go(l.giveBack)
		}
	}
	lanes.Wait()
}

// makeReady gives the lane a turn. The caller holds mu.
func (s *Scheduler) makeReady(l *lane) {
	l.state = ready
	l.tenant.ready = append(l.tenant.ready, l)
	if len(l.tenant.ready) == 1 {
		s.turn = append(s.turn, l.tenant)
	}
}

// dispatch starts steps while there are workers and ready lanes. The caller holds mu.
func (s *Scheduler) dispatch() {
	for !s.closed && s.running < s.workers {
		l := s.next()
		if l == nil {
			return
		}
		l.state, l.woken = inStep, false
		l.tenant.running++
		s.running++
		head := l.tasks[0]
		s.steps.Go(func() { s.step(l, head) })
	}
}

// next takes the lane whose turn it is, or nil. The caller holds mu.
func (s *Scheduler) next() *lane {
	onlyReserve := s.workers-s.running <= s.reserve
	for i, t := range s.turn {
		if onlyReserve && t.running > 0 {
			continue
		}
		l := t.ready[0]
		t.ready = t.ready[1:]
		s.turn = append(s.turn[:i], s.turn[i+1:]...)
		if len(t.ready) > 0 {
			s.turn = append(s.turn, t)
		}
		return l
	}
	return nil
}

// step runs the head of a lane once.
func (s *Scheduler) step(l *lane, head Task) {
	verdict := head.Run(s.working, sync.OnceFunc(func() { s.wake(l) }))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	l.tenant.running--
	switch {
	case verdict.kind == finished:
		s.pop(l)
	case verdict.kind == again:
		l.state = resting
		l.timer = time.AfterFunc(verdict.after, func() { s.wake(l) })
	case l.woken:
		s.makeReady(l)
	default:
		l.state = resting
	}
	s.dispatch()
}

// pop removes the finished head. The caller holds mu.
func (s *Scheduler) pop(l *lane) {
	size := l.tasks[0].Size()
	l.tasks[0] = nil // what is finished is not kept by the slice
	l.tasks = l.tasks[1:]
	l.tenant.waiting--
	l.tenant.bytes -= size
	s.bytes -= size
	s.waiting--
	if len(l.tasks) > 0 {
		s.makeReady(l)
		return
	}
	delete(l.tenant.lanes, l.name)
	if len(l.tenant.lanes) == 0 {
		delete(s.tenants, l.tenant.id)
	}
}

// wake gives a resting lane its turn again; a lane in a step is told after the step.
func (s *Scheduler) wake(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch l.state {
	case resting:
		s.makeReady(l)
		s.dispatch()
	case inStep:
		l.woken = true
	case ready:
	}
}
