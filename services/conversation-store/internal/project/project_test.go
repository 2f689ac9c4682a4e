package project_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const customer = "+14155550123"

func TestFirstMessagesOfOneCustomerMeetInOneConversation(t *testing.T) {
	t.Parallel()
	for _, projectors := range []int{1, 2} {
		t.Run(fmt.Sprintf("with %d projectors", projectors), func(t *testing.T) {
			t.Parallel()
			const many = 100
			b := setup(t, projectors)
			var publishers sync.WaitGroup
			for i := range many {
				publishers.Go(func() {
					if i%2 == 0 {
						b.receive(t, b.answer(customer, "SM"+strconv.Itoa(i), "hello"))
					} else {
						b.send(t, b.text(customer, "hello"))
					}
				})
			}
			publishers.Wait()
			b.settle(t)
			require.Equal(t, 1, row[int](t, b, "SELECT count(*) FROM conversations"))
			require.Equal(t, 1, row[int](t, b, "SELECT count(*) FROM contacts"))
			require.Equal(t, many, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
			require.True(t, row[bool](t, b, `SELECT c.last_message_id = (
					SELECT m.id FROM conversation_messages m ORDER BY m.created_at DESC, m.id DESC LIMIT 1)
				FROM conversations c`), "the list row shows the newest message")
		})
	}
}

func TestConversation(t *testing.T) {
	t.Parallel()

	t.Run("shows the newest message and is unread after an answer", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.send(t, b.text(customer, "first\n\n  line"))
		b.settle(t)
		const state = "SELECT status || ' ' || is_unread || ' ' || last_direction || ' ' || last_status || ' ' || snippet FROM conversations"
		require.Equal(t, "active false outbound queued first line", row[string](t, b, state))
		b.receive(t, b.answer(customer, "SM1", "an answer"))
		b.settle(t)
		require.Equal(t, "active true inbound received an answer", row[string](t, b, state))
		require.Equal(t, []string{
			"conversation.created", "message.created", "conversation.updated", "message.received",
		}, b.facts(t))
	})

	for before, after := range map[string]string{"closed": "active", "archived": "active", "spam": "spam", "active": "active"} {
		t.Run("that is "+before+" is "+after+" after an answer", func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1)
			b.receive(t, b.answer(customer, "SM1", "hello"))
			b.settle(t)
			require.NoError(t, b.db.InWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.Tx) error {
				_, err := tx.Exec(ctx, "UPDATE conversations SET status = $1, snoozed_until = now()", before)
				return err
			}))
			b.receive(t, b.answer(customer, "SM2", "hello again"))
			b.settle(t)
			require.Equal(t, after, row[string](t, b, "SELECT status FROM conversations"))
			require.True(t, row[bool](t, b, "SELECT snoozed_until IS NULL FROM conversations"))
		})
	}

	t.Run("takes the name a customer gives", func(t *testing.T) {
		t.Parallel()
		b := setup(t, 1)
		b.send(t, b.text(customer, "hello"))
		b.settle(t)
		answer := b.answer(customer, "SM1", "hello")
		answer.FromName = "Ann"
		b.receive(t, answer)
		b.settle(t)
		require.Equal(t, "Ann", row[string](t, b, "SELECT name FROM contacts"))
	})
}

func TestProjectingEverythingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	tell := []func(){}
	for i := range 20 {
		peer := customer + strconv.Itoa(i%7)
		send, answer := b.text(peer, "out"), b.answer(peer, "SM"+strconv.Itoa(i), "in")
		answer.Attachments = []*eventv1.Attachment{{Id: "a", Filename: "a.png", ContentType: "image/png", Size: 3, BlobKey: "k"}}
		letter := b.letter(fmt.Sprintf("p%d@example.com", i%5), "mail"+strconv.Itoa(i), "Subject")
		sent, delivered := b.receipt(send, "sent", "sent"), b.receipt(send, "delivered", "delivered")
		sent.ExternalId, sent.Attempt, sent.EmailMessageId = "EX"+strconv.Itoa(i), 1, fmt.Sprintf("sent%d@example.com", i)
		sent.Raw = answer.GetRaw()
		delivered.MessageId, delivered.ExternalId = "", sent.GetExternalId()
		delivered.Failure = &eventv1.Failure{Code: "odd", Message: "text"}
		tell = append(tell, func() {
			b.send(t, send)
			b.receive(t, answer)
			b.receive(t, letter)
			b.report(t, delivered)
			b.report(t, sent)
		})
	}
	for _, publish := range tell {
		publish()
	}
	b.settle(t)
	before := b.state(t)
	for range 2 {
		for _, publish := range tell {
			publish()
		}
		b.settle(t)
		require.Equal(t, before, b.state(t))
	}
}

// state is every row of every table, times included.
func (b *bundle) state(t *testing.T) map[string]string {
	t.Helper()
	state := map[string]string{}
	require.NoError(t, b.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, "SELECT tablename FROM pg_tables WHERE schemaname = 'conversations'")
		require.NoError(t, err)
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		for _, table := range tables {
			var hash string
			require.NoError(t, tx.QueryRow(ctx, "SELECT count(*) || ' ' || COALESCE(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM "+
				pgx.Identifier{table}.Sanitize()+" AS r").Scan(&hash))
			state[table] = hash
		}
		return nil
	}))
	require.NotEmpty(t, state)
	return state
}

func TestHostileTextIsStored(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	long := strings.Repeat("x", 100_000)
	answer := b.answer(customer, "SM\x00"+long, "zero \x00 byte "+long)
	answer.FromName, answer.Html = "A\x00nn", "<p>\x00</p>"
	answer.From = customer + long
	answer.Raw.Headers = []string{"X: \x00"}
	letter := b.letter("ann@example.com", "m", "sub\x00ject")
	letter.References = []string{"a b\x00", long, "<" + long + ">"}
	letter.InReplyTo = "\x00"
	b.receive(t, answer)
	b.receive(t, letter)
	b.settle(t)
	require.Equal(t, 2, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
	require.Equal(t, "Ann", row[string](t, b, "SELECT from_name FROM conversation_messages WHERE channel = 'sms'"))
	require.Equal(t, "subject", row[string](t, b, "SELECT subject FROM conversation_messages WHERE channel = 'email'"))
	require.Empty(t, b.dead(t))
}

func TestPoisonIsDeadLetteredAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	other := pgtest.NewWorkspace(t, b.db)
	subject := event.SendSubject(b.ws.ID, channel.SMS)
	foreign := b.text(customer, "of another workspace")
	foreign.WorkspaceId = other.ID.String()
	accountless := b.text(customer, "from an account nobody has")
	accountless.ChannelAccountId = uuid.NewString()
	nameless := b.text(customer, "without an id")
	nameless.MessageId = "not an id"

	for i := range 50 {
		b.send(t, b.text(customer, "good "+strconv.Itoa(i)))
	}
	b.publishData(t, subject, []byte{0xff, 0xff})
	b.publish(t, subject, foreign)
	b.send(t, accountless)
	b.send(t, nameless)
	for i := range 50 {
		b.send(t, b.text(customer, "also good "+strconv.Itoa(i)))
	}
	bad := b.receipt(foreign, "dreaming", "x")
	bad.WorkspaceId = b.ws.ID.String()
	b.report(t, bad)
	b.start(t)
	b.settle(t)
	require.Equal(t, 100, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
	dead := b.dead(t)
	require.Len(t, dead, 5)
	for _, letter := range dead {
		require.NotEmpty(t, letter.GetReason())
		require.Equal(t, uint64(1), letter.GetDeliveries(), "what cannot be mended is not tried again")
	}
}

// dead is what is in DEADLETTER.
func (b *bundle) dead(t *testing.T) []*eventv1.DeadLetter {
	t.Helper()
	first, last, err := b.bus.Bounds(t.Context(), event.StreamDeadLetter)
	require.NoError(t, err)
	var letters []*eventv1.DeadLetter
	for sequence := first; sequence <= last; sequence++ {
		message, err := b.bus.ReadAt(t.Context(), event.StreamDeadLetter, sequence)
		require.NoError(t, err)
		letter := &eventv1.DeadLetter{}
		require.NoError(t, message.Decode(letter))
		letters = append(letters, letter)
	}
	return letters
}

func TestWorkspacesOfOneBatchStayApart(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	const many = 12
	for range many {
		ws := pgtest.NewWorkspace(t, b.db)
		answer := b.answer(customer, "SM1", "hello")
		answer.WorkspaceId, answer.ChannelAccountId = ws.ID.String(), ws.SMS.String()
		answer.ConversationId = conversation.DeriveID(ws.ID, channel.SMS, ws.SMS.String(), customer)
		answer.MessageId = conversation.DeriveMessageID(ws.ID, ws.SMS.String(), "SM1")
		b.receive(t, answer)
	}
	b.receive(t, b.answer(customer, "SM1", "hello"))
	b.start(t)
	b.settle(t)
	require.Equal(t, 1, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
	require.NoError(t, b.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		var messages, conversations int
		err := tx.QueryRow(ctx, "SELECT count(*), count(DISTINCT workspace_id) FROM conversation_messages").
			Scan(&messages, &conversations)
		require.Equal(t, many+1, messages)
		require.Equal(t, many+1, conversations)
		return err
	}))
}

func TestABatchOfLargeMessagesIsStoredInParts(t *testing.T) {
	t.Parallel()
	const many = 12
	b := setup(t, 0)
	for i := range many {
		letter := b.letter("ann@example.com", "large"+strconv.Itoa(i), "Large")
		letter.Raw.Body = bytes.Repeat([]byte{0xff}, 3<<20)
		b.receive(t, letter)
	}
	b.start(t)
	b.settle(t)
	require.Equal(t, many, row[int](t, b, "SELECT count(*) FROM conversation_messages"))
	require.Equal(t, many*3<<20, row[int](t, b, "SELECT sum(length(body)) FROM raw_payloads"))
}

func TestALargeMessageMakesASmallFact(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	answer := b.letter("ann@example.com", "large", "Large")
	answer.Html, answer.Body = strings.Repeat("<p>é</p>", 300_000), strings.Repeat("é", 500_000)
	b.receive(t, answer)
	b.settle(t)
	for _, change := range b.changes(t) {
		require.Less(t, proto.Size(change), bus.LargestEvent/16)
		require.Empty(t, change.GetMessage().GetHtml())
	}
	require.Len(t, b.changes(t), 2)
	require.NotEmpty(t, b.changes(t)[1].GetMessage().GetBody())
	require.Equal(t, 500_000, row[int](t, b, "SELECT length(body) FROM conversation_messages"))
}
