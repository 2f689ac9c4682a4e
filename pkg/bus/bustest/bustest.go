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
func Server(tb testing.TB) *server.Server {
	tb.Helper()
	running, err := embedded.Start(embedded.Config{Directory: tb.TempDir()})
	require.NoError(tb, err)
	tb.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	return running
}

// Connect connects to a server under the test's name until the test ends.
func Connect(tb testing.TB, running *server.Server) *bus.Bus {
	tb.Helper()
	connected, err := bus.Connect(tb.Context(), bus.Config{InProcess: running, Name: "test"})
	require.NoError(tb, err)
	tb.Cleanup(connected.Close)
	return connected
}

// New is a bus on a server of its own, with every stream and bucket in place.
func New(tb testing.TB) *bus.Bus {
	tb.Helper()
	connected := Connect(tb, Server(tb))
	require.NoError(tb, connected.Ensure(tb.Context(), event.Streams(), event.Buckets()))
	return connected
}
