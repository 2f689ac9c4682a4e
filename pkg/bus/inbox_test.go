package bus_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// behindLossyLine is a bus whose server may fall silent, and one that hears it always.
func behindLossyLine(t *testing.T) (line *lossyLine, lossy, direct *bus.Bus) {
	t.Helper()
	running := bustest.Server(t)
	line = newLossyLine(t, running.ClientURL())
	direct = bustest.Connect(t, running)
	require.NoError(t, direct.Ensure(t.Context(), event.Streams(), nil))
	lossy, err := bus.Connect(t.Context(), bus.Config{URL: line.address, Name: "lossy"})
	require.NoError(t, err)
	t.Cleanup(lossy.Close)
	return line, lossy, direct
}

func TestPublish_EachOfManyAtOnceHearsItsOwnAcknowledgement(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	var publishing sync.WaitGroup
	acks, errs := make([]bus.Ack, 1000), make([]error, 1000)
	for i := range acks {
		publishing.Go(func() {
			acks[i], errs[i] = b.Publish(t.Context(), bus.Publishing{
				Subject: event.SendSubject(ws, channel.SMS), ID: strconv.Itoa(i),
				Payload: &eventv1.SendMessage{MessageId: strconv.Itoa(i)},
			})
		})
	}
	publishing.Wait()
	for i, ack := range acks {
		require.NoError(t, errs[i])
		require.Equal(t, event.StreamSend, ack.Stream)
		m, err := b.ReadAt(t.Context(), ack.Stream, ack.Sequence)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(i), idOf(t, m))
	}
}

func TestPublish_AnAnswerThatComesLateIsNotTakenForThatOfTheNext(t *testing.T) {
	t.Parallel()
	line, b, _ := behindLossyLine(t)
	ws := workspace.NewID()
	publish(t, b, ws, "before")
	line.deaf.Store(true)

	_, err := b.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(ws, channel.SMS), ID: "unheard", Payload: &eventv1.SendMessage{}, Within: 50 * time.Millisecond,
	})

	require.ErrorIs(t, err, bus.ErrUnavailable)
	require.ErrorIs(t, err, jetstream.ErrAsyncPublishTimeout)
	line.deaf.Store(false)
	ack := publish(t, b, ws, "after")
	require.Equal(t, uint64(3), ack.Sequence)
	require.True(t, publish(t, b, ws, "unheard").Duplicate)
}

func TestPublish_ThatLosesItsConnectionFailsAtOnce(t *testing.T) {
	t.Parallel()
	line, b, direct := behindLossyLine(t)
	ws := workspace.NewID()
	publish(t, b, ws, "before")
	line.deaf.Store(true)
	failed := make(chan error, 1)
	go func() {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: event.SendSubject(ws, channel.SMS), ID: "lost", Payload: &eventv1.SendMessage{},
		})
		failed <- err
	}()
	require.Eventually(t, func() bool {
		_, last, err := direct.Bounds(t.Context(), event.StreamSend)
		return err == nil && last == 2
	}, patience, 10*time.Millisecond)

	line.cut()

	require.ErrorIs(t, receive(t, failed), bus.ErrUnavailable)
	require.Eventually(t, func() bool {
		ack, err := b.Publish(t.Context(), bus.Publishing{Subject: event.SendSubject(ws, channel.SMS), ID: "lost", Payload: &eventv1.SendMessage{}})
		return err == nil && ack.Duplicate
	}, patience, 10*time.Millisecond)
}

func TestPublish_EndsWhenItsCallerNoLongerWaits(t *testing.T) {
	t.Parallel()
	line, b, _ := behindLossyLine(t)
	line.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := b.Publish(ctx, bus.Publishing{Subject: event.SendSubject(workspace.NewID(), channel.SMS), Payload: &eventv1.SendMessage{}})
	require.ErrorIs(t, err, bus.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestPublish_WhereNobodyListensIsUnavailable(t *testing.T) {
	t.Parallel()
	b := bustest.Connect(t, bustest.Server(t)) // and no stream
	_, err := b.Publish(t.Context(), bus.Publishing{Subject: event.SendSubject(workspace.NewID(), channel.SMS), Payload: &eventv1.SendMessage{}})
	require.ErrorIs(t, err, bus.ErrUnavailable)
	require.ErrorIs(t, err, jetstream.ErrNoStreamResponse)
}
