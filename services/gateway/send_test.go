package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

type accepted struct {
	ID             string `json:"id"`
	ConversationID string `json:"conversationId"`
	Status         string `json:"status"`
}

func (m *member) send(t *testing.T, body map[string]any, idempotencyKey string) (answer, accepted) {
	t.Helper()
	r := m.request(t, http.MethodPost, "/api/communications", body)
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
	}
	response := send(t, r)
	var got accepted
	if response.StatusCode == http.StatusAccepted {
		response.decode(t, &got)
	}
	return response, got
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("a text message is in SEND when it is answered, without a question", func(t *testing.T) {
		t.Parallel()
		g := setup(t) // nobody answers questions
		ada := g.join(t)

		response, got := ada.send(t, map[string]any{"channel": "sms", "to": "+1 (405) 555-0100", "body": "hello ünïcødé ✓"}, "")

		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Equal(t, "queued", got.Status)
		require.Equal(t, uuid.Version(7), uuid.MustParse(got.ID).Version())
		sent := g.sent(t)
		require.Len(t, sent, 1)
		message := sent[0]
		require.Equal(t, got.ID, message.GetMessageId())
		require.Equal(t, ada.workspace.String(), message.GetWorkspaceId())
		require.Equal(t, "+14055550100", message.GetTo())
		require.Equal(t, "+15002000001", message.GetFrom())
		require.Equal(t, "hello ünïcødé ✓", message.GetBody())
		require.Equal(t, ada.sms.GetChannelAccountId(), message.GetChannelAccountId())
		require.Equal(t, "alpha", message.GetProvider())
		require.Equal(t, "platform", message.GetMode())
		require.Equal(t, ada.userID, message.GetSenderId())
		require.Equal(t, int32(1), message.GetAttempt())
		require.WithinDuration(t, time.Now(), message.GetAcceptedAt().AsTime(), time.Minute)
		want := conversation.DeriveID(ada.workspace, channel.SMS, ada.sms.GetChannelAccountId(), "+14055550100")
		require.Equal(t, want, message.GetConversationId())
		require.Equal(t, want, got.ConversationID)
		require.Empty(t, message.GetReplyTo())
	})

	t.Run("an e-mail carries the name, the reply token and its HTML", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)

		_, got := ada.send(t, map[string]any{
			"channel": "email", "to": "Bob <BOB@example.net>", "subject": "Your order", "body": "hello", "html": "<p>hello</p>",
		}, "")

		message := g.sent(t)[0]
		require.Equal(t, "bob@example.net", message.GetTo())
		require.Equal(t, "Ada's shop", message.GetFromName())
		require.Equal(t, "Your order", message.GetSubject())
		require.Equal(t, "<p>hello</p>", message.GetHtml())
		plain, token := conversation.ParseReplyAddress(message.GetReplyTo())
		require.Equal(t, "ada-1@mail.sandbox.test", plain)
		require.Equal(t, got.ConversationID, token)
	})

	t.Run("an e-mail of one mebibyte of text and one of HTML is taken", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		response, _ := g.join(t).send(t, map[string]any{
			"channel": "email", "to": "bob@example.net", "body": strings.Repeat("x", 1<<20), "html": strings.Repeat("y", 1<<20),
		}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	})

	t.Run("an answer goes from the conversation's account, to its peer, in its thread", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		second := g.putRoute(t, &bucketv1.Route{
			WorkspaceId: ada.workspace.String(), ChannelAccountId: uuid.NewString(), Channel: "email", Provider: "beta",
			Address: "sales@mail.sandbox.test", Mode: "byoc",
		})
		conversationID, _ := answering.converse(ada, second, "bob@example.net")
		require.Eventually(t, func() bool {
			_, body := ada.call(t, http.MethodGet, "/api/settings/communications", nil)
			return strings.Contains(body, "sales@")
		}, patience, 5*time.Millisecond)

		response, got := ada.send(t, map[string]any{"channel": "email", "body": "hello", "conversationId": conversationID}, "")

		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Equal(t, conversationID, got.ConversationID)
		message := g.sent(t)[0]
		require.Equal(t, conversationID, message.GetConversationId())
		require.Equal(t, "bob@example.net", message.GetTo())
		require.Equal(t, "sales@mail.sandbox.test", message.GetFrom())
		require.Equal(t, "byoc", message.GetMode())
		require.Equal(t, "Re: Your order", message.GetSubject())
		require.Equal(t, "first@example.net", message.GetInReplyTo())
		require.Equal(t, []string{"first@example.net"}, message.GetReferences())
	})

	t.Run("with the store away an answer needs an address, and finds its conversation by it", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ours := conversation.DeriveID(ada.workspace, channel.SMS, ada.sms.GetChannelAccountId(), "+14055550100")

		response, got := ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "x", "conversationId": ours}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Equal(t, ours, got.ConversationID)

		response, got = ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "x", "conversationId": uuid.NewString()}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode)
		require.Equal(t, ours, got.ConversationID, "an id that cannot be proved is not taken over")

		response, _ = ada.send(t, map[string]any{"channel": "sms", "body": "x", "conversationId": ours}, "")
		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		require.Equal(t, "store_unavailable", response.problem(t).Code)
		require.NotEmpty(t, response.Header.Get("Retry-After"))
	})

	t.Run("a retry publishes the next attempt under an id of its own", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		_, messageID := answering.converse(ada, ada.sms, "+14055550100")

		status, body := ada.call(t, http.MethodPost, "/api/messages/"+messageID+"/retry", nil)

		require.Equal(t, http.StatusAccepted, status, body)
		require.Contains(t, body, messageID)
		sent := g.sent(t)
		require.Len(t, sent, 1)
		require.Equal(t, int32(2), sent[0].GetAttempt())
		require.Equal(t, messageID, sent[0].GetMessageId())
	})

	t.Run("with the bus away it answers 503 and says when to come back", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		g.server.Shutdown()
		g.server.WaitForShutdown()

		response, _ := ada.send(t, map[string]any{"channel": "sms", "to": "+14055550100", "body": "x"}, "")

		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode, response.body)
		require.Equal(t, "unavailable", response.problem(t).Code)
		require.NotEmpty(t, response.Header.Get("Retry-After"))
		ready := send(t, newRequest(t, http.MethodGet, g.url+"/readyz", nil))
		require.Equal(t, http.StatusServiceUnavailable, ready.StatusCode)
		require.Contains(t, ready.body, "nats")
	})
}
