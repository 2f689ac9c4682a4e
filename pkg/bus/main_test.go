package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// publish stores one message of ws on SEND; id is its message id, and its Nats-Msg-Id.
func publish(t *testing.T, b *bus.Bus, ws workspace.ID, id string) bus.Ack {
	t.Helper()
	ack, err := b.Publish(t.Context(), bus.Publishing{
		Subject: event.SendSubject(ws, channel.SMS), ID: id,
		Payload: &eventv1.SendMessage{WorkspaceId: ws.String(), MessageId: id},
	})
	require.NoError(t, err)
	return ack
}

// run runs a blocking function until the test ends, or stop is called, and checks that it returned nil.
func run(t *testing.T, blocking func(ctx context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- blocking(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(patience):
			require.Fail(t, "did not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		require.Fail(t, "nothing came")
		panic("unreachable")
	}
}

func consumerSpec(name string) bus.ConsumerSpec {
	return bus.ConsumerSpec{
		Stream: event.StreamSend, Durable: name, Service: "tester",
		Backoff: func(uint64) time.Duration { return 20 * time.Millisecond },
	}
}

func idOf(t *testing.T, m *bus.Message) string {
	t.Helper()
	var message eventv1.SendMessage
	require.NoError(t, m.Decode(&message))
	return message.GetMessageId()
}

// deadLetters follows DEADLETTER from its beginning.
func deadLetters(t *testing.T, b *bus.Bus) <-chan *eventv1.DeadLetter {
	t.Helper()
	letters := make(chan *eventv1.DeadLetter, 100)
	run(t, func(ctx context.Context) error {
		return b.Follow(ctx, event.StreamDeadLetter, nil, 1, func(m *bus.Message) error {
			var letter eventv1.DeadLetter
			if err := m.Decode(&letter); err != nil {
				return err
			}
			letters <- &letter
			return nil
		})
	})
	return letters
}
