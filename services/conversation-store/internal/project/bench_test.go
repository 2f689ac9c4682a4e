package project_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
)

// BenchmarkProjector measures messages from a full stream to committed rows with their facts, on a server as durable as
// in production: 20 workspaces, 100 conversations each. One operation is one message.
func BenchmarkProjector(b *testing.B) {
	b.Run("inbound", func(b *testing.B) {
		bench(b, func(of *bundle, i int) []bus.Publishing {
			answer := of.answer("+1415"+strconv.Itoa(i%100), "SM"+strconv.Itoa(i), "a message of some length, as people write them")
			return []bus.Publishing{{Subject: event.InboundSubject(of.ws.ID, channel.SMS), Payload: answer}}
		})
	})
	b.Run("outbound with two receipts", func(b *testing.B) {
		bench(b, func(of *bundle, i int) []bus.Publishing {
			send := of.text("+1415"+strconv.Itoa(i%100), "a message of some length, as people write them")
			sent, delivered := of.receipt(send, "sent", "sent"), of.receipt(send, "delivered", "delivered")
			sent.ExternalId, sent.Attempt, delivered.ExternalId = "EX"+strconv.Itoa(i), 1, "EX"+strconv.Itoa(i)
			return []bus.Publishing{
				{Subject: event.SendSubject(of.ws.ID, channel.SMS), Payload: send},
				{Subject: event.ReceiptSubject(of.ws.ID, channel.SMS), Payload: sent},
				{Subject: event.ReceiptSubject(of.ws.ID, channel.SMS), Payload: delivered},
			}
		})
	})
}

func bench(b *testing.B, story func(of *bundle, i int) []bus.Publishing) {
	b.Helper()
	const workspaces = 20
	one := &bundle{url: pgservertest.Server(b).URL("postgres"), bus: bustest.New(b)}
	one.db = pgtest.Reopen(b, one.url)
	require.NoError(b, one.db.Migrate(b.Context()))
	bundles := make([]*bundle, workspaces)
	for i := range bundles {
		bundles[i] = &bundle{url: one.url, db: one.db, bus: one.bus, ws: pgtest.NewWorkspace(b, one.db)}
	}
	var all []bus.Publishing
	for i := range b.N {
		all = append(all, story(bundles[i%workspaces], i)...)
	}
	require.NoError(b, one.bus.PublishAll(b.Context(), all))

	b.ResetTimer()
	one.start(b)
	one.settle(b)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
