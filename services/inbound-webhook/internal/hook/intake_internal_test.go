package hook

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// batch is a provider whose webhooks tell several things at once.
type batch struct {
	channel.Connection

	delivery channel.Delivery
}

func (b batch) Parse(channel.Webhook) (channel.Delivery, error) { return b.delivery, nil }

func TestParse_leaves_out_what_cannot_be_used_and_keeps_the_rest(t *testing.T) {
	t.Parallel()
	good, bad := channel.Receipt{ExternalID: "x-1"}, channel.Receipt{ExternalID: ""}
	usable, unusable, err := parse(Endpoint{Connection: batch{delivery: channel.Delivery{
		Receipts: []channel.Receipt{good, bad}, Inbound: []channel.Inbound{{ExternalID: "a\x00b"}, {ExternalID: "in-1"}},
	}}}, channel.Webhook{})
	require.NoError(t, err)
	require.ErrorIs(t, unusable, channel.ErrUnparsable)
	require.Equal(t, []channel.Receipt{good}, usable.Receipts)
	require.Equal(t, []channel.Inbound{{ExternalID: "in-1"}}, usable.Inbound)

	_, _, err = parse(Endpoint{Connection: batch{delivery: channel.Delivery{Receipts: []channel.Receipt{bad}}}}, channel.Webhook{})
	require.ErrorIs(t, err, channel.ErrUnparsable, "nothing is left of it")
}

func eventsOf(t *testing.T, handler *Handler, webhook channel.Webhook, receipts []channel.Receipt) ([]bus.Publishing, error, error) {
	t.Helper()
	src := source{endpoint: platform(), webhook: webhook, shared: len(receipts) > 1}
	made, err := handler.events(t.Context(), src, channel.Delivery{Receipts: receipts})
	return made.publishings, made.unknown, err
}

func TestEvents_show_a_workspace_no_other_workspaces_part_of_a_webhook(t *testing.T) {
	t.Parallel()
	acme, globex := workspace.NewID(), workspace.NewID()
	router := NewRouter(bucket{}.ask)
	var receipts []channel.Receipt
	for ws, address := range map[workspace.ID]string{acme: "hello@acme.example", globex: "hello@globex.example"} {
		router.Apply(event.RouteKey("acme", "account", channel.Email, address), routeTo(ws, channel.Email, address), false)
		receipts = append(receipts, channel.Receipt{
			Kind: channel.Email, ExternalID: "x", From: address, DedupeKey: address, Part: []byte(address),
		})
	}
	webhook := channel.Webhook{Body: []byte("hello@acme.example hello@globex.example"), ReceivedAt: time.Now()}
	handler := &Handler{router: router}

	publishings, unknown, err := eventsOf(t, handler, webhook, receipts)
	require.NoError(t, err)
	require.NoError(t, unknown)
	require.Len(t, publishings, 2)
	for i, publishing := range publishings {
		receipt, ok := publishing.Payload.(*eventv1.MessageReceipt)
		require.True(t, ok)
		require.Equal(t, receipts[i].From, string(receipt.GetRaw().GetBody()))
	}

	publishings, _, err = eventsOf(t, handler, webhook, receipts[:1])
	require.NoError(t, err)
	receipt, ok := publishings[0].Payload.(*eventv1.MessageReceipt)
	require.True(t, ok)
	require.Equal(t, receipts[0].From, string(receipt.GetRaw().GetBody()), "the other parts may concern no message")

	receipts[0].Part = nil
	publishings, _, err = eventsOf(t, handler, webhook, receipts[:1])
	require.NoError(t, err)
	receipt, ok = publishings[0].Payload.(*eventv1.MessageReceipt)
	require.True(t, ok)
	require.Equal(t, webhook.Body, receipt.GetRaw().GetBody(), "a webhook that tells one thing is kept whole")
}

func TestWithoutForeignIDs(t *testing.T) {
	t.Parallel()
	ws := workspace.NewID().String()
	for id, kept := range map[string]bool{
		thread: true, "": false, "1": false, "{" + thread + "}": false, "urn:uuid:" + thread: false,
		"5B0F3B86-1C0E-5A5E-9D7A-0123456789AB": false,
	} {
		receipt := withoutForeignIDs(channel.Receipt{WorkspaceID: ws, MessageID: id, Attempt: 1})
		require.Equal(t, kept, receipt.MessageID != "", id)
		require.Equal(t, kept, receipt.WorkspaceID != "", id)
	}
	require.Empty(t, withoutForeignIDs(channel.Receipt{WorkspaceID: "other", MessageID: thread}).MessageID)
}

func TestRoom_keeps_half_of_the_quarantine_for_what_is_proved(t *testing.T) {
	t.Parallel()
	var used int64
	var failure error
	now := time.Unix(1_700_000_000, 0)
	r := &room{now: func() time.Time { return now }}
	r.measure = func(context.Context) (int64, int64, error) { return used, 1000, failure }
	require.True(t, r.left(t.Context()))
	used = 500
	require.True(t, r.left(t.Context()), "it is measured now and then, not for every request")
	now = now.Add(roomFresh)
	require.False(t, r.left(t.Context()))
	used, now = 499, now.Add(roomFresh)
	require.True(t, r.left(t.Context()))
	failure, now = errors.New("no answer"), now.Add(roomFresh)
	require.True(t, r.left(t.Context()))
}
