package schedule_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
)

// script is a task that does what run says.
type script struct {
	lane     string
	sequence uint64
	run      func(ctx context.Context, wake func()) schedule.Verdict
	given    *log
}

func (s *script) Lane() string { return s.lane }

func (s *script) Sequence() uint64 { return s.sequence }

func (s *script) Size() int { return 10 }

func (s *script) Run(ctx context.Context, wake func()) schedule.Verdict { return s.run(ctx, wake) }

func (s *script) GiveBack() { s.given.add(fmt.Sprint("back ", s.lane, s.sequence)) }

type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// work is a task that takes a while and notes its end.
func work(l *log, lane string, sequence uint64, takes time.Duration) *script {
	return &script{lane: lane, sequence: sequence, given: l, run: func(context.Context, func()) schedule.Verdict {
		<-time.After(takes)
		l.add(fmt.Sprint(lane, sequence))
		return schedule.Finished()
	}}
}

func TestScheduler_LaneKeepsItsOrderThroughWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, l, ws := schedule.New(t.Context(), 4), &log{}, workspace.NewID()
		tries := 0
		s.Put(ws, &script{lane: "a", sequence: 1, given: l, run: func(_ context.Context, wake func()) schedule.Verdict {
			tries++
			switch tries {
			case 1:
				return schedule.Again(time.Minute)
			case 2:
				time.AfterFunc(time.Minute, wake)
				return schedule.Parked()
			case 3:
				wake() // before the step is over
				return schedule.Parked()
			}
			l.add("a1")
			return schedule.Finished()
		}})
		s.Put(ws, work(l, "a", 3, time.Second))
		s.Put(ws, work(l, "a", 2, time.Second))
		s.Put(ws, work(l, "b", 4, time.Second))
		tasks, bytes := s.Waiting(ws)
		require.Equal(t, []int{4, 40}, []int{tasks, bytes})
		<-time.After(time.Hour)
		require.Equal(t, []string{"b4", "a1", "a2", "a3"}, l.all())
		require.Equal(t, schedule.Counts{}, s.Counts())
		s.Close()
	})
}

func TestScheduler_WorkspacesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, l := schedule.New(t.Context(), 1), &log{}
		many, one := workspace.NewID(), workspace.NewID()
		for i := range uint64(100) {
			s.Put(many, work(l, fmt.Sprint("m", i, "-"), i, time.Second))
		}
		s.Put(one, work(l, "one", 100, time.Second))
		<-time.After(3 * time.Second)
		synctest.Wait()
		require.Contains(t, l.all()[:3], "one100")
		<-time.After(time.Hour)
		s.Close()
	})
}

func TestScheduler_AWorkspaceThatHangsLeavesWorkersForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, l := schedule.New(t.Context(), 8), &log{}
		hanging := workspace.NewID()
		for i := range uint64(100) {
			s.Put(hanging, work(l, fmt.Sprint("h", i, "-"), i, time.Hour))
		}
		require.Equal(t, 6, s.Counts().Running)
		begun := time.Now()
		for i := range uint64(20) {
			s.Put(workspace.NewID(), work(l, "quick", i, time.Second))
		}
		<-time.After(11 * time.Second)
		require.Len(t, l.all(), 20, "two at a time, %s", time.Since(begun))
		<-time.After(100 * time.Hour)
		s.Close()
	})
}

func TestScheduler_CloseWaitsForStepsAndGivesBackTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, l, ws := schedule.New(t.Context(), 4), &log{}, workspace.NewID()
		s.Put(ws, work(l, "a", 1, time.Second))
		s.Put(ws, work(l, "a", 2, time.Second))
		s.Close()
		s.Put(ws, work(l, "a", 3, time.Second))
		require.Equal(t, []string{"a1", "back a2", "back a3"}, l.all())
	})
}
