package growth_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/growth"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const stopTimeout = time.Minute

var binaries string //nolint:gochecknoglobals // built once in TestMain, read by every test

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "conversations-bin-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := cluster.Build(context.Background(), folder); err != nil {
		panic(err)
	}
	binaries = folder
	return m.Run()
}

func TestMeasure_FindsTheCurveOfEverythingOnARunningSystem(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start(t.Context(), cluster.Config{Binaries: binaries, Directory: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopTimeout)
		defer cancel()
		require.NoError(t, c.Stop(ctx))
	})
	processes := c.Processes()
	at := slices.IndexFunc(processes, func(p *cluster.Process) bool { return p.Name == event.ServiceStore })
	require.GreaterOrEqual(t, at, 0)

	figures, err := growth.Measure(t.Context(), growth.Config{
		Place: tenant.Place{Gateway: c.Gateway(), NATSURL: c.NATSURL(), DatabaseURL: c.DatabaseURL()},
		Store: processes[at], Workspaces: 5, Sizes: []int{500, 2000}, Requests: 10, Events: 400,
	})

	require.NoError(t, err)
	require.Len(t, figures, 2*7)
	for _, figure := range figures {
		require.Positive(t, figure.Value, figure.Name)
		require.Equal(t, "growth", figure.Part)
	}
}
