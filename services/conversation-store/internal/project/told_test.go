package project_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// TestWhatIsToldOfAMessageIsItsRow: a fact about what came in is made without reading the row back.
func TestWhatIsToldOfAMessageIsItsRow(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	stories := []func() *eventv1.MessageReceived{ // in their order: the one that answers another comes after it
		func() *eventv1.MessageReceived { return b.answer("+14155550100", "SM1", "hello") },
		func() *eventv1.MessageReceived {
			return b.answer("+14155550101", strings.Repeat("x", 4000), "a\x00b")
		},
		func() *eventv1.MessageReceived {
			letter := b.letter("ann@example.com", "M1", "Subject")
			letter.Html, letter.Cc, letter.FromName = "<p>one</p>", []string{"bo@example.com", "cy@example.com"}, "Ann"
			letter.Body = "yes\n\nOn Monday Bo wrote:\n> no?"
			letter.Automatic, letter.ReceivedAt = true, timestamppb.New(time.Now().Add(-time.Hour).Truncate(time.Hour).Add(123456789))
			letter.Attachments = []*eventv1.Attachment{
				{Id: "1", Filename: "a.pdf", ContentType: "application/pdf", Size: 7, BlobKey: "k"},
				{Id: "2", Filename: "b.pdf", MissingReason: "too large", ContentId: "c"},
			}
			return letter
		},
		func() *eventv1.MessageReceived {
			answer := b.answer("+14155550100", "SM2", "this one")
			answer.ReplyToExternalId = "SM1"
			return answer
		},
		func() *eventv1.MessageReceived {
			chat := b.answer("+14155550102", "WA1", "hello")
			chat.Channel, chat.Provider = string(channel.WhatsApp), "phone"
			return chat
		},
		func() *eventv1.MessageReceived {
			twice := b.answer("+14155550104", "SM4", "once")
			b.receive(t, twice)
			return twice
		},
	}
	for _, story := range stories {
		b.receive(t, story())
	}
	b.start(t) // all that came is one batch
	b.settle(t)
	stop := b.answer("+14155550103", "SM3", "STOP") // whose conversation changes once more
	stop.Keyword = string(channel.StopKeyword)
	b.receive(t, stop)
	b.settle(t)

	told := 0
	for _, fact := range b.changes(t) {
		message := fact.GetMessage()
		if fact.GetVerb() != "received" {
			continue
		}
		told++
		var rows []record.Message
		err := b.db.InWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.Tx) (err error) {
			rows, err = record.Messages(ctx, tx, []record.Key{{Workspace: b.ws.ID.UUID(), ID: uuid.MustParse(message.GetId())}})
			return err
		})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.True(t, proto.Equal(rows[0].Proto(), message), "row:  %v\ntold: %v", rows[0].Proto(), message)
	}
	require.Equal(t, len(stories)+1, told)
}
