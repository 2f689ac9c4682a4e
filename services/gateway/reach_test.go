package gateway_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

const customer = "+14055550100"

// refusedWith sends until the answer is the code: the gateway follows the buckets.
func (m *member) refusedWith(t *testing.T, body map[string]any, code string) refused {
	t.Helper()
	var got refused
	require.Eventually(t, func() bool {
		response, _ := m.send(t, body, "")
		if response.StatusCode != http.StatusUnprocessableEntity {
			return false
		}
		response.problem(t)
		got = refused{}
		response.decode(t, &got)
		return got.Code == code
	}, patience, 5*time.Millisecond)
	return got
}

func (m *member) acceptedAtLast(t *testing.T, body map[string]any) accepted {
	t.Helper()
	var got accepted
	require.Eventually(t, func() bool {
		var response answer
		response, got = m.send(t, body, "")
		return response.StatusCode == http.StatusAccepted
	}, patience, 5*time.Millisecond)
	return got
}

type refused struct {
	problem

	Remedy  string `json:"remedy"`
	Consent *struct {
		Channel, Address, State, Source, Reason string
		ChangedAt                               time.Time
	} `json:"consent"`
}

// openWindow writes the bucket as the store does.
func (m *member) openWindow(t *testing.T, route *bucketv1.Route, peer string, until time.Time) {
	t.Helper()
	id := conversation.DeriveID(m.workspace, channel.Kind(route.GetChannel()), route.GetChannelAccountId(), peer)
	m.g.put(t, event.BucketWindows, event.WindowKey(m.workspace, id), &bucketv1.Window{
		WorkspaceId: m.workspace.String(), ConversationId: id, ExpiresAt: timestamppb.New(until),
	})
}

func TestConsent(t *testing.T) {
	t.Parallel()
	hello := func() map[string]any { return map[string]any{"channel": "sms", "to": customer, "body": "hello"} }

	t.Run("who has opted out is not written to, and one is told since when and why", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada, ben := g.join(t), g.join(t)
		ada.setConsent(t, consentOf("sms", customer))

		got := ada.refusedWith(t, hello(), "opted_out")
		before := len(g.sent(t))
		_, _ = ada.send(t, hello(), "")

		require.Equal(t, "+14055550100 has opted out of messages since 4 March 2026, 05:06 UTC: The customer wrote STOP.", got.Detail)
		require.NotEmpty(t, got.Remedy)
		require.Equal(t, "to", got.Errors[0].Field)
		require.Equal(t, "keyword", got.Consent.Source)
		require.Equal(t, customer, got.Consent.Address)
		require.Equal(t, 2026, got.Consent.ChangedAt.Year())
		require.Len(t, g.sent(t), before, "nothing is stored")
		response, _ := ben.send(t, hello(), "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, "another workspace has another consent")
	})

	t.Run("an opt-out holds for its channel, and until the opt-in", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.setConsent(t, consentOf("whatsapp", customer))
		out := consentOf("sms", customer)
		ada.setConsent(t, out)
		ada.refusedWith(t, hello(), "opted_out")

		out.State = channel.OptedInState
		ada.setConsent(t, out)

		ada.acceptedAtLast(t, hello())
	})

	t.Run("an address that bounced is suppressed, also as a copy", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		bounced := consentOf("email", "bob@example.net")
		bounced.Source = channel.SourceBounce
		ada.setConsent(t, bounced)
		body := map[string]any{"channel": "email", "to": "eve@example.net", "cc": []string{"dan@example.net", "BOB@example.net"}, "body": "x"}

		got := ada.refusedWith(t, body, "suppressed")
		require.Equal(t, "body.cc[1]", got.Errors[0].Location)
		delete(body, "cc")
		body["bcc"] = []string{"bob@example.net"}
		require.Equal(t, "body.bcc[0]", ada.refusedWith(t, body, "suppressed").Errors[0].Location)
	})

	t.Run("a retry asks again", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		_, messageID := answering.converse(ada, ada.sms, customer)
		ada.setConsent(t, consentOf("sms", customer))
		ada.refusedWith(t, hello(), "opted_out")

		response := send(t, ada.request(t, http.MethodPost, "/api/messages/"+messageID+"/retry", nil))

		require.Equal(t, "opted_out", response.problem(t).Code)
	})
}

func TestWindow(t *testing.T) {
	t.Parallel()
	hello := func() map[string]any { return map[string]any{"channel": "whatsapp", "to": customer, "body": "hello"} }

	t.Run("without a message of the customer a free one is refused with a remedy", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.connect(t, channel.WhatsApp, "delta", "+15002000077")

		got := ada.refusedWith(t, hello(), "window_closed")

		require.Contains(t, got.Remedy, "Send a template")
		require.Empty(t, g.sent(t))
	})

	t.Run("a customer who keeps the phone number back is answered by the business-scoped id", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.chat(t, "US.13491208655302741918")
		body := map[string]any{"channel": "whatsapp", "to": "US.13491208655302741918", "body": "hello"}
		got := ada.acceptedAtLast(t, body)
		require.Equal(t, "US.13491208655302741918", ada.sent(t, got.ID).GetTo())
		body["to"] = "us.1349"
		require.Equal(t, "to", ada.refusedWith(t, body, "invalid_request").Errors[0].Field)
	})

	t.Run("it opens and closes", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		route := ada.chat(t, customer)
		ada.acceptedAtLast(t, hello())

		ada.openWindow(t, route, customer, time.Now().Add(-time.Second))

		ada.refusedWith(t, hello(), "window_closed")
	})

	t.Run("a retry of a free message needs it too", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		route := ada.connect(t, channel.WhatsApp, "delta", "+15002000077")
		_, messageID := answering.converse(ada, route, customer)

		response := send(t, ada.request(t, http.MethodPost, "/api/messages/"+messageID+"/retry", nil))

		require.Equal(t, "window_closed", response.problem(t).Code)
	})
}

func TestCall(t *testing.T) {
	t.Parallel()
	ring := func() map[string]any { return map[string]any{"channel": "call", "to": customer} }

	t.Run("rings the caller's phone first, and says what the settings say", func(t *testing.T) {
		t.Parallel()
		g := setup(t) // nobody answers questions
		ada := g.join(t)
		route := ada.connect(t, channel.Call, "delta", "+15002000088")
		other := uuid.NewString()
		ada.setCalls(t, &bucketv1.CallSettings{
			Agents: []*bucketv1.CallAgent{{UserId: other, Phone: "+14155550101"}, {UserId: ada.userID, Phone: "+14155550102"}},
			Record: true, Announcement: "This call is recorded.",
		})

		got := ada.acceptedAtLast(t, ring())

		message := g.sent(t)[0]
		require.Equal(t, got.ID, message.GetMessageId())
		require.Equal(t, "call", message.GetChannel())
		require.Equal(t, customer, message.GetTo())
		require.Equal(t, "+15002000088", message.GetFrom())
		require.Equal(t, conversation.DeriveID(ada.workspace, channel.Call, route.GetChannelAccountId(), customer), got.ConversationID)
		require.Equal(t, ada.userID, message.GetCall().GetAgentId())
		require.Equal(t, "+14155550102", message.GetCall().GetAgentPhone())
		require.True(t, message.GetCall().GetRecord())
		require.Equal(t, "This call is recorded.", message.GetCall().GetAnnouncement())

		body := ring()
		body["agentId"] = other
		ada.acceptedAtLast(t, body)
		require.Equal(t, "+14155550101", g.sent(t)[1].GetCall().GetAgentPhone())
	})

	t.Run("is refused while no phone is known, and one is told where to add it", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.connect(t, channel.Call, "delta", "+15002000088")

		got := ada.refusedWith(t, ring(), "agent_phone_missing")
		require.Equal(t, "Add your phone number under Settings, Calls.", got.Remedy)
		body := ring()
		body["agentId"] = uuid.NewString()
		require.Equal(t, "agentId", ada.refusedWith(t, body, "agent_phone_missing").Errors[0].Field)
		require.Empty(t, g.sent(t))
	})

	t.Run("an API key says whose phone rings", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.connect(t, channel.Call, "delta", "+15002000088")
		key := *ada
		key.token = "ck_" + uuid.NewString()
		g.putPrincipal(t, key.token, &bucketv1.Principal{Kind: "api_key", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), Role: "admin"})

		require.Equal(t, "agentId", key.refusedWith(t, ring(), "invalid_request").Errors[0].Field)
	})

	t.Run("who has opted out of calls is not called", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		ada.connect(t, channel.Call, "delta", "+15002000088")
		ada.setConsent(t, consentOf("call", customer))
		ada.refusedWith(t, ring(), "opted_out")
	})
}

func TestConsentOperations(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)

	t.Run("a person's decision is about the normalised address, and carries who and why", func(t *testing.T) {
		t.Parallel()
		status, body := ada.call(t, http.MethodPut, "/api/consents", map[string]any{
			"channel": "sms", "address": "+1 (405) 555-0177", "state": "opted_in", "reason": " Asked on the phone. ",
		})
		require.Equal(t, http.StatusOK, status, body)
		require.Contains(t, body, `"address":"+14055550177"`)
		answering.mu.Lock()
		defer answering.mu.Unlock()
		request := answering.consents[0]
		require.Equal(t, "+14055550177", request.GetAddress())
		require.Equal(t, "opted_in", request.GetState())
		require.Equal(t, "Asked on the phone.", request.GetReason())
		require.Equal(t, ada.userID, request.GetChangedBy())
	})

	t.Run("a list is filtered by the address as it is kept", func(t *testing.T) {
		t.Parallel()
		status, body := ada.call(t, http.MethodGet, "/api/consents?channel=email&state=opted_out&address=Bob%20%3CBOB@example.net%3E&limit=7&cursor=c", nil)
		require.Equal(t, http.StatusOK, status, body)
		require.Contains(t, body, `"nextCursor":"more"`)
		require.Contains(t, body, `"changedAt":"2026-03-04T05:06:07Z"`)
		answering.mu.Lock()
		defer answering.mu.Unlock()
		request := answering.consentLists[0]
		require.Equal(t, "bob@example.net", request.GetAddress())
		require.Equal(t, "email", request.GetChannel())
		require.Equal(t, "opted_out", request.GetState())
		require.Equal(t, int32(7), request.GetLimit())
		require.Equal(t, "c", request.GetCursor())
	})
}

func TestConversationShape(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	conversationID, _ := answering.converse(ada, ada.sms, customer)
	until := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	linked := uuid.NewString()
	answering.mu.Lock()
	kept := answering.conversations[keyOf(ada, conversationID)]
	kept.Consent, kept.HasWindow = consentOf("sms", customer), true
	kept.WindowExpiresAt, kept.LinkedConversationId = timestamppb.New(until), linked
	answering.mu.Unlock()

	response := send(t, ada.request(t, http.MethodGet, "/api/conversations/"+conversationID, nil))
	require.Contains(t, response.body, `"consent":{"channel":"sms","address":"+14055550100","state":"opted_out","source":"keyword","reason":"The customer wrote STOP.","changedAt":"2026-03-04T05:06:07Z"}`)
	require.Contains(t, response.body, `"windowExpiresAt":"2026-05-06T07:08:09Z"`)
	require.Contains(t, response.body, `"hasWindow":true`)
	require.Contains(t, response.body, `"linkedConversationId":"`+linked+`"`)
}
