package bus_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestConsume_AnEventForOneServicePassesTheOthersBy(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	subject := event.SendSubject(workspace.NewID(), channel.SMS)
	for _, only := range []string{"", "second", "first", ""} {
		_, err := b.Publish(t.Context(), bus.Publishing{
			Subject: subject, Data: []byte(only), Header: map[string]string{event.HeaderOnlyFor: only},
		})
		require.NoError(t, err)
	}
	var mu sync.Mutex
	got := map[string][]uint64{}
	ctx, stop := context.WithCancel(t.Context())
	var consuming sync.WaitGroup
	for _, service := range []string{"first", "second"} {
		consuming.Go(func() {
			spec := bus.ConsumerSpec{Stream: event.StreamSend, Durable: service, Service: service}
			_ = b.Consume(ctx, spec, func(_ context.Context, m *bus.Message) error {
				mu.Lock()
				defer mu.Unlock()
				got[service] = append(got[service], m.Sequence())
				return nil
			})
		})
	}
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got["first"]) == 3 && len(got["second"]) == 3
	}, 30*time.Second, 5*time.Millisecond)
	for _, service := range []string{"first", "second"} {
		require.Eventually(t, func() bool {
			consumer, err := b.JetStream().Consumer(t.Context(), event.StreamSend, service)
			return err == nil && consumer.CachedInfo().NumAckPending == 0 && consumer.CachedInfo().NumPending == 0
		}, 30*time.Second, 5*time.Millisecond, "what passed it by is finished too")
	}
	stop()
	consuming.Wait()
	require.Equal(t, map[string][]uint64{"first": {1, 3, 4}, "second": {1, 2, 4}}, got)
}
