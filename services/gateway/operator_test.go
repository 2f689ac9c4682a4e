package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// operatorEndpoints answer as the services do, about one thing that is left over.
func (s *store) operatorEndpoints() []bus.Endpoint {
	now := timestamppb.New(time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC))
	webhook := func(by string) *operatorv1.Quarantined {
		item := &operatorv1.Quarantined{Id: 7, Provider: "acme", Reason: "bad_signature", Detail: "no match", KeptAt: now}
		if by != "" {
			item.Handling = &operatorv1.Handling{Action: "released", By: by, At: now, Fix: &operatorv1.Fix{Reason: "Seen before."}}
		}
		return item
	}
	letter := func(by string) *operatorv1.Dead {
		item := &operatorv1.Dead{Id: 9, Service: "conversation-store", Stream: "SEND", StreamSequence: 3, Reason: "no account", DiedAt: now}
		if by != "" {
			item.Handling = &operatorv1.Handling{Action: "driven", By: by, At: now}
		}
		return item
	}
	return []bus.Endpoint{
		answering(s, "quarantine", "list", func(_ workspace.ID, r *operatorv1.ListQuarantineRequest) (proto.Message, error) {
			return &operatorv1.ListQuarantineResponse{Items: []*operatorv1.Quarantined{webhook("")}, Next: uint64(max(r.GetLimit(), 0))}, nil
		}),
		answering(s, "quarantine", "get", func(workspace.ID, *operatorv1.GetQuarantineRequest) (proto.Message, error) {
			item := webhook("")
			item.Raw = &eventv1.RawPayload{Method: "POST", Url: "https://example.com/hook", Body: []byte("hello")}
			return &operatorv1.GetQuarantineResponse{Item: item}, nil
		}),
		answering(s, "quarantine", "fix", func(_ workspace.ID, r *operatorv1.FixQuarantineRequest) (proto.Message, error) {
			return &operatorv1.FixQuarantineResponse{Item: webhook(r.GetBy())}, nil
		}),
		answering(s, "quarantine", "release", func(_ workspace.ID, r *operatorv1.ReleaseQuarantineRequest) (proto.Message, error) {
			return &operatorv1.ReleaseQuarantineResponse{Item: webhook(r.GetBy()), Events: 1}, nil
		}),
		answering(s, "dead-letter", "list", func(workspace.ID, *operatorv1.ListDeadRequest) (proto.Message, error) {
			return &operatorv1.ListDeadResponse{Items: []*operatorv1.Dead{letter("")}}, nil
		}),
		answering(s, "dead-letter", "get", func(workspace.ID, *operatorv1.GetDeadRequest) (proto.Message, error) {
			return &operatorv1.GetDeadResponse{Item: letter("")}, nil
		}),
		answering(s, "dead-letter", "drive", func(_ workspace.ID, r *operatorv1.DriveDeadRequest) (proto.Message, error) {
			return &operatorv1.DriveDeadResponse{Item: letter(r.GetBy())}, nil
		}),
		answering(s, "inbound", "replay", func(_ workspace.ID, r *operatorv1.ReplayInboundRequest) (proto.Message, error) {
			if r.GetMessageId() == "" && r.GetWorkspaceId() == "" {
				return nil, &bus.AskError{Code: bus.CodeInvalid, Message: "Name a message.", Field: "messageId"}
			}
			return &operatorv1.ReplayInboundResponse{Replayed: 2, Next: 11}, nil
		}),
	}
}

// operator is a member who runs the platform.
func (g *gatewayTest) operator(t *testing.T) *member {
	t.Helper()
	m := g.join(t)
	m.token = "token-" + uuid.NewString()
	g.putPrincipal(t, m.token, &bucketv1.Principal{
		Kind: "session", Id: uuid.NewString(), WorkspaceId: m.workspace.String(), UserId: m.userID, Role: "agent", Operator: true,
		ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	})
	return m
}

func TestEveryOperatorOperation_IsNotThereForAnybodyElse(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	owner, operator := g.join(t), g.operator(t)
	token := "ck_" + uuid.NewString()
	g.putPrincipal(t, token, &bucketv1.Principal{
		Kind: "api_key", Id: uuid.NewString(), WorkspaceId: owner.workspace.String(), Role: "admin", Operator: true,
	})
	program := &member{g: g, workspace: owner.workspace, token: token}
	walked := 0
	for _, o := range operations(t) {
		if !strings.HasPrefix(o.path, "/api/operator/") {
			continue
		}
		walked++
		for _, stranger := range []*member{owner, program} {
			response := send(t, stranger.request(t, o.method, o.at("7"), o.body()))
			require.Equal(t, http.StatusNotFound, response.StatusCode, o.OperationID)
			require.Equal(t, "not_found", response.problem(t).Code)
		}
		response := send(t, newRequest(t, o.method, g.url+o.at("7"), o.body()))
		require.Equal(t, http.StatusUnauthorized, response.StatusCode, o.OperationID)
		require.Zero(t, answering.times("quarantine.list")+answering.times("dead-letter.list"), "nobody was asked")
	}
	require.Equal(t, 12, walked)
	for _, o := range operations(t) {
		if strings.HasPrefix(o.path, "/api/operator/") {
			response := send(t, operator.request(t, o.method, o.at("7"), o.body()))
			require.Less(t, response.StatusCode, 300, o.OperationID+response.body)
		}
	}
}

func TestOperator_SeesAndHandlesWhatIsLeftOver(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.answerQuestions(t)
	ada := g.operator(t)

	_, body := ada.call(t, http.MethodGet, "/api/operator/quarantine?limit=3&since=2026-05-01T00:00:00Z", nil)
	require.JSONEq(t, `{"items":[{"id":7,"provider":"acme","reason":"bad_signature","detail":"no match","keptAt":"2026-05-06T07:08:09Z"}],"next":3}`, body)
	_, body = ada.call(t, http.MethodGet, "/api/operator/quarantine/7", nil)
	require.Contains(t, body, `"body":"aGVsbG8="`)
	_, body = ada.call(t, http.MethodPost, "/api/operator/quarantine/7/release", nil)
	require.JSONEq(t, `{"id":7,"provider":"acme","reason":"bad_signature","detail":"no match","keptAt":"2026-05-06T07:08:09Z","events":1,
		"handling":{"action":"released","by":"`+ada.userID+`","at":"2026-05-06T07:08:09Z","reason":"Seen before."}}`, body)
	_, body = ada.call(t, http.MethodPost, "/api/operator/dead-letters/9/drive", nil)
	require.Contains(t, body, `"by":"`+ada.userID+`"`)
	_, body = ada.call(t, http.MethodPost, "/api/operator/replays", map[string]any{"workspaceId": ada.workspace.String()})
	require.JSONEq(t, `{"replayed":2,"failed":0,"next":11}`, body)
	status, _ := ada.call(t, http.MethodPost, "/api/operator/replays", map[string]any{})
	require.Equal(t, http.StatusUnprocessableEntity, status)
	status, _ = ada.call(t, http.MethodPut, "/api/operator/quarantine/7/fix", map[string]any{"trusted": true})
	require.Equal(t, http.StatusUnprocessableEntity, status, "a fix says why")
}
