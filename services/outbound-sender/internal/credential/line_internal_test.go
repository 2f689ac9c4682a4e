package credential

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestLine_AnswersToOneBurstSlowItOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := &Line{pool: NewPool(Config{}), link: &link{gates: map[string]*gate{}}, gate: newGate(0)}
		line.link.gates["from"] = line.gate
		begun, passed := time.Now(), make(chan time.Duration)
		pass := func() { passed <- time.Since(begun) }
		for range 20 {
			line.Slow(0)
		}
		require.False(t, line.Enter(workspace.NewID(), pass))
		require.Equal(t, firstPause, <-passed)

		begun = time.Now()
		line.Slow(0)
		require.False(t, line.Enter(workspace.NewID(), pass))
		require.Equal(t, 2*firstPause, <-passed, "longer each time")
	})
}
