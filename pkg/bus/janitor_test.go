package bus_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// trimmable is SEND with messages that are all too old, and one durable consumer that must have processed them.
func trimmable(durables ...string) event.StreamSpec {
	spec := event.Streams()[0]
	spec.Retention, spec.Durables = time.Nanosecond, durables
	return spec
}

func firstOf(t *testing.T, b *bus.Bus) uint64 {
	t.Helper()
	first, _, err := b.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	return first
}

func TestTrim_NeverPassesTheLowestAckFloor(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	for i := range 10 {
		publish(t, b, ws, strconv.Itoa(i))
	}
	fast, slow := consumerSpec("fast"), consumerSpec("slow")
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, fast, func(context.Context, *bus.Message) error { return nil })
	})
	requireIdle(t, b, fast)

	spec := trimmable(fast.Durable, slow.Durable)
	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
	require.Equal(t, uint64(1), firstOf(t, b), "slow does not exist yet")

	held := make(chan *bus.Message, 10)
	run(t, func(ctx context.Context) error {
		return b.Pull(ctx, slow, func(m *bus.Message) {
			if m.Sequence() != 5 {
				_ = m.Ack()
			}
			held <- m
		})
	})
	var fifth *bus.Message
	for range 10 {
		if m := receive(t, held); m.Sequence() == 5 {
			fifth = m
		}
	}
	require.NoError(t, b.Conn().FlushTimeout(patience))
	require.Eventually(t, func() bool {
		require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
		return firstOf(t, b) == 5
	}, patience, 10*time.Millisecond, "up to the one that is under way")
	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
	require.Equal(t, uint64(5), firstOf(t, b))

	require.NoError(t, fifth.Ack())
	requireIdle(t, b, slow)
	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
	require.Equal(t, uint64(11), firstOf(t, b))
}

func TestTrim_AConsumerNobodyDeclaredCountsToo(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	for i := range 4 {
		publish(t, b, ws, strconv.Itoa(i))
	}
	done, extra := consumerSpec("done"), consumerSpec("extra")
	run(t, func(ctx context.Context) error {
		return b.Consume(ctx, done, func(context.Context, *bus.Message) error { return nil })
	})
	requireIdle(t, b, done)
	extra.StartSequence = 3
	held := make(chan *bus.Message, 10)
	run(t, func(ctx context.Context) error { return b.Pull(ctx, extra, func(m *bus.Message) { held <- m }) })
	require.Eventually(t, func() bool {
		_, err := b.JetStream().Consumer(t.Context(), event.StreamSend, extra.Durable)
		return err == nil
	}, patience, 10*time.Millisecond)

	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{trimmable(done.Durable)}))

	require.Equal(t, uint64(3), firstOf(t, b))
	require.NoError(t, receive(t, held).Ack())
	require.NoError(t, receive(t, held).Ack())
}

func TestTrim_KeepsWhatIsYoungerThanItsRetention(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	publish(t, b, ws, "old")
	spec := trimmable()
	spec.Retention = 200 * time.Millisecond
	require.Eventually(t, func() bool {
		publish(t, b, ws, "young"+time.Now().String())
		require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
		return firstOf(t, b) > 1
	}, patience, 50*time.Millisecond)
	first, last, err := b.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	require.LessOrEqual(t, first, last, "the youngest stays")
}

func TestTrim_MakesRoomBeforeTheStreamIsFull(t *testing.T) {
	t.Parallel()
	b, err := bus.Connect(t.Context(), bus.Config{
		InProcess: bustest.Server(t), Name: "test", MaxBytes: map[string]int64{event.StreamSend: 100 << 10},
	})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	require.NoError(t, b.Ensure(t.Context(), event.Streams(), nil))
	spec := event.Streams()[0]
	spec.Durables = nil
	for i := range 90 {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: event.SendSubject(workspace.NewID(), "sms"), ID: strconv.Itoa(i), Data: make([]byte, 800),
		})
		require.NoError(t, err)
	}

	kept := spec
	kept.Retention = 0
	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{kept}))
	require.Equal(t, uint64(1), firstOf(t, b), "what has no retention is a person's to remove")
	require.NoError(t, b.Trim(t.Context(), []event.StreamSpec{spec}))
	require.Greater(t, firstOf(t, b), uint64(20))
	require.Less(t, firstOf(t, b), uint64(60))
}
