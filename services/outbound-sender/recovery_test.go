package sender_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

func TestSend_OutcomeSurvivesALostServer(t *testing.T) {
	t.Parallel()
	config := embedded.Config{Directory: t.TempDir()}
	running := startServer(t, config)
	address := running.ClientURL()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	config.Port, err = strconv.Atoi(parsed.Port())
	require.NoError(t, err)

	v := newVendor(t, "acme")
	called, release := make(chan struct{}), make(chan struct{})
	v.answer = func(channel.Outbound, int) (int, http.Header) {
		close(called)
		<-release
		return http.StatusOK, nil
	}
	b, err := bus.Connect(t.Context(), bus.Config{URL: address, Name: "test"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), event.Buckets()))
	w := &world{t: t, bus: b, vendors: []*vendor{v}, receipts: collect(t, b), blobs: t.TempDir()}
	w.start(func(c *sender.Config) { c.NATSURL, c.LeaseTTL = address, 20*time.Second })
	send := request(w.newWorkspace(v), v, "c", "hello")
	w.publish(send)
	<-called

	running.Shutdown()
	running.WaitForShutdown()
	close(release)
	startServer(t, config)

	require.Equal(t, "sent", w.await(send, "accepted").GetStatus())
	require.Equal(t, 1, v.requests())
	w.requireQuiet()
}

func startServer(t *testing.T, config embedded.Config) *server.Server {
	t.Helper()
	running, err := embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	return running
}
