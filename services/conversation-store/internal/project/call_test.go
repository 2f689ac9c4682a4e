package project_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// incoming is a call from a customer that rings.
func (b *bundle) incoming(peer, externalID string) *eventv1.MessageReceived {
	call := b.answer(peer, externalID, "")
	call.Channel, call.ConversationId = "call", conversation.DeriveID(b.ws.ID, channel.Call, b.ws.SMS.String(), peer)
	call.Call = &eventv1.Call{State: "ringing", StartedAt: call.GetOccurredAt()}
	return call
}

// news is what became of a call, told some seconds after now.
func (b *bundle) news(messageID, key string, seconds int, call *eventv1.Call) *eventv1.MessageReceipt {
	return &eventv1.MessageReceipt{
		WorkspaceId: b.ws.ID.String(), MessageId: messageID, Channel: "call", ChannelAccountId: b.ws.SMS.String(),
		Provider: "phone", OccurredAt: timestamppb.New(time.Now().Add(time.Duration(seconds) * time.Second)),
		DedupeKey: messageID + "/" + key, Step: "callback", Call: call,
	}
}

// call is what the row says of a call.
func (b *bundle) call(t *testing.T, messageID string) record.Call {
	t.Helper()
	var call record.Call
	text := row[string](t, b, "SELECT call::text FROM conversation_messages WHERE id = $1", messageID)
	require.NoError(t, json.Unmarshal([]byte(text), &call))
	return call
}

const unread = "SELECT is_unread::text || ' ' || status || ' ' || snippet FROM conversations"

func TestAnAnsweredCall(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	call := b.incoming(customer, "CA1")
	agent := b.ws.User.String()
	events := []*eventv1.MessageReceipt{
		b.news(call.GetMessageId(), "answered", 2, &eventv1.Call{State: "in_progress", AgentId: agent, AnsweredAt: timestamppb.Now()}),
		b.news(call.GetMessageId(), "ended", 60, &eventv1.Call{State: "completed", DurationSeconds: 58, EndedAt: timestamppb.Now()}),
		b.news(call.GetMessageId(), "late", 61, &eventv1.Call{State: "no_answer"}),
		b.news(call.GetMessageId(), "recording", 62, &eventv1.Call{Recording: &eventv1.Attachment{Id: "r", BlobKey: "k"}}),
		b.news(call.GetMessageId(), "words", 63, &eventv1.Call{Transcript: "hello\x00 there"}),
	}
	slices.Reverse(events)
	b.report(t, events[0]) // before the call itself
	b.settle(t)
	b.receive(t, call)
	b.settle(t)
	require.Equal(t, "ringing", b.call(t, call.GetMessageId()).State)
	require.Equal(t, "false active Incoming call", row[string](t, b, unread), "somebody may be answering just now")
	for _, event := range events {
		b.report(t, event)
	}
	b.settle(t)
	got := b.call(t, call.GetMessageId())
	require.Equal(t, "completed", got.State)
	require.Equal(t, agent, got.AgentID)
	require.Equal(t, int32(58), got.DurationSeconds)
	require.Equal(t, "k", got.Recording.BlobKey)
	require.Equal(t, "hello there", got.Transcript)
	require.NotNil(t, got.StartedAt)
	require.NotNil(t, got.AnsweredAt)
	require.NotNil(t, got.EndedAt)
	require.Equal(t, "received", row[string](t, b, "SELECT status FROM conversation_messages"))
	require.Equal(t, "false active Call, 58 s", row[string](t, b, unread))
	facts := b.facts(t)
	require.Equal(t, []string{"conversation.created", "message.received"}, facts[:2])
	require.Contains(t, facts[2:], "message.updated")
	require.Contains(t, facts[2:], "conversation.updated")
	before := b.state(t)
	for _, event := range events {
		b.report(t, event)
	}
	b.receive(t, call)
	b.settle(t)
	require.Equal(t, before, b.state(t), "again changes nothing")
}

func TestAMissedCallIsUnread(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	call := b.incoming(customer, "CA1")
	b.receive(t, call)
	b.settle(t)
	b.change(t, "UPDATE conversations SET status = 'closed'")
	b.report(t, b.news(call.GetMessageId(), "over", 20, &eventv1.Call{State: "no_answer"}))
	b.settle(t)
	require.Equal(t, "true active Missed call", row[string](t, b, unread))
	b.change(t, "UPDATE conversations SET is_unread = false, status = 'closed'")
	b.report(t, b.news(call.GetMessageId(), "voicemail", 30, &eventv1.Call{State: "voicemail", DurationSeconds: 7}))
	b.report(t, b.news(call.GetMessageId(), "words", 31, &eventv1.Call{Transcript: "Please call me back."}))
	b.settle(t)
	require.Equal(t, "false closed Voicemail: Please call me back.", row[string](t, b, unread), "who has seen it once is not told again")
}

func TestTheOrderOfNewsOfACallDoesNotMatter(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	told := []*eventv1.Call{
		{State: "in_progress", AgentId: "first"},
		{State: "completed", AgentId: "second", DurationSeconds: 5},
		{State: "voicemail", DurationSeconds: 9, Recording: &eventv1.Attachment{Id: "old", BlobKey: "old"}},
		{Recording: &eventv1.Attachment{Id: "lost", MissingReason: "unavailable"}},
	}
	var calls []*eventv1.MessageReceived
	orders := permutations(len(told))
	for i, order := range orders {
		call := b.incoming(customer+strconv.Itoa(i), "CA"+strconv.Itoa(i))
		call.OccurredAt, call.ReceivedAt = timestamppb.New(time.Unix(1_800_000_000, 0)), timestamppb.New(time.Unix(1_800_000_000, 0))
		call.Call.StartedAt = call.GetOccurredAt()
		calls = append(calls, call)
		if i%2 == 0 {
			b.receive(t, call)
		}
		for _, at := range order {
			news := b.news(call.GetMessageId(), strconv.Itoa(at), 0, told[at])
			news.OccurredAt = timestamppb.New(time.Unix(1_800_000_001+int64(at), 0))
			b.report(t, news)
		}
	}
	b.settle(t)
	for i, call := range calls {
		if i%2 != 0 {
			b.receive(t, call)
		}
	}
	b.settle(t)
	want := b.call(t, calls[0].GetMessageId())
	require.Equal(t, "voicemail", want.State)
	require.Equal(t, "first", want.AgentID)
	require.Equal(t, int32(9), want.DurationSeconds)
	require.Equal(t, "old", want.Recording.ID, "a file that is there is better than one that is not")
	for i, call := range calls {
		require.Equal(t, want, b.call(t, call.GetMessageId()), orders[i])
	}
}

func TestARetriedCallIsAnotherCall(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	send := b.text(customer, "")
	send.Channel, send.ConversationId = "call", conversation.DeriveID(b.ws.ID, channel.Call, b.ws.SMS.String(), customer)
	send.Call = &eventv1.CallRequest{AgentId: b.ws.User.String(), AgentPhone: "+14155550199", Announcement: "Hello."}
	b.send(t, send)
	b.settle(t)
	require.Equal(t, b.ws.User.String(), b.call(t, send.GetMessageId()).AgentID)
	require.Equal(t, "Outgoing call", row[string](t, b, "SELECT snippet FROM conversations"))
	news := func(key string, seconds int, attempt int32, status, state string) {
		told := b.news(send.GetMessageId(), key, seconds, &eventv1.Call{State: state})
		told.Status, told.Attempt, told.ExternalId = status, attempt, "CA"+strconv.Itoa(int(attempt))
		b.report(t, told)
	}
	news("ringing", 1, 1, "sent", "ringing")
	news("busy", 2, 1, "undelivered", "busy")
	b.settle(t)
	require.Equal(t, "busy", b.call(t, send.GetMessageId()).State)
	require.Equal(t, "undelivered", row[string](t, b, "SELECT status FROM conversation_messages"))

	send.Attempt = 2
	b.send(t, send)
	news("again", 10, 2, "sent", "ringing")
	b.settle(t)
	require.Equal(t, "ringing", b.call(t, send.GetMessageId()).State)
	require.Equal(t, "sent", row[string](t, b, "SELECT status FROM conversation_messages"))
	require.Equal(t, b.ws.User.String(), b.call(t, send.GetMessageId()).AgentID)
}
