package inbox_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

// outbound adds a message to the conversation, as the projector would, and returns its id.
func (b bundle) outbound(t *testing.T, ws *storetest.Workspace, c storetest.Conversation, at time.Time, status, failure string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	b.Exec(t, `INSERT INTO conversation_messages (workspace_id, id, conversation_id, channel, channel_account_id, direction,
			status, status_order, attempt, provider, mode, failure, from_address, from_name, to_address, subject, body, html,
			reply_to, in_reply_to, email_references, sender_id, created_at)
		VALUES ($1, $2, $3, 'email', $4, 'outbound', $5, 2038, 2, 'mail', 'platform', nullif($6, '')::jsonb, 'us@example.com', 'Us',
			'them@example.com', 'Subject', 'Body', '<p>Body</p>', 'us+token@example.com', 'first@mail', '{zero@mail,first@mail}', $7, $8)`,
		ws.ID.UUID(), id, c.ID, ws.Email, status, failure, ws.User, at)
	b.Exec(t, `INSERT INTO message_attachments (workspace_id, message_id, position, id, filename, content_type, size, blob_key,
			content_id, missing_reason)
		VALUES ($1, $2, 1, 'b', 'b.txt', 'text/plain', 2, '', '', 'too_large'),
			($1, $2, 0, 'a', 'a.txt', 'text/plain', 1, 'blob-a', 'cid', '')`,
		ws.ID.UUID(), id)
	return id
}

func TestListMessages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	start := time.Now().UTC().Truncate(time.Microsecond)
	c := ws.Add(t, storetest.Conversation{Channel: "email", At: start.Add(-time.Hour)}, storetest.Conversation{})
	newest := b.outbound(t, ws, c[0], start, "failed", `{"code":"refused","message":"no","retryable":true,"remedy":"try"}`)
	middle := b.outbound(t, ws, c[0], start.Add(-time.Minute), "sent", "")
	want := []string{newest.String(), middle.String(), c[0].Message.String()}

	for _, limit := range []int32{0, 1, 2, 3} {
		var got []string
		request := &storev1.ListMessagesRequest{ConversationId: c[0].ID.String(), Limit: limit}
		for {
			page, err := b.inbox.ListMessages(t.Context(), ws.ID, request)
			require.NoError(t, err)
			for _, message := range page.GetItems() {
				got = append(got, message.GetId())
			}
			if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
				break
			}
		}
		require.Equal(t, want, got)
	}

	first, err := b.inbox.ListMessages(t.Context(), ws.ID, &storev1.ListMessagesRequest{ConversationId: c[0].ID.String(), Limit: 1})
	require.NoError(t, err)
	for field, request := range map[string]*storev1.ListMessagesRequest{
		"limit":  {ConversationId: c[0].ID.String(), Limit: -1},
		"cursor": {ConversationId: c[1].ID.String(), Cursor: first.GetNextCursor()},
	} {
		_, err := b.inbox.ListMessages(t.Context(), ws.ID, request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}

	got, err := b.inbox.GetMessage(t.Context(), ws.ID, &storev1.GetMessageRequest{Id: newest.String()})
	require.NoError(t, err)
	message := got.GetMessage()
	require.Equal(t, c[0].ID.String(), message.GetConversationId())
	require.Equal(t, "outbound", message.GetDirection())
	require.Equal(t, "refused", message.GetFailure().GetCode())
	require.Equal(t, ws.User.String(), message.GetSenderId())
	require.Len(t, message.GetAttachments(), 2)
	require.Equal(t, "a.txt", message.GetAttachments()[0].GetFilename())
	require.True(t, start.Equal(message.GetCreatedAt().AsTime()))

	err = b.DB.InWorkspace(t.Context(), ws.ID, func(ctx context.Context, tx postgres.Tx) error {
		facts, err := record.Messages(ctx, tx, []record.Key{{Workspace: ws.ID.UUID(), ID: newest}})
		require.NoError(t, err)
		require.True(t, proto.Equal(facts[0].Proto(), message), "an answer and a fact show the same message")
		return nil
	})
	require.NoError(t, err)
}

func TestAPageOfLargeMessagesFitsIntoOneAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	c := ws.Add(t, storetest.Conversation{Channel: "email", At: now.Add(-time.Hour)})[0]
	var want []string
	for i := range 20 {
		id := b.outbound(t, ws, c, now.Add(-time.Duration(i)*time.Minute), "sent", "")
		b.Exec(t, "UPDATE conversation_messages SET html = repeat('x', $2) WHERE id = $1", id, []int{1 << 20, 4 << 20, 100}[i%3])
		want = append(want, id.String())
	}
	want = append(want, c.Message.String())
	var got []string
	request := &storev1.ListMessagesRequest{ConversationId: c.ID.String()}
	for {
		page, err := b.inbox.ListMessages(t.Context(), ws.ID, request)
		require.NoError(t, err)
		require.Less(t, proto.Size(page), 6<<20)
		for _, message := range page.GetItems() {
			got = append(got, message.GetId())
		}
		if request.Cursor = page.GetNextCursor(); request.GetCursor() == "" {
			break
		}
		require.NotEmpty(t, page.GetItems())
	}
	require.Equal(t, want, got)
}

func TestPrepareReply(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	now := time.Now().UTC().Truncate(time.Microsecond)
	c := ws.Add(t, storetest.Conversation{Channel: "email", Subject: "Order", Peer: "them@example.com", At: now.Add(-time.Hour)},
		storetest.Conversation{Peer: "+14155550123"})
	prepare := func(c storetest.Conversation) *storev1.PrepareReplyResponse {
		reply, err := b.inbox.PrepareReply(t.Context(), ws.ID, &storev1.PrepareReplyRequest{ConversationId: c.ID.String()})
		require.NoError(t, err)
		return reply
	}

	text := prepare(c[1])
	require.Equal(t, "sms", text.GetChannel())
	require.Equal(t, ws.SMS.String(), text.GetChannelAccountId())
	require.Equal(t, "+14155550123", text.GetPeer())
	require.Empty(t, text.GetInReplyTo())
	require.Empty(t, text.GetReferences())

	b.outbound(t, ws, c[0], now, "queued", "") // its Message-ID is not known yet
	answered := b.outbound(t, ws, c[0], now.Add(-time.Minute), "sent", "")
	b.Exec(t, "UPDATE conversation_messages SET email_message_id = 'second@mail' WHERE id = $1", answered)
	mail := prepare(c[0])
	require.Equal(t, "email", mail.GetChannel())
	require.Equal(t, "Order", mail.GetSubject())
	require.Equal(t, "second@mail", mail.GetInReplyTo())
	require.Equal(t, []string{"zero@mail", "first@mail", "second@mail"}, mail.GetReferences(), "oldest first")
}

func TestPrepareRetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	c := ws.Add(t, storetest.Conversation{Channel: "email"})[0]
	const passing, lasting = `{"code":"provider_unavailable","retryable":true}`, `{"code":"opted_out","retryable":false,"remedy":"Wait."}`
	prepare := func(status, failure string) (*storev1.PrepareRetryResponse, string, error) {
		id := b.outbound(t, ws, c, time.Now(), status, failure).String()
		response, err := b.inbox.PrepareRetry(t.Context(), ws.ID, &storev1.PrepareRetryRequest{MessageId: id})
		return response, id, err
	}

	response, id, err := prepare("failed", passing)
	require.NoError(t, err)
	send := response.GetSend()
	require.Equal(t, int32(3), send.GetAttempt())
	require.WithinDuration(t, time.Now(), send.GetAcceptedAt().AsTime(), time.Minute)
	require.Equal(t, []string{
		ws.ID.String(), id, c.ID.String(), "email", ws.Email.String(), "mail", "platform", "us@example.com", "Us",
		"them@example.com", "Subject", "Body", "<p>Body</p>", "us+token@example.com", "first@mail", ws.User.String(),
	}, []string{
		send.GetWorkspaceId(), send.GetMessageId(), send.GetConversationId(), send.GetChannel(), send.GetChannelAccountId(),
		send.GetProvider(), send.GetMode(), send.GetFrom(), send.GetFromName(), send.GetTo(), send.GetSubject(), send.GetBody(),
		send.GetHtml(), send.GetReplyTo(), send.GetInReplyTo(), send.GetSenderId(),
	})
	require.Equal(t, []string{"zero@mail", "first@mail"}, send.GetReferences())
	require.Len(t, send.GetAttachments(), 2)
	require.Equal(t, "blob-a", send.GetAttachments()[0].GetBlobKey())

	b.Exec(t, "INSERT INTO consents (workspace_id, channel, address, state) VALUES ($1, 'email', 'them@example.com', 'opted_out')",
		ws.ID.UUID())
	for status, failure := range map[string]string{"undelivered": passing, "blocked": passing, "unknown": "", "expired": ""} {
		_, _, err := prepare(status, failure)
		require.NoError(t, err, status)
	}
	for status, failure := range map[string]string{
		"failed": lasting, "blocked": lasting, "queued": "", "sending": "", "sent": "", "delivered": "", "bounced": "",
		"complained": "", "canceled": "", "scheduled": "",
	} {
		_, _, err := prepare(status, failure)
		storetest.RequireRefusal(t, err, bus.CodeConflict, "")
	}
	_, err = b.inbox.PrepareRetry(t.Context(), ws.ID, &storev1.PrepareRetryRequest{MessageId: c.Message.String()})
	storetest.RequireRefusal(t, err, bus.CodeConflict, "")
}

func TestAJourneyHasNoStepOfAListThatAWebhookToldToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	start := time.Now().UTC().Truncate(time.Microsecond)
	c := ws.Add(t, storetest.Conversation{Channel: "email", At: start, Peer: "them@example.com"})[0]
	id := b.outbound(t, ws, c, start, "bounced", "")
	tell := func(key, status, words string, after time.Duration) {
		b.Exec(t, `INSERT INTO message_events (workspace_id, dedupe_key, message_id, provider, external_id, status, rank, step, attempt,
				failure, occurred_at)
			VALUES ($1, $2, $3, 'mail', 'X1', $4, 40, 'callback', 1, jsonb_build_object('code', 'bounced', 'message', $5::text), $6)`,
			ws.ID.UUID(), key, id, status, words, start.Add(after))
	}
	steps := func() (got []string) {
		response, err := b.inbox.GetJourney(t.Context(), ws.ID, &storev1.GetJourneyRequest{MessageId: id.String()})
		require.NoError(t, err)
		for _, step := range response.GetItems()[1:] {
			got = append(got, step.GetStep()+": "+step.GetDetail())
		}
		return got
	}
	tell("mail:listed/X1/bounced", "bounced", "It came back", time.Second)
	require.Equal(t, []string{"bounced: It came back."}, steps())
	tell("mail:1", "bounced", "There is no such mailbox", time.Minute)
	tell("mail:listed/X1/complained", "complained", "It was reported", time.Hour)
	require.Equal(t, []string{"bounced: There is no such mailbox.", "complained: It was reported."}, steps())
}

func TestJourney(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ws := b.NewWorkspace(t)
	start := time.Date(2026, 5, 6, 7, 8, 9, 400_000_000, time.UTC)
	c := ws.Add(t, storetest.Conversation{Channel: "email", At: start, Peer: "them@example.com"})[0]
	journey := func(id uuid.UUID) (steps, details []string) {
		response, err := b.inbox.GetJourney(t.Context(), ws.ID, &storev1.GetJourneyRequest{MessageId: id.String()})
		require.NoError(t, err)
		for _, step := range response.GetItems() {
			require.True(t, step.GetAt().IsValid())
			steps, details = append(steps, step.GetStep()), append(details, step.GetDetail())
		}
		return steps, details
	}
	tell := func(message uuid.UUID, after time.Duration, step, status string, rank, attempt int, word, failure string) {
		key := uuid.NewString()
		if word == "" && status == "queued" { // the projector's own
			key = "accepted/" + message.String() + "/" + strconv.Itoa(attempt)
		}
		b.Exec(t, `INSERT INTO message_events (workspace_id, dedupe_key, message_id, provider, status, rank, provider_status, step,
				attempt, failure, occurred_at)
			VALUES ($1, $2, $3, 'mail', $4, $5, $6, $7, $8, nullif($9, '')::jsonb, $10)`,
			ws.ID.UUID(), key, message, status, rank, word, step, attempt, failure, start.Add(after))
	}

	delivered := b.outbound(t, ws, c, start, "delivered", "")
	tell(delivered, -400*time.Millisecond, "callback", "delivered", 40, 1, "email.delivered", "") // a clock of whole seconds
	tell(delivered, 200*time.Millisecond, "accepted", "queued", 10, 1, "queued", "")              // by the provider
	tell(delivered, 300*time.Millisecond, "callback", "sent", 30, 1, "sent", "")
	tell(delivered, 100*time.Millisecond, "claimed", "sending", 20, 1, "", "")
	tell(delivered, 0, "accepted", "queued", 10, 1, "", "")
	tell(delivered, 250*time.Millisecond, "callback", "queued", 10, 1, "accepted", "") // the same again, by callback
	tell(delivered, time.Minute, "callback", "opened", 50, 0, "email.opened", "")
	tell(delivered, time.Hour, "callback", "opened", 50, 0, "email.opened", "")
	steps, details := journey(delivered)
	require.Equal(t, []string{"accepted", "claimed", "queued", "sent", "delivered", "opened"}, steps)
	require.Equal(t, []string{
		"E-mail from us@example.com to them@example.com.", "It is being handed to Mail.", "Mail has taken it and will send it.",
		"Mail has sent it.", "Mail reports that it arrived.", "It was opened.",
	}, details)

	retried := b.outbound(t, ws, c, start, "queued", "")
	tell(retried, 0, "accepted", "queued", 10, 1, "", "")
	tell(retried, time.Second, "accepted", "failed", 38, 1, "rejected",
		`{"code":"refused","provider_code":"422","message":"no","retryable":true,"remedy":"Try again."}`)
	tell(retried, time.Minute, "accepted", "queued", 10, 2, "", "")
	tell(retried, 2*time.Minute, "accepted", "failed", 38, 2, "rejected", `{"code":"refused","message":"no"}`)
	tell(retried, 3*time.Minute, "reconciled", "failed", 38, 2, "rejected", `{"code":"refused","message":"no"}`)
	steps, details = journey(retried)
	require.Equal(t, []string{"accepted", "failed", "accepted", "failed", "failed"}, steps)
	require.Equal(t, []string{
		"no. Code 422. Try again.", "Attempt 2.", "Attempt 2. no.", "Attempt 2. no. We asked again to find out.",
	}, details[1:])

	fresh := b.outbound(t, ws, c, start, "queued", "")
	steps, _ = journey(fresh)
	require.Equal(t, []string{"accepted"}, steps, "the row alone tells that it was accepted")

	b.Exec(t, "INSERT INTO raw_payloads (workspace_id, kind, reference, received_at) VALUES ($1, 'message', $2, $3)",
		ws.ID.UUID(), c.Message.String(), start.Add(time.Second))
	steps, _ = journey(c.Message)
	require.Equal(t, []string{"written", "received"}, steps)
}
