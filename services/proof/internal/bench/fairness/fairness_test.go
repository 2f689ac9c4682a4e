package fairness_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/fairness"
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

func TestMeasure_FindsEveryFigureOnARunningSystem(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start(t.Context(), cluster.Config{Binaries: binaries, Directory: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), stopTimeout)
		defer cancel()
		require.NoError(t, c.Stop(ctx))
	})

	figures, err := fairness.Measure(t.Context(), fairness.Config{
		Place:   tenant.Place{Gateway: c.Gateway(), NATSURL: c.NATSURL(), DatabaseURL: c.DatabaseURL()},
		Sandbox: c.Sandbox(), Flood: 300, Workspaces: 5, Each: 20, Idle: time.Second,
	})

	require.NoError(t, err)
	require.Len(t, figures, 8)
	for _, figure := range figures {
		require.Positive(t, figure.Value, figure.Name)
		require.Equal(t, "fairness", figure.Part)
	}
}
