package gateway_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// resolutionEndpoints answer as the sender does: the first who decides wins, and what is asked for is not found.
func (s *store) resolutionEndpoints() []bus.Endpoint {
	return []bus.Endpoint{
		answering(s, "message", "resolve", func(_ workspace.ID, r *senderv1.ResolveMessageRequest) (proto.Message, error) {
			for _, earlier := range s.resolutions {
				if earlier.GetMessageId() == r.GetMessageId() && earlier.GetResolution().GetDecision() != "ask" {
					return nil, &bus.AskError{Code: bus.CodeConflict, Message: "Somebody has just decided about this message."}
				}
			}
			s.resolutions = append(s.resolutions, r)
			became := map[string]*senderv1.ResolveMessageResponse{
				"ask":        {Status: "unknown", Attempt: r.GetAttempt()},
				"arrived":    {Status: "sent", Attempt: r.GetAttempt()},
				"send_again": {Status: "queued", Attempt: r.GetAttempt() + 1},
			}
			return became[r.GetResolution().GetDecision()], nil
		}),
	}
}

// leaveUnknown puts a message whose outcome nobody knows into the store, and returns its id.
func (s *store) leaveUnknown(m *member) string {
	_, id := s.converse(m, m.sms, customer)
	s.mu.Lock()
	defer s.mu.Unlock()
	message := s.messages[key{m.workspace, id}]
	message.Status, message.Attempt = "unknown", 1
	message.Failure = &eventv1.Failure{Code: "outcome_unknown", Message: "The provider did not answer.", Remedy: "Decide."}
	return id
}

func (s *store) listUnknown(ws workspace.ID) *storev1.ListMessagesResponse {
	response := &storev1.ListMessagesResponse{}
	for at, m := range s.messages {
		if at.workspace == ws && m.GetStatus() == "unknown" {
			response.Items = append(response.Items, m)
		}
	}
	return response
}

func (s *store) lastResolution() *senderv1.ResolveMessageRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resolutions[len(s.resolutions)-1]
}

func TestResolution(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, stop := g.answerQuestions(t)
	ada := g.join(t)
	decide := func(id, decision string) answer {
		return send(t, ada.request(t, http.MethodPost, "/api/messages/"+id+"/resolution", map[string]string{"decision": decision}))
	}

	arrived := answering.leaveUnknown(ada)
	_, body := ada.call(t, http.MethodGet, "/api/messages?status=unknown", nil)
	require.Contains(t, body, arrived, "it is listed")
	response := decide(arrived, "ask")
	require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	require.Contains(t, response.body, `"status":"unknown"`)
	response = decide(arrived, "arrived")
	require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	require.Contains(t, response.body, `"status":"sent"`)
	require.NotContains(t, response.body, `"error"`)
	require.Equal(t, ada.userID, answering.lastResolution().GetResolution().GetUserId())
	require.Nil(t, answering.lastResolution().GetSend())

	response = decide(arrived, "send_again")
	require.Equal(t, http.StatusConflict, response.StatusCode, "somebody was faster")
	require.Equal(t, "conflict", response.problem(t).Code)

	again := answering.leaveUnknown(ada)
	response = decide(again, "send_again")
	require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	require.Contains(t, response.body, `"status":"queued"`)
	require.Contains(t, response.body, `"attempt":2`)
	require.Equal(t, int32(1), answering.lastResolution().GetAttempt())
	require.Equal(t, int32(2), answering.lastResolution().GetSend().GetAttempt())
	require.Empty(t, g.sent(t), "it is the sender's to send")

	retried := answering.leaveUnknown(ada)
	response = send(t, ada.request(t, http.MethodPost, "/api/messages/"+retried+"/retry", nil))
	require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	require.Equal(t, "send_again", answering.lastResolution().GetResolution().GetDecision(), "a retry is a decision")

	_, failed := answering.converse(ada, ada.sms, customer)
	response = decide(failed, "arrived")
	require.Equal(t, http.StatusConflict, response.StatusCode, "the outcome is known")
	for _, decision := range []string{"", "forget"} {
		require.Equal(t, http.StatusUnprocessableEntity, decide(again, decision).StatusCode)
	}
	for _, query := range []string{"", "?status=failed"} {
		status, _ := ada.call(t, http.MethodGet, "/api/messages"+query, nil)
		require.Equal(t, http.StatusUnprocessableEntity, status)
	}

	token := "ck_" + uuid.NewString()
	keyID := uuid.NewString()
	g.putPrincipal(t, token, &bucketv1.Principal{Kind: "api_key", Id: keyID, WorkspaceId: ada.workspace.String(), Role: "agent"})
	program := &member{g: g, workspace: ada.workspace, token: token}
	left := answering.leaveUnknown(ada)
	response = send(t, program.request(t, http.MethodPost, "/api/messages/"+left+"/resolution", map[string]string{"decision": "arrived"}))
	require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
	require.Equal(t, keyID, answering.lastResolution().GetResolution().GetApiKeyId())
	require.Empty(t, answering.lastResolution().GetResolution().GetUserId())

	stop()
	require.Equal(t, http.StatusServiceUnavailable, decide(left, "arrived").StatusCode)
}
