package project_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const ann, bob, cy, eve = "ann@example.com", "bob@example.com", "cy@example.com", "eve@example.com"

// where is the conversation of a message.
func (b *bundle) where(t *testing.T, messageID string) string {
	t.Helper()
	return row[string](t, b, "SELECT conversation_id::text FROM conversation_messages WHERE id = $1", messageID)
}

// beside is the conversation of a stranger who answered another.
func (b *bundle) beside(stranger, thread string) string {
	return conversation.DeriveID(b.ws.ID, channel.Email, b.ws.Email.String(), stranger+"\x00"+thread)
}

// mail is an e-mail to a customer.
func (b *bundle) mail(peer, body string) *eventv1.SendMessage {
	send := b.text(peer, body)
	send.Channel, send.ChannelAccountId, send.Provider = "email", b.ws.Email.String(), "mail"
	send.From, send.ConversationId = b.ws.Inbox, b.derive(peer)
	return send
}

// token makes a letter one to the reply address of a conversation.
func token(letter *eventv1.MessageReceived, thread string) *eventv1.MessageReceived {
	letter.ConversationId, letter.ConversationFromToken = thread, true
	return letter
}

func TestEmailFindsItsConversation(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	first := b.letter(ann, "first", "Order")
	first.Cc = []string{bob, b.ws.Inbox}
	b.receive(t, first)
	b.settle(t)
	require.Equal(t, b.derive(ann), b.where(t, first.GetMessageId()))

	t.Run("by the reply token, from who was seen in it", func(t *testing.T) {
		t.Parallel()
		letter := token(b.letter(bob, "token", "Order"), b.derive(ann))
		b.receive(t, letter)
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, letter.GetMessageId()))
	})
	t.Run("by its peer when the token names nothing", func(t *testing.T) {
		t.Parallel()
		letter := token(b.letter(eve, "forged", "Order"), uuid.NewString())
		b.receive(t, letter)
		b.settle(t)
		require.Equal(t, b.derive(eve), b.where(t, letter.GetMessageId()))
	})
	t.Run("by the message it answers, also one of the same moment", func(t *testing.T) {
		t.Parallel()
		one := b.letter(bob, "one", "Re: Order")
		one.InReplyTo, one.Cc = "<first@example.com>", []string{cy}
		two := b.letter(cy, "two", "Fwd: Order")
		two.References = []string{"unknown@example.com", "one@example.com"}
		b.receive(t, one)
		b.receive(t, two)
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, one.GetMessageId()))
		require.Equal(t, b.derive(ann), b.where(t, two.GetMessageId()))
	})
	t.Run("by the Message-ID a provider gave our own", func(t *testing.T) {
		t.Parallel()
		send := b.mail("dora@example.com", "hello")
		send.Cc = []string{"other@example.com"}
		sent := b.receipt(send, "sent", "sent")
		sent.EmailMessageId = "ours@provider.example"
		b.send(t, send)
		b.report(t, sent)
		b.settle(t)
		letter := b.letter("other@example.com", "answer", "Re: hello")
		letter.InReplyTo = "ours@provider.example"
		b.receive(t, letter)
		b.settle(t)
		require.Equal(t, send.GetConversationId(), b.where(t, letter.GetMessageId()))
	})
	t.Run("never by its subject", func(t *testing.T) {
		t.Parallel()
		letter := b.letter("dan@example.com", "subject", "Re: Order")
		b.receive(t, letter)
		b.settle(t)
		require.Equal(t, b.derive("dan@example.com"), b.where(t, letter.GetMessageId()))
	})
}

func TestAStrangersAnswerStartsALinkedConversation(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.mail(ann, "hello")
	sent := b.receipt(send, "sent", "sent")
	sent.EmailMessageId = "ours@provider.example"
	b.send(t, send)
	b.report(t, sent)
	b.settle(t)
	for name, answer := range map[string]func(*eventv1.MessageReceived){
		"to the reply token": func(m *eventv1.MessageReceived) { token(m, b.derive(ann)) },
		"to a message":       func(m *eventv1.MessageReceived) { m.InReplyTo = "ours@provider.example" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stranger := conversation.DeriveID(b.ws.ID, channel.Email, "", name) + "@example.com"
			letter := b.letter(stranger, "one"+name, "Re: hello")
			answer(letter)
			again := b.letter(stranger, "two"+name, "Re: hello")
			answer(again)
			b.receive(t, letter)
			b.receive(t, again)
			b.settle(t)
			linked := b.beside(stranger, b.derive(ann))
			require.Equal(t, linked, b.where(t, letter.GetMessageId()))
			require.Equal(t, linked, b.where(t, again.GetMessageId()), "all answers of a stranger are in one conversation")
			require.Equal(t, b.derive(ann), row[string](t, b,
				"SELECT linked_conversation_id::text FROM conversations WHERE id = $1", linked))
			require.Equal(t, stranger, row[string](t, b, "SELECT peer FROM conversations WHERE id = $1", linked))
		})
	}
	t.Run("but what a program answers is about the message", func(t *testing.T) {
		t.Parallel()
		letter := token(b.letter("mailer-daemon@example.net", "bounce", "Undeliverable"), b.derive(ann))
		letter.Automatic = true
		b.receive(t, letter)
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, letter.GetMessageId()))
		person := token(b.letter("mailer-daemon@example.net", "person", "Hello"), b.derive(ann))
		b.receive(t, person)
		b.settle(t)
		require.NotEqual(t, b.derive(ann), b.where(t, person.GetMessageId()), "a program takes no part")
	})
}

func TestAnswersToAMessageNobodySawMeet(t *testing.T) {
	t.Parallel()
	const root = "root@elsewhere.example"
	letters := func(b *bundle) map[string]*eventv1.MessageReceived {
		one, two := b.letter(ann, "one", "Re: Plan"), b.letter(bob, "two", "Re: Plan")
		one.References, two.InReplyTo = []string{root}, root
		return map[string]*eventv1.MessageReceived{"one": one, "two": two}
	}
	t.Run("from whomever they come", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		both := letters(b)
		b.receive(t, both["one"])
		b.settle(t)
		b.receive(t, both["two"])
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, both["two"].GetMessageId()))
	})
	t.Run("in one batch too", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 0)
		both := letters(b)
		b.receive(t, both["one"])
		b.receive(t, both["two"])
		b.start(t)
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, both["two"].GetMessageId()))
		require.Equal(t, ann, row[string](t, b, "SELECT peer FROM conversations"), "who began it is the peer")
	})
	t.Run("and the message itself, when it comes at last", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		one := letters(b)["one"]
		one.Cc = []string{cy}
		b.receive(t, one)
		b.settle(t)
		late := b.letter(cy, "root", "Plan")
		late.EmailMessageId = root
		b.receive(t, late)
		b.settle(t)
		require.Equal(t, b.derive(ann), b.where(t, late.GetMessageId()))
	})
	t.Run("but nobody draws the message of a stranger to themselves", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.receive(t, letters(b)["one"]) // refers to the Message-ID of a message that is still to come
		b.settle(t)
		late := b.letter(eve, "root", "Plan")
		late.EmailMessageId = root
		b.receive(t, late)
		b.settle(t)
		require.Equal(t, b.derive(eve), b.where(t, late.GetMessageId()))
		answer := b.letter(eve, "three", "Re: Plan")
		answer.InReplyTo = root
		b.receive(t, answer)
		b.settle(t)
		require.Equal(t, b.derive(eve), b.where(t, answer.GetMessageId()), "the message takes its id over")
	})
}

func TestWhatAProgramWroteStirsNothing(t *testing.T) {
	t.Parallel()
	const state = "SELECT status || ' ' || is_unread || ' ' || (snoozed_until IS NOT NULL) FROM conversations"
	automatic := func(b *bundle, id string) *eventv1.MessageReceived {
		letter := b.letter(ann, id, "Out of office")
		letter.Automatic = true
		return letter
	}
	t.Run("in a conversation that is there", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.send(t, b.mail(ann, "hello"))
		b.settle(t)
		b.change(t, "UPDATE conversations SET status = 'closed', snoozed_until = now()")
		b.receive(t, automatic(b, "away"))
		b.settle(t)
		require.Equal(t, "closed false true", row[string](t, b, state))
		require.Equal(t, "text of Out of office", row[string](t, b, "SELECT snippet FROM conversations"), "it is shown all the same")
		b.receive(t, b.letter(ann, "person", "Re: hello"))
		b.settle(t)
		require.Equal(t, "active true false", row[string](t, b, state))
	})
	t.Run("but one that it starts is news", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.receive(t, automatic(b, "form"))
		b.settle(t)
		require.Equal(t, "active true false", row[string](t, b, state))
	})
}

func TestAnEmailIsShownWithoutWhatItQuotes(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	letter := b.letter(ann, "quote", "Re: Order")
	letter.Body = "Yes, please.\n\nOn Mon, 2 Nov 2026 at 10:00, Us <us@example.com> wrote:\n> Shall we send it?\n> Us\n"
	told := b.letter(bob, "told", "Re: Order")
	told.Body, told.ReplyBody = "all of it", "as the provider says"
	plain := b.letter(cy, "plain", "Order")
	for _, m := range []*eventv1.MessageReceived{letter, told, plain} {
		b.receive(t, m)
	}
	b.settle(t)
	const reply = "SELECT reply_body FROM conversation_messages WHERE id = $1"
	require.Equal(t, "Yes, please.", row[string](t, b, reply, letter.GetMessageId()))
	require.Equal(t, letter.GetBody(), row[string](t, b, "SELECT body FROM conversation_messages WHERE id = $1", letter.GetMessageId()))
	require.Equal(t, "Yes, please.", row[string](t, b, "SELECT snippet FROM conversations WHERE peer = $1", ann))
	require.Equal(t, "as the provider says", row[string](t, b, reply, told.GetMessageId()))
	require.Empty(t, row[string](t, b, reply, plain.GetMessageId()))
}

func TestAnEmailWaitsForTheConversationOfItsToken(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.mail(ann, "hello")
	send.Cc = []string{bob}
	letter := token(b.letter(bob, "early", "Re: hello"), send.GetConversationId())
	b.receive(t, letter)
	require.Eventually(t, func() bool {
		consumer, err := b.bus.JetStream().Consumer(t.Context(), event.StreamInbound, event.DurableStoreInbound)
		return err == nil && consumer.CachedInfo().NumRedelivered > 0
	}, patience, tick)
	b.send(t, send)
	b.settle(t)
	require.Equal(t, 1, row[int](t, b, "SELECT count(*) FROM conversations"))
	require.Equal(t, 2, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
}
