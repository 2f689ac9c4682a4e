package credential

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestGate_PassesAtItsRateWorkspaceByWorkspace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		many, one := workspace.NewID(), workspace.NewID()
		require.True(t, g.enter(many, func() {}), "the first passes at once")
		begun := time.Now()
		passed := make(chan time.Duration, 10)
		for range 5 {
			require.False(t, g.enter(many, func() { passed <- -time.Since(begun) }))
		}
		require.False(t, g.enter(one, func() { passed <- time.Since(begun) }))

		require.Equal(t, []time.Duration{-time.Second, 2 * time.Second}, []time.Duration{<-passed, <-passed})
		for i := range 4 {
			require.Equal(t, -time.Duration(i+3)*time.Second, <-passed)
		}
	})
}

func TestGate_PausedOrHeldLetsNobodyPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(0)
		ws, begun := workspace.NewID(), time.Now()
		passed := make(chan time.Duration, 10)
		pass := func() { passed <- time.Since(begun) }
		g.pause(begun.Add(3 * time.Second))
		require.False(t, g.enter(ws, pass))
		require.Equal(t, 3*time.Second, <-passed)

		g.hold(true)
		require.False(t, g.enter(ws, pass))
		time.AfterFunc(time.Hour, func() { g.hold(false) })
		require.Equal(t, time.Hour+3*time.Second, <-passed)

		g.hold(true)
		require.False(t, g.enter(ws, pass))
		g.stop()
		g.hold(false)
		synctest.Wait()
		require.Empty(t, passed, "who has been forgotten is not called")
	})
}
