package credential

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestLine_AnswersToOneBurstSlowItOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := &Line{pool: &Pool{}, link: &link{gates: map[exit]*gate{}}, gate: newGate(0)}
		line.link.gates[exit{channel.SMS, "from"}] = line.gate
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

func TestRateOf_AChannelMayHaveItsOwn(t *testing.T) {
	t.Parallel()
	about := channel.Description{SendsPerSecond: 100, Rates: map[channel.Kind]float64{channel.Call: 1, channel.Email: 0}}
	require.InDelta(t, 100, rateOf(about, channel.SMS), 0)
	require.InDelta(t, 1, rateOf(about, channel.Call), 0)
	require.Zero(t, rateOf(about, channel.Email))
}
