package gateway_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// operation is one operation of the document.
type operation struct {
	OperationID string                `json:"operationId"`
	Security    []map[string][]string `json:"security"`
	RequestBody json.RawMessage       `json:"requestBody"`

	method, path string
}

// operations walks the committed document, so that a new operation is covered without a line here.
func operations(t *testing.T) []operation {
	t.Helper()
	text, err := os.ReadFile("api/openapi.json")
	require.NoError(t, err)
	var document struct {
		OpenAPI string                          `json:"openapi"`
		Paths   map[string]map[string]operation `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(text, &document))
	require.True(t, strings.HasPrefix(document.OpenAPI, "3.1"))
	var found []operation
	for path, methods := range document.Paths {
		for method, o := range methods {
			o.method, o.path = strings.ToUpper(method), path
			found = append(found, o)
		}
	}
	require.Greater(t, len(found), 15)
	return found
}

func (o operation) public() bool { return len(o.Security) == 0 }

// body is one the operation's validation accepts where it has one.
func (o operation) body() any {
	if o.RequestBody == nil {
		return nil
	}
	return map[string]map[string]any{
		"create-api-key":      {"name": "deploy"},
		"send":                {"channel": "sms", "to": "+14055550100", "body": "hello"},
		"update-conversation": {"status": "closed"},
		"set-consent":         {"channel": "sms", "address": "+14055550100", "state": "opted_out", "reason": "Asked on the phone."},
		"resolve-message":     {"decision": "arrived"},
		"fix-quarantined":     {"reason": "Their old number."},
		"replay-inbound":      {"messageId": "0197a000-0000-7000-8000-00000000000a"},
		"change-terms":        {"spendCapMinor": 500, "currency": "USD"},
		"choose-plan":         {"planId": "pro"},
		"set-terms":           {"planId": "pro"},
		"set-plan":            {"name": "Pro", "currency": "USD", "priceMinor": 4900, "allowances": []any{map[string]any{"meter": "sms", "included": 10}}},
		"choose-account":      {"channel": "sms", "mode": "platform"},
		"test-account": {"channel": "sms", "provider": "lines", "credential": map[string]string{
			"account": "AC1", "token": "a secret of some length", "number": "+14155550101",
		}},
		"set-call-settings": {
			"ringMode": "parallel", "ringSeconds": 20, "agents": []any{}, "record": false, "announcement": "", "voicemail": true,
			"voicemailGreeting": "", "language": "",
		},
	}[o.OperationID]
}

// at is the path for the thing of an id.
func (o operation) at(id string) string {
	return strings.NewReplacer("{id}", id, "{attachmentId}", "0", "{provider}", "lines", "{plan}", "pro",
		"{workspace}", "0197a000-0000-7000-8000-00000000000b").Replace(o.path)
}

func TestEveryOperation(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada, ben := g.join(t), g.join(t)
	conversationID, messageID := answering.converse(ben, ben.sms, "+14055550100")

	for _, o := range operations(t) {
		if o.public() {
			continue
		}
		t.Run(o.OperationID+" answers 401 without a session", func(t *testing.T) {
			t.Parallel()
			path := o.at(uuid.NewString())
			for _, authorization := range []string{"", "Bearer nonsense", "Bearer ", "Basic YTpi"} {
				r := newRequest(t, o.method, g.url+path, o.body())
				if authorization != "" {
					r.Header.Set("Authorization", authorization)
				}
				response := send(t, r)
				require.Equal(t, http.StatusUnauthorized, response.StatusCode, response.body)
				require.Equal(t, "unauthenticated", response.problem(t).Code)
				require.NotEmpty(t, response.Header.Get("Www-Authenticate"))
			}
		})
		if !strings.Contains(o.path, "{id}") {
			continue
		}
		t.Run(o.OperationID+" answers 404 for what is not ours, as for what never was", func(t *testing.T) {
			t.Parallel()
			bodies := map[string]bool{}
			for _, id := range []string{conversationID, messageID, uuid.NewString(), "nonsense", "00000000-0000-0000-0000-000000000000"} {
				response := send(t, ada.request(t, o.method, o.at(id), o.body()))
				require.Equal(t, http.StatusNotFound, response.StatusCode, response.body)
				require.Equal(t, "not_found", response.problem(t).Code)
				bodies[response.body] = true
			}
			require.Len(t, bodies, 1)
		})
	}
}

func TestEveryMutatingOperation(t *testing.T) {
	t.Parallel()
	g, answering, _ := sealed(t)
	ada := g.join(t)
	conversationID, messageID := answering.converse(ada, ada.sms, customer)
	answering.mu.Lock()
	answering.revocable = uuid.NewString()
	ids := map[string]string{"update-conversation": conversationID, "retry-message": messageID, "revoke-api-key": answering.revocable}
	answering.mu.Unlock()
	ids["resolve-message"] = answering.leaveUnknown(ada)
	ids["fix-quarantined"], ids["release-quarantined"], ids["drive-dead-letter"] = "7", "7", "9"
	operator := g.operator(t)
	walked := 0
	for _, o := range operations(t) {
		if o.method == http.MethodGet || o.public() || o.OperationID == "log-out" {
			continue
		}
		walked++
		t.Run(o.OperationID+" works once for a key", func(t *testing.T) {
			t.Parallel()
			ask := func() answer {
				r := ada.request(t, o.method, o.at(ids[o.OperationID]), o.body())
				if strings.HasPrefix(o.path, "/api/operator/") {
					r = operator.request(t, o.method, o.at(ids[o.OperationID]), o.body())
				}
				if o.OperationID == "upload-attachment" {
					r = ada.uploading(t, "", "a.txt", "text/plain", "hello")
				}
				r.Header.Set("Idempotency-Key", o.OperationID)
				return send(t, r)
			}
			first, second := ask(), ask()
			require.Less(t, first.StatusCode, 300, first.body)
			require.Empty(t, first.Header.Get("Idempotency-Replayed"))
			require.Equal(t, first.StatusCode, second.StatusCode, second.body)
			require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))
			if o.OperationID != "create-api-key" { // whose secret is shown once
				require.Equal(t, first.body, second.body)
			}
		})
	}
	require.GreaterOrEqual(t, walked, 8)
}

func TestAnotherWorkspacesConversation(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada, ben := g.join(t), g.join(t)
	theirs, _ := answering.converse(ben, ben.sms, "+14055550100")

	t.Run("cannot be answered in, and nothing is stored", func(t *testing.T) {
		t.Parallel()
		for _, id := range []string{theirs, uuid.NewString(), "nonsense"} {
			response := send(t, ada.request(t, http.MethodPost, "/api/communications", map[string]string{
				"channel": "sms", "to": "+14055550100", "body": "hello", "conversationId": id,
			}))
			require.Equal(t, http.StatusNotFound, response.StatusCode)
			require.Equal(t, "conversationId", response.problem(t).Errors[0].Field)
		}
		require.Empty(t, g.sent(t))
	})
}
