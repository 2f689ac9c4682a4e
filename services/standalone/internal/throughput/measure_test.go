package throughput_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/standalone/internal/throughput"
)

func TestAdapters_SendAsManyAtOnceAsTheyAreAskedTo(t *testing.T) {
	t.Parallel()
	const inFlight = 16
	rows, err := throughput.Measure(t.Context(), throughput.Config{
		Latencies: []time.Duration{time.Second}, InFlight: []int{inFlight},
	})
	require.NoError(t, err)
	require.NoError(t, throughput.Print(t.Output(), rows))

	registry, err := all.Registry()
	require.NoError(t, err)
	measured := map[string]bool{}
	for _, row := range rows[1:] {
		measured[row.Adapter] = true
		require.Equal(t, inFlight, row.Most, "%s holds its own sends back", row.Adapter)
	}
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		about := provider.Describe()
		for _, kind := range about.Channels {
			if slices.Contains(about.Experimental, kind) {
				continue // it is measured where the sandbox plays it
			}
			require.True(t, measured[name+" "+string(kind)], "%s %s was not measured", name, kind)
		}
	}
}
