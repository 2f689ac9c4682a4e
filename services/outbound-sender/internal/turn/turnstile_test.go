package turn_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/turn"
)

// counter counts how many are inside at one time.
type counter struct{ inside, most, done atomic.Int64 }

func (c *counter) step(takes time.Duration) func() error {
	return func() error {
		c.most.Store(max(c.most.Load(), c.inside.Add(1)))
		<-time.After(takes)
		c.inside.Add(-1)
		c.done.Add(1)
		return nil
	}
}

func TestTurnstile_NoMoreAreInsideThanThereArePlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turnstile, ws, c := turn.New(4), workspace.NewID(), &counter{}
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { require.NoError(t, turnstile.Do(t.Context(), ws, c.step(time.Second))) })
		}
		all.Wait()
		require.EqualValues(t, 4, c.most.Load())
		require.EqualValues(t, 100, c.done.Load())
	})
}

func TestTurnstile_AWorkspaceWaitsForOneStepOfABusyOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turnstile, busy, other := turn.New(1), workspace.NewID(), workspace.NewID()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { _ = turnstile.Do(t.Context(), busy, (&counter{}).step(time.Second)) })
		}
		synctest.Wait()
		begun := time.Now()
		require.NoError(t, turnstile.Do(t.Context(), other, func() error { return nil }))
		require.LessOrEqual(t, time.Since(begun), 2*time.Second, "the step under way, and the one that was next")
		all.Wait()
	})
}

func TestTurnstile_WhoGivesUpLeavesThePlaceToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turnstile, ws, c := turn.New(1), workspace.NewID(), &counter{}
		var all sync.WaitGroup
		all.Go(func() { require.NoError(t, turnstile.Do(t.Context(), ws, c.step(time.Minute))) })
		synctest.Wait()
		for range 3 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := turnstile.Do(ctx, ws, c.step(time.Minute))
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		}
		<-time.After(2 * time.Second)
		all.Go(func() { require.NoError(t, turnstile.Do(t.Context(), workspace.NewID(), c.step(time.Minute))) })
		all.Wait()
		require.EqualValues(t, 2, c.done.Load(), "who gave up made no step")
		require.NoError(t, turnstile.Do(t.Context(), ws, c.step(time.Second)), "no place was lost")
	})
}

func TestTurnstile_AStepThatFailsOrPanicsGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	turnstile, ws, failed := turn.New(1), workspace.NewID(), errors.New("failed")
	require.ErrorIs(t, turnstile.Do(t.Context(), ws, func() error { return failed }), failed)
	require.Panics(t, func() { _ = turnstile.Do(t.Context(), ws, func() error { panic("adapter") }) })
	require.NoError(t, turnstile.Do(t.Context(), ws, func() error { return nil }))
}

// drive makes steps by as many workers as the sender has, for so long; steps take what cost says for so many inside.
func drive(ctx context.Context, turnstile *turn.Turnstile, workers int, until time.Duration, cost func(inside int64) time.Duration) {
	var inside atomic.Int64
	begun := time.Now()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			ws := workspace.NewID()
			for time.Since(begun) < until {
				_ = turnstile.Do(ctx, ws, func() error {
					<-time.After(cost(inside.Add(1)))
					inside.Add(-1)
					return nil
				})
			}
		})
	}
	all.Wait()
}

func TestTurnstile_FindsOutHowManyPlacesThereShouldBe(t *testing.T) {
	t.Parallel()
	const workers = 64

	t.Run("few where steps only wait for one another", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			turnstile := turn.New(workers)
			queue := func(inside int64) time.Duration { return time.Millisecond * time.Duration(max(1, inside)) }
			drive(t.Context(), turnstile, 1, time.Second, queue)
			drive(t.Context(), turnstile, workers, 30*time.Second, queue)
			require.Equal(t, 8, turnstile.Places())
		})
	})
	t.Run("many where each only takes its time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			turnstile := turn.New(workers)
			far := func(int64) time.Duration { return 5 * time.Millisecond }
			drive(t.Context(), turnstile, 1, time.Second, far)
			drive(t.Context(), turnstile, workers, 30*time.Second, far)
			require.Greater(t, turnstile.Places(), 32)
		})
	})
}
