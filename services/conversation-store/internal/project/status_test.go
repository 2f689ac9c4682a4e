package project_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// sequence is a vector: receipts, and the state their message must end in.
type sequence struct {
	ID     string   `json:"id"`
	Events []string `json:"events"`
	Final  string   `json:"final"`
}

func sequences(t *testing.T) []sequence {
	t.Helper()
	raw, err := os.ReadFile("testdata/status_sequences.json")
	require.NoError(t, err)
	var all []sequence
	require.NoError(t, json.Unmarshal(raw, &all))
	require.NotEmpty(t, all)
	return all
}

// story is one message and what is published about it, in one of the possible orders.
type story struct {
	send  *eventv1.SendMessage
	steps []func()
	final string
	name  string
}

// tell publishes the first step of every story, waits until all are processed, then the second ones: each step meets
// the database as the steps before it left it.
func (b *bundle) tell(t *testing.T, stories []story) {
	t.Helper()
	for round := 0; ; round++ {
		told := 0
		for _, s := range stories {
			if round < len(s.steps) {
				s.steps[round]()
				told++
			}
		}
		if told == 0 {
			break
		}
		b.settle(t)
	}
	for _, s := range stories {
		id := s.send.GetMessageId()
		require.Equal(t, s.final, row[string](t, b, "SELECT status FROM conversation_messages WHERE id = $1", id), s.name)
		require.Equal(t, s.final, row[string](t, b, "SELECT last_status FROM conversations WHERE id = $1",
			s.send.GetConversationId()), "the list row of "+s.name)
	}
}

func TestEveryOrderOfReceiptsEndsInOneState(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	var stories []story
	for _, vector := range sequences(t) {
		// The message itself is one of the things whose place in the order is free.
		for i, order := range permutations(len(vector.Events) + 1) {
			s := story{send: b.text("+1415"+vector.ID+strconv.Itoa(i), "hello"), final: vector.Final, name: vector.ID}
			for _, at := range order {
				if at == len(vector.Events) {
					s.steps = append(s.steps, func() { b.send(t, s.send) })
					continue
				}
				s.steps = append(s.steps, func() {
					b.report(t, b.receipt(s.send, vector.Events[at], vector.Events[at]))
				})
			}
			stories = append(stories, s)
		}
	}
	b.tell(t, stories)
}

func TestReceiptsThatKnowOnlyTheProvidersIDEndInOneState(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	var stories []story
	for _, vector := range sequences(t) {
		if len(vector.Events) > 3 {
			continue
		}
		// Free are also the places of the message and of the one receipt that names both ids.
		for i, order := range permutations(len(vector.Events) + 2) {
			name := vector.ID + strconv.Itoa(i)
			s := story{send: b.text("+1415"+name, "hello"), final: vector.Final, name: vector.ID}
			for _, at := range order {
				s.steps = append(s.steps, func() {
					switch at {
					case len(vector.Events):
						b.send(t, s.send)
					case len(vector.Events) + 1:
						accepted := b.receipt(s.send, "sending", "accepted")
						accepted.ExternalId, accepted.Attempt = "X"+name, 1
						b.report(t, accepted)
					default:
						callback := b.receipt(s.send, vector.Events[at], vector.Events[at])
						callback.MessageId, callback.ExternalId = "", "X"+name
						b.report(t, callback)
					}
				})
			}
			stories = append(stories, s)
		}
	}
	b.tell(t, stories)
	for _, s := range stories {
		require.NotEmpty(t, row[string](t, b, "SELECT external_id FROM conversation_messages WHERE id = $1", s.send.GetMessageId()))
	}
}

func TestARetryBeginsANewAttempt(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text("+14155550100", "again")
	step := func(status string, attempt int32, externalID string) {
		receipt := b.receipt(send, status, status+strconv.Itoa(int(attempt))+externalID)
		receipt.Attempt, receipt.ExternalId = attempt, externalID
		b.report(t, receipt)
		b.settle(t)
	}
	status := func() string {
		return row[string](t, b, "SELECT status || ' ' || attempt || ' ' || COALESCE(external_id, '-') "+
			"FROM conversation_messages WHERE id = $1", send.GetMessageId())
	}
	b.send(t, send)
	b.settle(t)
	step("sent", 1, "first")
	step("undelivered", 0, "first")
	require.Equal(t, "undelivered 1 first", status())

	send.Attempt = 2
	b.send(t, send)
	b.settle(t)
	require.Equal(t, "queued 2 -", status(), "a retry starts over")

	step("delivered", 0, "first")
	require.Equal(t, "queued 2 -", status(), "a receipt of the first attempt does not speak for the second")
	step("sent", 2, "second")
	step("delivered", 0, "second")
	require.Equal(t, "delivered 2 second", status())

	want := []string{
		"conversation.created", "message.created",
		"conversation.updated", "message.sent",
		"conversation.updated", "message.undelivered",
		"conversation.updated", "message.queued",
		"conversation.updated", "message.sent",
		"conversation.updated", "message.delivered",
	}
	require.Equal(t, want, b.facts(t))
}

// permutations are all orders of the numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

func TestAChangeIsNewerThanWhatItChanges(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text("+14155550100", "hello")
	b.send(t, send)
	b.settle(t)
	// Another process wrote last, by a clock that is ahead.
	require.NoError(t, b.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, `WITH c AS (UPDATE conversations SET updated_at = '2100-01-01')
			UPDATE conversation_messages SET updated_at = '2100-01-01'`)
		return err
	}))
	b.report(t, b.receipt(send, "delivered", "delivered"))
	b.settle(t)
	require.True(t, row[bool](t, b, "SELECT status = 'delivered' AND updated_at > '2100-01-01' FROM conversation_messages"))
	require.True(t, row[bool](t, b, "SELECT last_status = 'delivered' AND updated_at > '2100-01-01' FROM conversations"))
	b.receive(t, b.answer("+14155550100", "first", "thanks"))
	b.settle(t)
	require.True(t, row[bool](t, b, "SELECT snippet = 'thanks' AND updated_at > '2100-01-01 00:00:00.000001Z' FROM conversations"))
}

func TestSegmentsAndWordsNobodyKnows(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text("+14155550100", "hello")
	odd := b.receipt(send, "", "odd")
	odd.ProviderStatus, odd.Segments = "teleported", 3
	sent := b.receipt(send, "sent", "sent")
	sent.Segments, sent.Attempt = 2, 1
	b.report(t, odd)
	b.report(t, sent)
	b.settle(t)
	b.send(t, send)
	b.settle(t)
	const state = "SELECT status || ' ' || provider_status || ' ' || segments FROM conversation_messages"
	require.Equal(t, "sent sent 3", row[string](t, b, state), "a word nobody knows moves nothing, but its figures count")
	require.Equal(t, "teleported", row[string](t, b, "SELECT provider_status FROM message_events WHERE status = ''"))
	require.Empty(t, b.dead(t))
}
