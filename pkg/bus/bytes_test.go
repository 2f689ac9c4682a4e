package bus_test

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

func TestPull_HoldsNoMoreBytesThanItMay(t *testing.T) {
	t.Parallel()
	b, ws := bustest.New(t), workspace.NewID()
	const messages, size = 10, 3 << 20
	for i := range messages {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: event.SendSubject(ws, channel.Email), ID: strconv.Itoa(i),
			Payload: &eventv1.SendMessage{WorkspaceId: ws.String(), MessageId: strconv.Itoa(i), Body: strings.Repeat("x", size)},
		})
		require.NoError(t, err)
	}
	spec := consumerSpec("bytes")
	spec.MaxBytes = 2 * bus.MaxPayload
	held := make(chan *bus.Message, messages)
	var inHand, most atomic.Int64
	run(t, func(ctx context.Context) error {
		return b.Pull(ctx, spec, func(m *bus.Message) {
			most.Store(max(most.Load(), inHand.Add(int64(len(m.Payload())))))
			held <- m
		})
	})
	for i := range messages {
		m := receive(t, held)
		require.Equal(t, strconv.Itoa(i), idOf(t, m))
		require.Equal(t, uint64(1), m.Deliveries(), "what did not fit was not sent")
		inHand.Add(-int64(len(m.Payload())))
		require.NoError(t, m.Ack())
	}
	require.LessOrEqual(t, most.Load(), int64(2*bus.MaxPayload))
}
