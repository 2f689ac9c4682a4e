package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// told publishes one more receipt of a message.
func (a *asker) told(t *testing.T, message, step string, status channel.Status, who *eventv1.Resolution) {
	t.Helper()
	a.publish(t, event.ReceiptSubject(a.ws, channel.SMS), &eventv1.MessageReceipt{
		WorkspaceId: a.ws.String(), MessageId: message, Channel: "sms", ChannelAccountId: a.route.GetChannelAccountId(),
		Provider: a.route.GetProvider(), Status: string(status), Step: step, OccurredAt: timestamppb.New(time.Now().Add(time.Second)),
		Attempt: 1, DedupeKey: message + step + string(status), Resolution: who,
	})
}

func (a *asker) unknown(t *testing.T, cursor string) *storev1.ListMessagesResponse {
	t.Helper()
	response := &storev1.ListMessagesResponse{}
	require.NoError(t, a.ask(t, "message", "list", &storev1.ListMessagesRequest{Status: "unknown", Limit: 1, Cursor: cursor}, response))
	return response
}

func (a *asker) awaitStatus(t *testing.T, message string, status channel.Status) {
	t.Helper()
	require.Eventually(t, func() bool {
		response := &storev1.GetMessageResponse{}
		err := a.ask(t, "message", "get", &storev1.GetMessageRequest{Id: message}, response)
		return err == nil && response.GetMessage().GetStatus() == string(status)
	}, patience, tick)
}

func TestAPersonsWordOnAnUnknownOutcomeIsKept(t *testing.T) {
	t.Parallel()
	a := newAsker(t)
	require.Empty(t, a.unknown(t, "").GetItems())
	send := func() string {
		id, account := uuid.NewString(), a.route.GetChannelAccountId()
		a.publish(t, event.SendSubject(a.ws, channel.SMS), &eventv1.SendMessage{
			WorkspaceId: a.ws.String(), MessageId: id, ConversationId: uuid.NewString(), Channel: "sms", ChannelAccountId: account,
			Provider: a.route.GetProvider(), Mode: "platform", From: a.route.GetAddress(), To: customer, Body: "hello",
			AcceptedAt: timestamppb.Now(), Attempt: 1,
		})
		a.told(t, id, "unknown", channel.Unknown, nil)
		a.awaitStatus(t, id, channel.Unknown)
		return id
	}
	first, second := send(), send()

	page := a.unknown(t, "")
	require.Equal(t, second, page.GetItems()[0].GetId(), "newest first")
	page = a.unknown(t, page.GetNextCursor())
	require.Equal(t, first, page.GetItems()[0].GetId())
	require.Empty(t, page.GetNextCursor())

	a.told(t, first, "asked", "", &eventv1.Resolution{Decision: "ask", UserId: a.user})
	a.told(t, first, "resolved", channel.Sent, &eventv1.Resolution{Decision: "arrived", UserId: a.user})
	a.awaitStatus(t, first, channel.Sent)
	require.Len(t, a.unknown(t, "").GetItems(), 1)
	a.told(t, first, "callback", channel.Failed, nil)
	a.awaitStatus(t, first, channel.Failed) // what the provider reports still counts by rank
	a.told(t, second, "resolved", "", &eventv1.Resolution{Decision: "send_again", ApiKeyId: uuid.NewString()})
	a.told(t, second, "callback", channel.Delivered, nil)
	a.awaitStatus(t, second, channel.Delivered)

	for message, want := range map[string]map[string]string{
		first: {
			"asked":    "Ann had the provider asked again: it knows nothing of the message.",
			"resolved": "Ann decided that it arrived.",
		},
		second: {"resolved": "Somebody decided to send it again, although it may arrive twice."},
	} {
		journey := &storev1.GetJourneyResponse{}
		require.NoError(t, a.ask(t, "message", "journey", &storev1.GetJourneyRequest{MessageId: message}, journey))
		got := map[string]string{}
		for _, step := range journey.GetItems() {
			if _, wanted := want[step.GetStep()]; wanted {
				got[step.GetStep()] = step.GetDetail()
			}
		}
		require.Equal(t, want, got)
	}
}
