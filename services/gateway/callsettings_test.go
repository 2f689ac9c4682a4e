package gateway_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

func callSettings(agents ...any) map[string]any {
	if agents == nil {
		agents = []any{}
	}
	return map[string]any{
		"ringMode": "in_turn", "ringSeconds": 20, "agents": agents, "record": true, "announcement": "This call is recorded.",
		"voicemail": true, "voicemailGreeting": "Please leave a message.", "language": "en-GB",
	}
}

func phoneOf(userID, phone string) map[string]any {
	return map[string]any{"userId": userID, "phone": phone}
}

func TestCallSettings(t *testing.T) {
	t.Parallel()
	const path = "/api/settings/calls"

	t.Run("are replaced by an owner and read back", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)

		status, body := ada.call(t, http.MethodPut, path, callSettings(phoneOf(ada.userID, "+1 (415) 555-0102")))

		require.Equal(t, http.StatusOK, status, body)
		answering.mu.Lock()
		kept := answering.calls
		kept.Agents[0].Name = "Ada"
		answering.mu.Unlock()
		require.Equal(t, ada.workspace.String(), kept.GetWorkspaceId())
		status, body = ada.call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `{"ringMode":"in_turn","ringSeconds":20,"agents":[{"userId":"`+ada.userID+`","name":"Ada","phone":"+14155550102"}],
			"record":true,"announcement":"This call is recorded.","voicemail":true,"voicemailGreeting":"Please leave a message.","language":"en-GB"}`, body)
	})

	t.Run("an agent changes the own phone and nothing else", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		agent, key := *ada, *ada
		agent.token, agent.userID = "token-"+uuid.NewString(), uuid.NewString()
		key.token = "ck_" + uuid.NewString()
		g.putPrincipal(t, agent.token, &bucketv1.Principal{
			Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), UserId: agent.userID, Role: "agent",
		})
		g.putPrincipal(t, key.token, &bucketv1.Principal{Kind: "api_key", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), Role: "agent"})
		status, body := ada.call(t, http.MethodPut, path, callSettings(phoneOf(ada.userID, "+14155550101")))
		require.Equal(t, http.StatusOK, status, body)
		answering.mu.Lock()
		answering.calls.Agents[0].Name = "Ada"
		answering.mu.Unlock()

		changed := func(field string, value any) map[string]any {
			settings := callSettings(phoneOf(ada.userID, "+14155550101"))
			settings[field] = value
			return settings
		}
		refused := []map[string]any{
			callSettings(phoneOf(ada.userID, "+14155550199")), callSettings(), callSettings(phoneOf(ada.userID, "+14155550101"), phoneOf(uuid.NewString(), "+14155550103")),
			changed("record", false), changed("ringMode", "parallel"), changed("ringSeconds", 5), changed("announcement", ""),
			changed("voicemail", false), changed("voicemailGreeting", ""), changed("language", ""),
		}
		for _, settings := range refused {
			response := send(t, agent.request(t, http.MethodPut, path, settings))
			require.Equal(t, http.StatusForbidden, response.StatusCode, response.body)
			require.Equal(t, "forbidden", response.problem(t).Code)
		}
		own := callSettings(phoneOf(ada.userID, "+14155550101"), phoneOf(agent.userID, "+14155550102"))
		require.Equal(t, http.StatusForbidden, send(t, key.request(t, http.MethodPut, path, own)).StatusCode, "a key has no phone")
		require.Equal(t, 1, answering.times("call-settings.set"))

		for _, settings := range []map[string]any{own, callSettings(phoneOf(ada.userID, "+14155550101"), phoneOf(agent.userID, "+14155550104")), callSettings(phoneOf(ada.userID, "+14155550101"))} {
			status, body := agent.call(t, http.MethodPut, path, settings)
			require.Equal(t, http.StatusOK, status, body)
		}
	})

	t.Run("that make no sense name the field", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		ada := g.join(t)
		for name, c := range map[string]struct {
			field string
			value any
			want  string
		}{
			"ring mode":      {"ringMode", "never", "ringMode"},
			"too short":      {"ringSeconds", 4, "ringSeconds"},
			"too long":       {"ringSeconds", 61, "ringSeconds"},
			"no phone":       {"agents", []any{phoneOf(ada.userID, "4155550101")}, "agents[0].phone"},
			"no user":        {"agents", []any{phoneOf("nobody", "+14155550101")}, "agents[0].userId"},
			"twice":          {"agents", []any{phoneOf(ada.userID, "+14155550101"), phoneOf(ada.userID, "+14155550102")}, "agents[1].userId"},
			"unknown field":  {"agents", []any{map[string]any{"userId": ada.userID, "phone": "+14155550101", "role": "owner"}}, "role"},
			"announcement":   {"announcement", "a\x00b", "announcement"},
			"greeting":       {"voicemailGreeting", "a\x1bb", "voicemailGreeting"},
			"long greeting":  {"voicemailGreeting", string(make([]rune, 501)), "voicemailGreeting"},
			"language":       {"language", "en_US; DROP", "language"},
			"no agents":      {"agents", nil, "agents"},
			"another record": {"record", "yes", "record"},
		} {
			settings := maps.Clone(callSettings())
			settings[c.field] = c.value
			response := send(t, ada.request(t, http.MethodPut, path, settings))
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, name+response.body)
			require.Equal(t, c.want, response.problem(t).Errors[0].Field, name+response.body)
		}
		require.Zero(t, answering.times("call-settings.set"))
	})
}
