package bus_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

// plainServer runs a server with options of its own.
func plainServer(t *testing.T, options *server.Options) *server.Server {
	t.Helper()
	options.DontListen, options.NoSigs, options.StoreDir = true, true, t.TempDir()
	running, err := server.NewServer(options)
	require.NoError(t, err)
	running.Start()
	require.True(t, running.ReadyForConnections(patience))
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	return running
}

func TestConnect_RefusesUnfitServer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		options server.Options
		says    string
	}{
		"small max_payload":  {server.Options{JetStream: true}, "max_payload"},
		"without JetStream":  {server.Options{MaxPayload: bus.MaxPayload}, "without JetStream"},
		"tiny payload limit": {server.Options{JetStream: true, MaxPayload: 1024}, "max_payload 1024"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bus.Connect(t.Context(), bus.Config{InProcess: plainServer(t, &c.options), Name: "test"})
			require.ErrorIs(t, err, bus.ErrUnfit)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestEnsure_RefusesStreamThatDoesNotFit(t *testing.T) {
	t.Parallel()
	spec := event.Streams()[0]
	fits := jetstream.StreamConfig{
		Name: spec.Name, Subjects: spec.Subjects, Discard: jetstream.DiscardNew, MaxBytes: 1 << 20,
	}
	cases := map[string]struct {
		change func(*jetstream.StreamConfig)
		says   string
	}{
		"other subject":   {func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "orders.*") }, "orders.*"},
		"memory":          {func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage }, "in files"},
		"drops when full": {func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld }, "refuse new ones"},
		"drops by age":    {func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour }, "max_age 0"},
		"no size":         {func(c *jetstream.StreamConfig) { c.MaxBytes = -1 }, "max_bytes"},
		"work queue":      {func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, "must be limits"},
		"by number":       {func(c *jetstream.StreamConfig) { c.MaxMsgs = 10 }, "number of messages"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bustest.Connect(t, bustest.Server(t))
			config := fits
			config.Subjects = append([]string(nil), fits.Subjects...)
			c.change(&config)
			_, err := b.JetStream().CreateStream(t.Context(), config)
			require.NoError(t, err)

			err = b.Ensure(t.Context(), event.Streams(), nil)

			require.ErrorIs(t, err, bus.ErrUnfit)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, spec.Name)
		})
	}
}

func TestEnsure_WidensWhatHasGrownAndKeepsWhatIsWider(t *testing.T) {
	t.Parallel()
	b := bustest.Connect(t, bustest.Server(t))
	for name, size := range map[string]int64{event.StreamSend: 1 << 20, event.StreamInbound: 100 << 30} {
		spec := event.Streams()[0]
		if name == event.StreamInbound {
			spec = event.Streams()[1]
		}
		_, err := b.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{
			Name: name, Subjects: spec.Subjects, Discard: jetstream.DiscardNew, MaxBytes: size,
		})
		require.NoError(t, err)
	}

	require.NoError(t, b.Ensure(t.Context(), event.Streams(), event.Buckets()))
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), event.Buckets()), "a second time changes nothing")

	send, err := b.JetStream().Stream(t.Context(), event.StreamSend)
	require.NoError(t, err)
	require.Equal(t, event.Streams()[0].MaxBytes, send.CachedInfo().Config.MaxBytes)
	require.True(t, send.CachedInfo().Config.AllowDirect)
	inbound, err := b.JetStream().Stream(t.Context(), event.StreamInbound)
	require.NoError(t, err)
	require.Equal(t, int64(100<<30), inbound.CachedInfo().Config.MaxBytes)
}

func TestEnsure_RefusesBucketThatForgets(t *testing.T) {
	t.Parallel()
	b := bustest.Connect(t, bustest.Server(t))
	_, err := b.JetStream().CreateKeyValue(t.Context(), jetstream.KeyValueConfig{
		Bucket: event.BucketLedger, TTL: time.Minute, MaxBytes: 1 << 20,
	})
	require.NoError(t, err)

	err = b.Ensure(t.Context(), nil, event.Buckets())

	require.ErrorIs(t, err, bus.ErrUnfit)
	require.ErrorContains(t, err, event.BucketLedger)
}

func TestEnsure_SeveralServicesAtOnce(t *testing.T) {
	t.Parallel()
	running := bustest.Server(t)
	results := make(chan error, 5)
	for range cap(results) {
		b := bustest.Connect(t, running)
		go func() { results <- b.Ensure(t.Context(), event.Streams(), event.Buckets()) }()
	}
	for range cap(results) {
		require.NoError(t, receive(t, results))
	}
}
