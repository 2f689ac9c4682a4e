package project_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const scoped = "US.13491208655302741918"

// thread is the conversation others derive from an address.
func (b *bundle) thread(address string) string {
	return conversation.DeriveID(b.ws.ID, channel.WhatsApp, b.ws.SMS.String(), address)
}

// chat is a WhatsApp message from a customer, who may have further addresses.
func (b *bundle) chat(peer, externalID string, aliases ...string) *eventv1.MessageReceived {
	chat := b.answer(peer, externalID, "hello")
	chat.Channel, chat.ConversationId, chat.FromAliases = "whatsapp", b.thread(peer), aliases
	return chat
}

func (b *bundle) chatTo(peer string) *eventv1.SendMessage {
	send := b.text(peer, "hello")
	send.Channel, send.ConversationId = "whatsapp", b.thread(peer)
	return send
}

func TestACustomerKnownByTwoAddressesHasOneConversation(t *testing.T) {
	t.Parallel()
	for name, talk := range map[string]struct {
		want  string // the address whose conversation it is
		steps func(t *testing.T, b *bundle)
	}{
		"who comes by id with the number": {scoped, func(t *testing.T, b *bundle) {
			t.Helper()
			b.receive(t, b.chat(scoped, "one", customer))
			b.settle(t)
			b.send(t, b.chatTo(customer))
		}},
		"whom we wrote to by number first": {customer, func(t *testing.T, b *bundle) {
			t.Helper()
			b.send(t, b.chatTo(customer))
			b.settle(t)
			b.receive(t, b.chat(scoped, "one", customer))
			b.settle(t)
			b.receive(t, b.chat(scoped, "two"))
		}},
		"in one batch": {customer, func(t *testing.T, b *bundle) {
			t.Helper()
			b.receive(t, b.chat(customer, "one"))
			b.receive(t, b.chat(scoped, "two", customer))
			b.receive(t, b.chat(scoped, "three"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1)
			talk.steps(t, b)
			b.settle(t)
			require.Equal(t, b.thread(talk.want), row[string](t, b, "SELECT id::text FROM conversations"))
			require.Equal(t, talk.want, row[string](t, b, "SELECT peer FROM conversations"))
			require.Equal(t, 1, row[int](t, b, "SELECT count(*) FROM contacts"))
			require.Equal(t, 2, row[int](t, b, "SELECT count(*) FROM contact_addresses"))
		})
	}
}

func TestConversationsThatWereApartStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.receive(t, b.chat(customer, "one"))
	b.receive(t, b.chat(scoped, "two"))
	b.settle(t)
	b.receive(t, b.chat(scoped, "three", customer))
	b.send(t, b.chatTo(customer))
	b.settle(t)
	require.Equal(t, 2, row[int](t, b, "SELECT count(*) FROM conversation_messages WHERE conversation_id = $1", b.thread(customer)))
	require.Equal(t, 2, row[int](t, b, "SELECT count(*) FROM conversation_messages WHERE conversation_id = $1", b.thread(scoped)))
}

func TestStopHoldsForEveryAddressOfTheCustomer(t *testing.T) {
	t.Parallel()
	stop := func(b *bundle, id string, aliases ...string) *eventv1.MessageReceived {
		chat := b.chat(scoped, id, aliases...)
		chat.Body, chat.Keyword = "STOP", "stop"
		return chat
	}
	const want = "opted_out keyword The customer wrote “STOP”."
	t.Run("known before", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.receive(t, b.chat(scoped, "one", customer))
		b.settle(t)
		b.receive(t, stop(b, "two"))
		b.settle(t)
		require.Equal(t, want, b.consent(t, scoped))
		require.Equal(t, want, b.consent(t, customer))
	})
	t.Run("known later", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.receive(t, stop(b, "one"))
		b.settle(t)
		b.receive(t, b.chat(scoped, "two", customer))
		b.settle(t)
		require.Equal(t, want, b.consent(t, customer))
		require.Contains(t, projected[eventv1.Consent](t, b, event.BucketConsent),
			event.ConsentKey(b.ws.ID, channel.WhatsApp, customer))
	})
}

func TestAWindowOpensWithEveryMessageOfACustomer(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.send(t, b.chatTo(customer))
	b.settle(t)
	require.Equal(t, "true none", row[string](t, b,
		"SELECT has_window || ' ' || COALESCE(window_expires_at::text, 'none') FROM conversations"))
	base := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i, after := range []time.Duration{time.Minute, 0} { // the second comes late
		chat := b.chat(scoped, "late"+after.String(), customer)
		chat.OccurredAt = timestamppb.New(base.Add(after))
		b.receive(t, chat)
		b.settle(t)
		wanted := base.Add(time.Minute + 24*time.Hour)
		require.WithinDuration(t, wanted, row[time.Time](t, b, "SELECT window_expires_at FROM conversations"), 0, i)
		windows := projected[bucketv1.Window](t, b, event.BucketWindows)
		for _, address := range []string{customer, scoped} {
			entry := windows[event.WindowKey(b.ws.ID, b.thread(address))]
			require.WithinDuration(t, wanted, entry.GetExpiresAt().AsTime(), 0, address)
		}
	}
	b.receive(t, b.answer("+14155550177", "SM1", "a text has no window"))
	b.settle(t)
	require.False(t, row[bool](t, b, "SELECT has_window FROM conversations WHERE channel = 'sms'"))
	require.Len(t, projected[bucketv1.Window](t, b, event.BucketWindows), 2)
}
