package bus_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

func TestPublish_SameIDIsStoredOnce(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()

	first := publish(t, b, ws, "a")
	second := publish(t, b, ws, "a")

	require.False(t, first.Duplicate)
	require.True(t, second.Duplicate)
	require.Equal(t, first.Sequence, second.Sequence)
}

func TestPublish_CarriesTraceAndEventHeaders(t *testing.T) {
	t.Parallel()
	tracing := sdktrace.NewTracerProvider()
	b, err := bus.Connect(t.Context(), bus.Config{InProcess: bustest.Server(t), Name: "gateway", Tracing: tracing})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))

	ack := publish(t, b, workspace.NewID(), "a")

	m, err := b.ReadAt(t.Context(), ack.Stream, ack.Sequence)
	require.NoError(t, err)
	require.NotEmpty(t, m.Header("traceparent"))
	require.Equal(t, "a", m.Header(event.HeaderID))
	require.Equal(t, "gateway", m.Header(event.HeaderSource))
	require.Equal(t, "conversations.event.v1.SendMessage", m.Header(event.HeaderType))
	require.NotEmpty(t, m.Header(event.HeaderTime))
}

func TestPublish_ContinuesTheTraceOfItsHeader(t *testing.T) {
	t.Parallel()
	b, err := bus.Connect(t.Context(), bus.Config{
		InProcess: bustest.Server(t), Name: "relay", Tracing: sdktrace.NewTracerProvider(),
	})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	const traceID = "0af7651916cd43dd8448eb211c80319c"

	ack, err := b.Publish(t.Context(), bus.Publishing{
		Subject: event.ChangeSubject(workspace.NewID(), "message", "sent"), ID: "a", Data: []byte("x"),
		Header: map[string]string{"traceparent": "00-" + traceID + "-b7ad6b7169203331-01"},
	})
	require.NoError(t, err)

	m, err := b.ReadAt(t.Context(), ack.Stream, ack.Sequence)
	require.NoError(t, err)
	require.Contains(t, m.Header("traceparent"), traceID)
}

func TestPublish_FullStreamRefusesAndKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	b, err := bus.Connect(t.Context(), bus.Config{
		InProcess: bustest.Server(t), Name: "test", MaxBytes: map[string]int64{event.StreamSend: 64 << 10},
	})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	ws, body := workspace.NewID(), strings.Repeat("x", 4096)

	stored := uint64(0)
	for {
		_, err = b.Publish(t.Context(), bus.Publishing{
			Subject: event.SendSubject(ws, channel.SMS), Payload: &eventv1.SendMessage{Body: body},
		})
		if err != nil {
			break
		}
		stored++
	}

	require.ErrorIs(t, err, bus.ErrStreamFull)
	first, last, err := b.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	require.Equal(t, uint64(1), first)
	require.Equal(t, stored, last)
}

func TestPublish_PastTheBoundIsRefusedAsBusy(t *testing.T) {
	t.Parallel()
	running := bustest.Server(t)
	b, err := bus.Connect(t.Context(), bus.Config{InProcess: running, Name: "test", MaxInFlight: 2})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	ws := workspace.NewID()

	results := make(chan error, 200)
	for i := range cap(results) {
		go func() {
			_, err := b.Publish(t.Context(), bus.Publishing{
				Subject: event.SendSubject(ws, channel.SMS), ID: strconv.Itoa(i), Payload: &eventv1.SendMessage{},
			})
			results <- err
		}()
	}

	busy, stored := 0, uint64(0)
	for range cap(results) {
		err := receive(t, results)
		if err == nil {
			stored++
			continue
		}
		require.ErrorIs(t, err, bus.ErrBusy)
		busy++
	}
	require.Positive(t, busy)
	_, last, err := b.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	require.Equal(t, stored, last)
}

func TestPublish_TooLargeIsRefused(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	_, err := b.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(workspace.NewID(), channel.SMS), Data: make([]byte, bus.LargestEvent+1),
	})
	require.ErrorIs(t, err, bus.ErrTooLarge)
}

func TestPublish_WithoutServerFailsAtOnce(t *testing.T) {
	t.Parallel()
	running := bustest.Server(t)
	b := bustest.Connect(t, running)
	running.Shutdown()
	running.WaitForShutdown()

	_, err := b.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(workspace.NewID(), channel.SMS), Payload: &eventv1.SendMessage{},
	})
	require.ErrorIs(t, err, bus.ErrUnavailable)
	require.ErrorIs(t, b.Healthy(), bus.ErrUnavailable)
}

func TestPublishAll_StoresMoreThanMayBeInFlightInOrder(t *testing.T) {
	t.Parallel()
	b, err := bus.Connect(t.Context(), bus.Config{InProcess: bustest.Server(t), Name: "test", MaxInFlight: 7})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	ws := workspace.NewID()
	var all []bus.Publishing
	for i := range 100 {
		all = append(all, bus.Publishing{
			Subject: event.SendSubject(ws, channel.SMS), ID: strconv.Itoa(i),
			Payload: &eventv1.SendMessage{MessageId: strconv.Itoa(i)},
		})
	}

	require.NoError(t, b.PublishAll(t.Context(), all))

	for i := range 100 {
		m, err := b.ReadAt(t.Context(), event.StreamSend, uint64(i+1))
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(i), idOf(t, m))
	}
}

func TestConnect_SeveralBusesShareOneRegistry(t *testing.T) {
	t.Parallel()
	running, registry := bustest.Server(t), prometheus.NewRegistry()
	for _, name := range []string{"gateway", "gateway", "outbound-sender"} {
		b, err := bus.Connect(t.Context(), bus.Config{InProcess: running, Name: name, Metrics: registry})
		require.NoError(t, err)
		t.Cleanup(b.Close)
		require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
		publish(t, b, workspace.NewID(), name)
	}
	families, err := registry.Gather()
	require.NoError(t, err)
	counted := map[string]float64{}
	for _, family := range families {
		if family.GetName() != "conversations_bus_published_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "service" {
					counted[label.GetValue()] = metric.GetCounter().GetValue()
				}
			}
		}
	}
	require.Equal(t, map[string]float64{"gateway": 2, "outbound-sender": 1}, counted)
}

func TestConnect_FailsAtOnceWithoutServer(t *testing.T) {
	t.Parallel()
	_, err := bus.Connect(t.Context(), bus.Config{URL: "nats://127.0.0.1:1", Name: "test"})
	require.ErrorIs(t, err, bus.ErrUnavailable)
}
