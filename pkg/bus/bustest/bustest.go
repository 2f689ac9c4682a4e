// Package bustest gives a test a real NATS server of its own.
package bustest

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

// Server runs a server with JetStream in a temporary folder, on a free port, until the test ends.
func Server(t testing.TB) *server.Server {
	t.Helper()
	running, err := embedded.Start(embedded.Config{Directory: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	return running
}

// Connect connects to a server under the test's name until the test ends.
func Connect(t testing.TB, running *server.Server) *bus.Bus {
	t.Helper()
	connected, err := bus.Connect(t.Context(), bus.Config{InProcess: running, Name: "test"})
	require.NoError(t, err)
	t.Cleanup(connected.Close)
	return connected
}

// New is a bus on a server of its own, with every stream and bucket in place.
func New(t testing.TB) *bus.Bus {
	t.Helper()
	connected := Connect(t, Server(t))
	require.NoError(t, connected.Ensure(t.Context(), event.Streams(), event.Buckets()))
	return connected
}
