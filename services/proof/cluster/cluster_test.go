package cluster_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

const patience = time.Minute

// soon is for one thing that a test waits for: what hangs fails, and says where.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// start starts a small cluster in which two services have two copies.
func start(t *testing.T) *cluster.Cluster {
	t.Helper()
	binaries := filepath.Join(t.TempDir(), "bin")
	require.NoError(t, cluster.Build(t.Context(), binaries, "faultpoint"))
	c, err := cluster.Start(t.Context(), cluster.Config{
		Binaries: binaries, Directory: t.TempDir(), Proxied: true,
		Copies: map[string]int{event.ServiceWebhook: 2, event.ServiceSender: 2},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		require.NoError(t, c.Stop(ctx))
	})
	return c
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(soon(t), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// TestCluster starts one cluster for all rules: a start takes seconds.
func TestCluster(t *testing.T) { //nolint:tparallel // one cluster, one fault at a time
	t.Parallel()
	c := start(t)
	require.Len(t, c.Processes(), 6)

	t.Run("a killed copy is passed over and comes back on its address", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		copies := c.Of(event.ServiceWebhook)
		pid := copies[0].PID()
		require.NoError(t, copies[0].Kill())
		require.False(t, copies[0].Running())
		for range 10 {
			require.Equal(t, http.StatusOK, statusOf(t, c.Webhook()+"/livez"))
		}
		require.NoError(t, copies[0].Start(soon(t)))
		require.NoError(t, copies[0].Ready(soon(t)))
		require.NotEqual(t, pid, copies[0].PID())
		require.Equal(t, 2, copies[0].Starts())
	})
	t.Run("a paused copy stands still until it is resumed", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		store := c.Of(event.ServiceStore)[0]
		require.NoError(t, store.Pause())
		require.True(t, store.Paused())
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		require.Error(t, store.Ready(ctx))
		require.NoError(t, store.Resume())
		require.NoError(t, store.Ready(soon(t)))
	})
	t.Run("a copy that is asked to end does so", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		for _, p := range c.Of(event.ServiceSender) {
			require.NoError(t, p.Terminate(soon(t)))
			require.NoError(t, p.Start(soon(t)))
			require.NoError(t, p.Ready(soon(t)))
		}
	})
	t.Run("NATS and the database come back after they were killed and cut", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		require.NoError(t, c.KillNATS())
		require.NoError(t, c.KillPostgres())
		require.NoError(t, c.StartPostgres(soon(t)))
		require.NoError(t, c.StartNATS(soon(t)))
		requireReady(t, c)
		cut, err := c.CutNATS()
		require.NoError(t, err)
		require.Positive(t, cut)
		cut, err = c.CutPostgres()
		require.NoError(t, err)
		require.Positive(t, cut)
		require.NoError(t, c.SlowPostgres(time.Millisecond))
		requireReady(t, c)
	})
	t.Run("checkers go around the relays", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		connection, err := nats.Connect(c.NATSURL())
		require.NoError(t, err)
		connection.Close()
		database, err := pgx.Connect(soon(t), c.DatabaseURL())
		require.NoError(t, err)
		require.NoError(t, database.Close(soon(t)))
	})
	t.Run("each process tells what it holds", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		for _, p := range c.Processes() {
			usage, err := p.Usage(soon(t))
			require.NoError(t, err)
			require.Positive(t, usage.Goroutines)
			require.Positive(t, usage.Heap)
			require.FileExists(t, p.LogPath())
		}
	})
	t.Run("an armed point that nobody came to can be taken back", func(t *testing.T) { //nolint:paralleltest // one cluster, one fault at a time
		require.NoError(t, c.Arm("nobody.comes-here", "kill"))
		idle, err := c.Disarm("nobody.comes-here")
		require.NoError(t, err)
		require.True(t, idle)
		idle, err = c.Disarm("nobody.comes-here")
		require.NoError(t, err)
		require.False(t, idle)
	})
}

func TestStart_without_programs_leaves_nothing_behind(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	_, err := cluster.Start(t.Context(), cluster.Config{Binaries: t.TempDir(), Directory: directory})
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoFileExists(t, filepath.Join(directory, "postgres", "data", "postmaster.pid"))
}

// requireReady fails when not everything becomes ready, with what each process that still runs was doing.
func requireReady(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	err := c.Ready(soon(t))
	if err == nil {
		return
	}
	for _, p := range c.Processes() {
		pid := p.PID()
		if pid == 0 || syscall.Kill(pid, syscall.SIGQUIT) != nil { // to 0 would be to ourselves
			continue
		}
		select {
		case <-p.Exited():
		case <-time.After(time.Second):
		}
		log, readErr := os.ReadFile(p.LogPath())
		t.Logf("%s (%v):\n%s", p, readErr, log)
	}
	require.NoError(t, err)
}
