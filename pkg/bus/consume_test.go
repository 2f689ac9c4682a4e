package bus_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

var errAway = errors.New("away")

func TestConsume_WaitsLongerAfterEachFailureThenSucceeds(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	at := make(chan time.Time, 10)
	spec := consumerSpec("growing")
	spec.Backoff = nil
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, spec, func(_ context.Context, m *bus.Message) error {
			at <- time.Now()
			if m.Deliveries() < 4 {
				return errAway
			}
			return nil
		})
	})
	publish(t, b, workspace.NewID(), "a")

	first, second, third, fourth := receive(t, at), receive(t, at), receive(t, at), receive(t, at)

	require.GreaterOrEqual(t, second.Sub(first), 160*time.Millisecond)
	require.GreaterOrEqual(t, third.Sub(second), 320*time.Millisecond)
	require.GreaterOrEqual(t, fourth.Sub(third), 640*time.Millisecond)
}

func TestConsume_LastTryEndsInDeadLetterWithItsReason(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	letters := deadLetters(t, b)
	spec := consumerSpec("last-try")
	spec.MaxDeliver = 3
	var tries atomic.Int32
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, spec, func(context.Context, *bus.Message) error {
			tries.Add(1)
			return errAway
		})
	})
	ack := publish(t, b, ws, "a")

	letter := receive(t, letters)

	require.Equal(t, int32(3), tries.Load())
	require.Equal(t, uint64(3), letter.GetDeliveries())
	require.Equal(t, ws.String(), letter.GetWorkspaceId())
	require.Equal(t, event.StreamSend, letter.GetStream())
	require.Equal(t, ack.Sequence, letter.GetStreamSequence())
	require.Contains(t, letter.GetReason(), "away")
	require.Equal(t, "tester", letter.GetService())
	require.NotEmpty(t, letter.GetPayload())
	requireIdle(t, b, spec)
}

// requireIdle waits until nothing of the consumer is pending.
func requireIdle(t *testing.T, b *bus.Bus, spec bus.ConsumerSpec) {
	t.Helper()
	require.Eventually(t, func() bool {
		consumer, err := b.JetStream().Consumer(t.Context(), spec.Stream, spec.Durable)
		return err == nil && consumer.CachedInfo().NumAckPending == 0 && consumer.CachedInfo().NumPending == 0
	}, patience, 10*time.Millisecond)
}

func TestConsume_UndecodableIsDeadLetteredAtOnceAndThoseBehindGoOn(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	letters, handled := deadLetters(t, b), make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, consumerSpec("poison"), func(_ context.Context, m *bus.Message) error {
			var message eventv1.SendMessage
			if err := m.Decode(&message); err != nil {
				return err
			}
			handled <- message.GetMessageId()
			return nil
		})
	})
	_, err := b.Publish(t.Context(), bus.Publishing{Subject: event.SendSubject(ws, "sms"), Data: []byte{0xff}})
	require.NoError(t, err)
	publish(t, b, ws, "behind")

	require.Equal(t, uint64(1), receive(t, letters).GetDeliveries())
	require.Equal(t, "behind", receive(t, handled))
}

func TestConsume_PanicIsAFailureNotTheEnd(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	handled := make(chan uint64, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, consumerSpec("panic"), func(_ context.Context, m *bus.Message) error {
			if m.Deliveries() == 1 {
				panic("boom")
			}
			handled <- m.Deliveries()
			return nil
		})
	})
	publish(t, b, workspace.NewID(), "a")
	require.Equal(t, uint64(2), receive(t, handled))
}

func TestConsumeBatches_PoisonedMessageAloneIsRetriedAndBuried(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	letters := deadLetters(t, b)
	for i := range 20 {
		publish(t, b, workspace.NewID(), strconv.Itoa(i))
	}
	spec := consumerSpec("batches")
	spec.MaxDeliver = 2
	var mu sync.Mutex
	done := map[string]int{}
	finished := make(chan struct{}, 100)
	run(t, func(ctx context.Context) error {
		return b.ConsumeBatches(ctx, spec, 2, func(_ context.Context, _ int, batch []*bus.Message) error {
			for _, m := range batch {
				if idOf(t, m) == "7" {
					return errAway
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range batch {
				done[idOf(t, m)]++
				finished <- struct{}{}
			}
			return nil
		})
	})

	for range 19 {
		receive(t, finished)
	}
	require.Equal(t, uint64(2), receive(t, letters).GetDeliveries())
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, done, 19)
	require.NotContains(t, done, "7")
	for id, times := range done {
		require.Equal(t, 1, times, id)
	}
}

func TestConsumeBatches_WorkspaceStaysInItsLaneInOrder(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	workspaces := []workspace.ID{workspace.NewID(), workspace.NewID(), workspace.NewID(), workspace.NewID()}
	for i := range 200 {
		publish(t, b, workspaces[i%len(workspaces)], strconv.Itoa(i))
	}
	type seen struct {
		ws       workspace.ID
		lane     int
		sequence uint64
	}
	all := make(chan seen, 200)
	run(t, func(ctx context.Context) error {
		return b.ConsumeBatches(ctx, consumerSpec("lanes"), 3, func(_ context.Context, lane int, batch []*bus.Message) error {
			for _, m := range batch {
				all <- seen{m.Workspace(), lane, m.Sequence()}
			}
			return nil
		})
	})
	lanes, last := map[workspace.ID]int{}, map[workspace.ID]uint64{}
	for range 200 {
		one := receive(t, all)
		if lane, known := lanes[one.ws]; known {
			require.Equal(t, lane, one.lane)
		}
		lanes[one.ws] = one.lane
		require.Greater(t, one.sequence, last[one.ws])
		last[one.ws] = one.sequence
	}
}

func TestConsumeBatches_RetryAfterWaitsInPlaceHoweverOften(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	spec := consumerSpec("outage")
	spec.MaxDeliver, spec.AckWait = 2, 300*time.Millisecond
	var calls atomic.Int32
	done := make(chan uint64, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, spec, func(_ context.Context, m *bus.Message) error {
			if calls.Add(1) < 20 {
				return bus.RetryAfter(errAway, 50*time.Millisecond)
			}
			done <- m.Deliveries()
			return nil
		})
	})
	publish(t, b, workspace.NewID(), "a")
	require.Equal(t, uint64(1), receive(t, done), "it was ours all the time")
}

func TestConsume_ComesBackAfterItsConsumerWasDeleted(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	spec := consumerSpec("deleted")
	handled := make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, spec, func(_ context.Context, m *bus.Message) error {
			handled <- idOf(t, m)
			return nil
		})
	})
	publish(t, b, ws, "before")
	require.Equal(t, "before", receive(t, handled))
	requireIdle(t, b, spec)

	require.NoError(t, b.JetStream().DeleteConsumer(t.Context(), spec.Stream, spec.Durable))
	publish(t, b, ws, "after")

	require.Equal(t, "after", receive(t, handled), "what was finished does not come again")
}

func TestConsume_ComesBackAfterItsStreamWasDeletedAndMadeAgain(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	handled := make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, consumerSpec("stream-gone"), func(_ context.Context, m *bus.Message) error {
			handled <- idOf(t, m)
			return nil
		})
	})
	for i := range 3 {
		publish(t, b, ws, strconv.Itoa(i))
		receive(t, handled)
	}

	require.NoError(t, b.JetStream().DeleteStream(t.Context(), event.StreamSend))
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	publish(t, b, ws, "after")

	require.Equal(t, "after", receive(t, handled))
}

func TestConsume_ComesBackAfterTheServerRestarted(t *testing.T) {
	t.Parallel()
	config := embedded.Config{Directory: t.TempDir()}
	running, err := embedded.Start(config)
	require.NoError(t, err)
	address := running.ClientURL()
	b, err := bus.Connect(t.Context(), bus.Config{URL: address, Name: "test"})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	handled := make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, consumerSpec("restart"), func(_ context.Context, m *bus.Message) error {
			handled <- idOf(t, m)
			return nil
		})
	})
	publish(t, b, workspace.NewID(), "before")
	require.Equal(t, "before", receive(t, handled))

	config.Port = portOf(t, address)
	running.Shutdown()
	running.WaitForShutdown()
	require.Eventually(t, func() bool { return b.Healthy() != nil }, patience, 10*time.Millisecond)
	running, err = embedded.Start(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		running.Shutdown()
		running.WaitForShutdown()
	})
	require.Eventually(t, func() bool { return b.Healthy() == nil }, patience, 10*time.Millisecond)
	publish(t, b, workspace.NewID(), "after")

	require.Equal(t, "after", receive(t, handled))
}

func TestConsume_FailsAtOnceWithoutItsStream(t *testing.T) {
	t.Parallel()
	b := bustest.Connect(t, bustest.Server(t))
	err := b.Consume(t.Context(), consumerSpec("early"), func(context.Context, *bus.Message) error { return nil })
	require.Error(t, err)
}

func TestConsume_StopFinishesWhatIsUnderWayAndGivesBackTheRest(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	spec := consumerSpec("drain")
	spec.AckWait = 5 * time.Second // what reaches a stopping consumer too late comes back after it
	for i := range 5 {
		publish(t, b, ws, strconv.Itoa(i))
	}
	begun, release := make(chan uint64, 10), make(chan struct{})
	var finished atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		stopped <- b.Consume(ctx, spec, func(ctx context.Context, m *bus.Message) error {
			begun <- m.Sequence()
			<-release
			if ctx.Err() == nil {
				finished.Add(1)
			}
			return nil
		})
	}()
	require.Equal(t, uint64(1), receive(t, begun))
	cancel()
	close(release)
	require.NoError(t, receive(t, stopped))
	require.Equal(t, int32(1), finished.Load())

	again := make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, spec, func(_ context.Context, m *bus.Message) error {
			again <- idOf(t, m)
			return nil
		})
	})
	rest := map[string]bool{}
	for range 4 {
		rest[receive(t, again)] = true
	}
	require.Equal(t, map[string]bool{"1": true, "2": true, "3": true, "4": true}, rest)
}

func TestPull_KeepsWhatIsHeldAndResetBringsItBackInOrder(t *testing.T) {
	t.Parallel()
	running := bustest.Server(t)
	b := bustest.Connect(t, running)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	ws, spec := workspace.NewID(), consumerSpec("pull")
	spec.AckWait = 300 * time.Millisecond
	for i := range 3 {
		publish(t, b, ws, strconv.Itoa(i))
	}
	held := make(chan *bus.Message, 10)
	dead, err := bus.Connect(t.Context(), bus.Config{InProcess: running, Name: "dead"})
	require.NoError(t, err)
	stop := run(t, func(ctx context.Context) error {
		return dead.Pull(ctx, spec, func(m *bus.Message) { held <- m })
	})
	for i := range 3 {
		require.Equal(t, strconv.Itoa(i), idOf(t, receive(t, held)))
	}
	select {
	case m := <-held:
		require.Fail(t, "delivered again while held", idOf(t, m))
	case <-time.After(4 * spec.AckWait):
	}
	dead.Close() // the process is gone
	stop()

	require.NoError(t, b.ResetConsumer(t.Context(), spec.Stream, spec.Durable))
	run(t, func(ctx context.Context) error {
		return b.Pull(ctx, spec, func(m *bus.Message) {
			held <- m
			_ = m.Ack()
		})
	})
	for i := range 3 {
		require.Equal(t, strconv.Itoa(i), idOf(t, receive(t, held)))
	}
}

func TestPull_TellsItsLagOnlyWhileItReads(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	running := bustest.Server(t)
	b, err := bus.Connect(t.Context(), bus.Config{InProcess: running, Name: "lag", Metrics: registry})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	publish(t, b, workspace.NewID(), "a")
	lags := func() int {
		families, err := registry.Gather()
		require.NoError(t, err)
		for _, family := range families {
			if family.GetName() == "conversations_bus_consumer_lag" {
				return len(family.GetMetric())
			}
		}
		return 0
	}
	stop := run(t, func(ctx context.Context) error {
		return b.Pull(ctx, consumerSpec("lag"), func(m *bus.Message) { _ = m.Ack() })
	})
	require.Eventually(t, func() bool { return lags() == 1 }, patience, 10*time.Millisecond)
	stop()
	require.Zero(t, lags(), "a consumer that is read no more, or is gone")
}

func TestResetConsumer_WithoutConsumerDoesNothing(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	require.NoError(t, b.ResetConsumer(t.Context(), event.StreamSend, "nobody"))
}
