package inbox_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

func TestWhatStoodAgainstAMessageMayBeOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{Channel: "email"})[0]
	const optedOut, closed = `{"code":"opted_out"}`, `{"code":"window_closed"}`
	prepare := func(failure string) error {
		id := b.outbound(t, ws, c, time.Now(), "blocked", failure).String()
		_, err := b.inbox.PrepareRetry(t.Context(), ws.ID, &storev1.PrepareRetryRequest{MessageId: id})
		return err
	}
	b.Exec(t, "INSERT INTO consents (workspace_id, channel, address, state) VALUES ($1, 'email', 'them@example.com', 'opted_out')",
		ws.ID.UUID())
	storetest.RequireRefusal(t, prepare(optedOut), bus.CodeConflict, "")
	b.Exec(t, "UPDATE consents SET state = 'opted_in' WHERE workspace_id = $1", ws.ID.UUID())
	require.NoError(t, prepare(optedOut))

	storetest.RequireRefusal(t, prepare(closed), bus.CodeConflict, "")
	b.Exec(t, "UPDATE conversations SET window_expires_at = now() + interval '1 hour' WHERE id = $1", c.ID)
	require.NoError(t, prepare(closed))
	storetest.RequireRefusal(t, prepare(`{"code":"quota_exceeded"}`), bus.CodeConflict, "")
}

func TestARetryIsTheWholeMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{Channel: "email"})[0]
	id := b.outbound(t, ws, c, time.Now(), "unknown", "")
	b.Exec(t, `UPDATE conversation_messages SET cc = '{cc@example.com}', bcc = '{bcc@example.com}', automatic = true,
		answers_keyword = true, template = '{"id":"welcome","language":"en_US","parameters":{"1":"Ann"}}',
		call_request = '{"agent_id":"a","agent_phone":"+14155550125","record":true,"announcement":"Recorded."}'
		WHERE id = $1`, id)
	response, err := b.inbox.PrepareRetry(t.Context(), ws.ID, &storev1.PrepareRetryRequest{MessageId: id.String()})
	require.NoError(t, err)
	send := response.GetSend()
	require.Equal(t, []string{"cc@example.com"}, send.GetCc())
	require.Equal(t, []string{"bcc@example.com"}, send.GetBcc())
	require.True(t, send.GetAutomatic())
	require.True(t, send.GetAnswersKeyword())
	require.Equal(t, "welcome", send.GetTemplate().GetId())
	require.Equal(t, map[string]string{"1": "Ann"}, send.GetTemplate().GetParameters())
	require.Equal(t, "+14155550125", send.GetCall().GetAgentPhone())
	require.True(t, send.GetCall().GetRecord())
	require.Len(t, send.GetAttachments(), 2)
}

func TestAReplyGoesToAllWhoTakePart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	c := ws.Add(t, storetest.Conversation{Channel: "email", Peer: "ann@example.com", At: now.Add(-time.Hour)})[0]
	prepare := func() []string {
		reply, err := b.inbox.PrepareReply(t.Context(), ws.ID, &storev1.PrepareReplyRequest{ConversationId: c.ID.String()})
		require.NoError(t, err)
		return reply.GetCc()
	}
	b.Exec(t, "UPDATE conversation_messages SET cc = $2 WHERE id = $1", c.Message, []string{
		"bob@example.com", ws.Inbox, conversation.ReplyAddress(ws.Inbox, c.ID.String()), "bob@example.com", "ann@example.com",
	})
	require.Equal(t, []string{"us@example.com", "bob@example.com"}, prepare(), "us@example.com is no address of this workspace")

	sent := b.outbound(t, ws, c, now, "queued", "")
	b.Exec(t, "UPDATE conversation_messages SET from_address = $2, to_address = 'ann@example.com', cc = '{cy@example.com}' WHERE id = $1",
		sent, ws.Inbox)
	require.Equal(t, []string{"cy@example.com"}, prepare(), "the newest message says who takes part")

	away := b.outbound(t, ws, c, now.Add(time.Second), "sent", "")
	b.Exec(t, "UPDATE conversation_messages SET automatic = true, from_address = 'mailer@example.com' WHERE id = $1", away)
	require.Equal(t, []string{"cy@example.com"}, prepare(), "a program does not")
}

func TestAnIDOfAnotherAddressLeadsToTheConversation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{}, storetest.Conversation{})
	alias := uuid.New()
	b.Exec(t, `INSERT INTO conversation_aliases (workspace_id, id, conversation_id, channel, address)
		VALUES ($1, $2, $3, 'whatsapp', 'a'), ($1, $4, $3, 'whatsapp', 'b')`, ws.ID.UUID(), alias, c[0].ID, c[1].ID)
	get := func(id uuid.UUID) string {
		response, err := b.inbox.GetConversation(t.Context(), ws.ID, &storev1.GetConversationRequest{Id: id.String()})
		require.NoError(t, err)
		return response.GetConversation().GetId()
	}
	require.Equal(t, c[0].ID.String(), get(alias))
	require.Equal(t, c[1].ID.String(), get(c[1].ID), "a conversation of the very id comes first")

	messages, err := b.inbox.ListMessages(t.Context(), ws.ID, &storev1.ListMessagesRequest{ConversationId: alias.String()})
	require.NoError(t, err)
	require.Len(t, messages.GetItems(), 1)
	starred := true
	updated, err := b.inbox.UpdateConversation(t.Context(), ws.ID, &storev1.UpdateConversationRequest{Id: alias.String(), IsStarred: &starred})
	require.NoError(t, err)
	require.Equal(t, c[0].ID.String(), updated.GetConversation().GetId())
	_, err = b.inbox.GetConversation(t.Context(), b.NewWorkspace(t).ID, &storev1.GetConversationRequest{Id: alias.String()})
	storetest.RequireRefusal(t, err, bus.CodeNotFound, "")
}

func TestAMessageIsReadWithAllItsParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{Channel: "email", Peer: "them@example.com"})[0]
	b.Exec(t, "UPDATE conversation_messages SET external_id = 'theirs' WHERE id = $1", c.Message)
	id := b.outbound(t, ws, c, time.Now(), "sent", "")
	b.Exec(t, `UPDATE conversation_messages SET cc = '{cc@example.com}', bcc = '{bcc@example.com}', automatic = true, segments = 3,
		reply_body = 'only this', reply_to_external_id = 'theirs', template = '{"id":"welcome"}',
		call = '{"state":"voicemail","agent_id":"a","duration_seconds":7,"started_at":"2026-05-06T07:08:09Z",
			"recording":{"id":"r","blob_key":"k"},"transcript":"words"}' WHERE id = $1`, id)
	b.Exec(t, `UPDATE conversations SET linked_conversation_id = id, has_window = true,
		window_expires_at = '2026-05-06T07:08:09Z' WHERE id = $1`, c.ID)
	b.Exec(t, `INSERT INTO consents (workspace_id, channel, address, state, source, reason, changed_by, changed_at)
		VALUES ($1, 'email', 'them@example.com', 'opted_out', 'person', 'They asked.', $2, '2026-05-06T07:08:09Z')`,
		ws.ID.UUID(), ws.User)

	got, err := b.inbox.GetMessage(t.Context(), ws.ID, &storev1.GetMessageRequest{Id: id.String()})
	require.NoError(t, err)
	message := got.GetMessage()
	require.Equal(t, []string{"cc@example.com", "bcc@example.com"}, append(message.GetCc(), message.GetBcc()...))
	require.True(t, message.GetAutomatic())
	require.Equal(t, int32(3), message.GetSegments())
	require.Equal(t, "only this", message.GetReplyBody())
	require.Equal(t, "Us", message.GetFromName())
	require.Equal(t, c.Message.String(), message.GetReplyToId())
	require.Equal(t, "welcome", message.GetTemplate().GetId())
	require.Equal(t, "voicemail", message.GetCall().GetState())
	require.Equal(t, int32(7), message.GetCall().GetDurationSeconds())
	require.Equal(t, "k", message.GetCall().GetRecording().GetBlobKey())
	require.Equal(t, "words", message.GetCall().GetTranscript())

	listed, err := b.inbox.ListConversations(t.Context(), ws.ID, &storev1.ListConversationsRequest{})
	require.NoError(t, err)
	held := listed.GetItems()[0]
	require.Equal(t, c.ID.String(), held.GetLinkedConversationId())
	require.True(t, held.GetHasWindow())
	require.Equal(t, message.GetCall().GetStartedAt().AsTime(), held.GetWindowExpiresAt().AsTime())
	require.Equal(t, "opted_out", held.GetConsent().GetState())
	require.Equal(t, "They asked.", held.GetConsent().GetReason())
	require.Equal(t, ws.User.String(), held.GetConsent().GetChangedBy())
}

func TestJourneyOfACall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	start := time.Date(2026, 5, 6, 7, 8, 9, 400_000_000, time.UTC)
	c := ws.Add(t, storetest.Conversation{At: start, Peer: "+14155550123"})[0]
	tell := func(message uuid.UUID, after time.Duration, status, call string) {
		b.Exec(t, `INSERT INTO message_events (workspace_id, dedupe_key, message_id, provider, status, rank, step, attempt, call, occurred_at)
			VALUES ($1, $2, $3, 'phone', $4, 0, 'callback', 1, nullif($5, '')::jsonb, $6)`,
			ws.ID.UUID(), uuid.NewString(), message, status, call, start.Add(after))
	}
	journey := func(id uuid.UUID) (said []string) {
		response, err := b.inbox.GetJourney(t.Context(), ws.ID, &storev1.GetJourneyRequest{MessageId: id.String()})
		require.NoError(t, err)
		for _, step := range response.GetItems() {
			said = append(said, step.GetStep()+": "+step.GetDetail())
		}
		return said
	}
	b.Exec(t, "UPDATE conversation_messages SET channel = 'call' WHERE id = $1", c.Message)
	tell(c.Message, 0, "received", `{"state":"ringing"}`)
	tell(c.Message, time.Second, "", `{"state":"in_progress","agent_id":"`+ws.User.String()+`"}`)
	tell(c.Message, 2*time.Second, "", "")
	tell(c.Message, 3*time.Second, "", `{"state":"completed","duration_seconds":125}`)
	tell(c.Message, 4*time.Second, "", `{"recording":{"id":"r","blob_key":"k"}}`)
	tell(c.Message, 5*time.Second, "", `{"transcript":"words"}`)
	require.Equal(t, []string{
		"written: Call from +14155550123 to +15002000001.", "ringing: The phone rings.", "in_progress: Answered by User.",
		"completed: The call ended after 2 min 5 s.", "recording: The recording is there.",
		"transcript: The provider wrote down what was said.",
	}, journey(c.Message))

	missed := ws.Add(t, storetest.Conversation{At: start})[0]
	b.Exec(t, "UPDATE conversation_messages SET channel = 'call' WHERE id = $1", missed.Message)
	tell(missed.Message, time.Second, "", `{"state":"canceled"}`)
	tell(missed.Message, 2*time.Second, "", `{"state":"voicemail","duration_seconds":7}`)
	tell(missed.Message, 3*time.Second, "", `{"recording":{"id":"r","missing_reason":"unavailable"}}`)
	require.Equal(t, []string{
		"canceled: The caller hung up before anybody answered.", "voicemail: The caller left a message of 7 s.",
		"recording: It was recorded, but the recording could not be fetched.",
	}, journey(missed.Message)[1:])

	out := b.outbound(t, ws, c, start, "delivered", "")
	tell(out, 0, "sent", `{"state":"ringing"}`)
	tell(out, time.Second, "undelivered", `{"state":"no_answer"}`)
	require.Equal(t, []string{"ringing: The phone rings.", "no_answer: Nobody answered."}, journey(out)[1:])
}
