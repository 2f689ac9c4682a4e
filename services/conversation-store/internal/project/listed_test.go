package project_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// bounce is the news of a bounce as the webhook tells it, and as the provider's list tells it: with less.
func (b *bundle) bounce(send *eventv1.SendMessage, externalID string) (told, listed *eventv1.MessageReceipt) {
	began := time.Now().Add(-time.Minute)
	told = b.receipt(send, "bounced", "bounced")
	told.ProviderStatus, told.ExternalId, told.Attempt, told.EmailMessageId = "email.bounced", externalID, 1, externalID+"@example.com"
	told.Failure = &eventv1.Failure{Code: "bounced", Message: "There is no such mailbox.", Retryable: true}
	told.OccurredAt = timestamppb.New(began.Add(time.Second))
	listed = b.receipt(send, "bounced", "")
	listed.MessageId, listed.ExternalId, listed.EmailMessageId = "", externalID, externalID+"@example.com"
	listed.DedupeKey = send.GetProvider() + ":listed/" + externalID + "/bounced"
	listed.Failure = &eventv1.Failure{Code: "bounced", Retryable: true}
	listed.OccurredAt = timestamppb.New(began)
	return told, listed
}

const (
	stateOfMessage = `SELECT (to_jsonb(m) - ARRAY['id', 'conversation_id', 'external_id', 'email_message_id', 'to_address',
		'created_at', 'updated_at'])::text FROM conversation_messages m WHERE id = $1`
	countListed = "SELECT count(*) FROM message_events WHERE external_id = $1 AND dedupe_key LIKE '%:listed/%'"
)

func TestWhatAWebhookToldAListDoesNotTellAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text("+14155550100", "hello")
	told, listed := b.bounce(send, "X1")
	b.send(t, send)
	b.settle(t)
	b.report(t, told)
	b.settle(t)
	before, facts := row[string](t, b, stateOfMessage, send.GetMessageId()), b.facts(t)

	for range 2 {
		b.report(t, listed)
		b.settle(t)
	}
	require.Zero(t, row[int](t, b, countListed, "X1"), "it makes no row")
	require.Equal(t, before, row[string](t, b, stateOfMessage, send.GetMessageId()))
	require.Equal(t, facts, b.facts(t), "it makes no fact")

	news := b.receipt(send, "complained", "")
	news.MessageId, news.ExternalId, news.DedupeKey = "", "X1", send.GetProvider()+":listed/X1/complained"
	b.report(t, news)
	b.settle(t)
	require.Equal(t, 1, row[int](t, b, countListed, "X1"), "what no webhook told is news")
	require.Equal(t, "complained", row[string](t, b, "SELECT status FROM conversation_messages WHERE id = $1", send.GetMessageId()))
}

func TestAListThatSaysMoreThanTheWebhookIsKept(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text("+14155550100", "hello")
	told, listed := b.bounce(send, "X1")
	told.EmailMessageId = ""
	b.send(t, send)
	b.report(t, told)
	b.settle(t)
	b.report(t, listed)
	b.settle(t)
	require.Equal(t, "X1@example.com email.bounced", row[string](t, b,
		"SELECT email_message_id || ' ' || provider_status FROM conversation_messages WHERE id = $1", send.GetMessageId()))
}

func TestEveryOrderOfWebhookAndListEndsInOneState(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	var stories []story
	for i, order := range permutations(4) {
		name := strconv.Itoa(i)
		s := story{send: b.text("+14155550"+strconv.Itoa(100+i), "hello"), final: "bounced", name: name}
		told, listed := b.bounce(s.send, "X"+name)
		accepted := b.receipt(s.send, "sending", "accepted")
		accepted.ExternalId, accepted.Attempt, accepted.Step = "X"+name, 1, "accepted"
		steps := []func(){
			func() { b.send(t, s.send) }, func() { b.report(t, accepted) }, func() { b.report(t, told) }, func() { b.report(t, listed) },
		}
		for _, at := range order {
			s.steps = append(s.steps, steps[at])
		}
		stories = append(stories, s)
	}
	b.tell(t, stories)
	want := row[string](t, b, stateOfMessage, stories[0].send.GetMessageId())
	require.Contains(t, want, "There is no such mailbox.", "the webhook's word counts")
	for _, s := range stories {
		require.Equal(t, want, row[string](t, b, stateOfMessage, s.send.GetMessageId()), s.name)
	}
}

func TestAWebhookAndAListInOneBatchAreToldOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	send := b.text("+14155550100", "hello")
	told, listed := b.bounce(send, "X1")
	b.start(t)
	held := b.text("+14155550101", "while this one waits for its lane, the receipts gather")
	b.whileHeld(t, func() {
		b.report(t, b.receipt(held, "sending", "accepted"))
		b.awaitHeld(t, event.StreamReceipt, event.DurableStoreReceipt, 1)
		b.report(t, listed)
		b.report(t, told)
		b.awaitHeld(t, event.StreamReceipt, event.DurableStoreReceipt, 3)
	})
	b.send(t, send)
	b.settle(t)
	require.Zero(t, row[int](t, b, countListed, "X1"))
	require.Equal(t, "email.bounced", row[string](t, b, "SELECT provider_status FROM conversation_messages WHERE id = $1",
		send.GetMessageId()))
}
