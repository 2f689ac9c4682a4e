package gateway_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBadInput(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	conversationID, _ := answering.converse(ada, ada.email, "bob@example.net")

	const communications, conversations, patch = "/api/communications", "/api/conversations", "PATCH"
	sms := func(field string, value any) map[string]any {
		body := map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}
		body[field] = value
		return body
	}
	email := func(field string, value any) map[string]any {
		body := map[string]any{"channel": "email", "to": "bob@example.net", "body": "hello", "subject": "Hi"}
		body[field] = value
		return body
	}
	cases := []struct {
		name         string
		method, path string
		body         any
		status       int
		code, field  string
	}{
		{"unknown channel", "POST", communications, sms("channel", "pigeon"), 422, "invalid_request", "channel"},
		{"channel of another case", "POST", communications, sms("channel", "SMS"), 422, "invalid_request", "channel"},
		{"channel that is not configured", "POST", communications, sms("channel", "whatsapp"), 422, "channel_not_configured", "channel"},
		{"no channel", "POST", communications, map[string]any{"to": "+14055550100", "body": "x"}, 422, "invalid_request", "channel"},
		{"malformed number", "POST", communications, sms("to", "12"), 422, "invalid_request", "to"},
		{"national number", "POST", communications, sms("to", "4055550100"), 422, "invalid_request", "to"},
		{"malformed address", "POST", communications, email("to", "nobody"), 422, "invalid_request", "to"},
		{"two addresses", "POST", communications, email("to", "a@example.net, b@example.net"), 422, "invalid_request", "to"},
		{"line break in an address", "POST", communications, email("to", "a@example.net\r\nBcc: b@example.net"), 422, "invalid_request", "to"},
		{"endless address", "POST", communications, email("to", strings.Repeat("a", 400)+"@example.net"), 422, "invalid_request", "to"},
		{"no address and no conversation", "POST", communications, map[string]any{"channel": "sms", "body": "x"}, 422, "invalid_request", "to"},
		{"empty body", "POST", communications, sms("body", ""), 422, "invalid_request", "body"},
		{"blank body", "POST", communications, sms("body", " \n\t"), 422, "invalid_request", "body"},
		{"no body", "POST", communications, map[string]any{"channel": "sms", "to": "+14055550100"}, 422, "invalid_request", "body"},
		{"zero character", "POST", communications, sms("body", "a\x00b"), 422, "invalid_request", "body"},
		{"zero character in HTML", "POST", communications, email("html", "a\x00b"), 422, "invalid_request", "html"},
		{"text message too long", "POST", communications, sms("body", strings.Repeat("é", 1601)), 422, "invalid_request", "body"},
		{"oversized e-mail", "POST", communications, email("body", strings.Repeat("x", 1<<20+1)), 422, "invalid_request", "body"},
		{"oversized HTML", "POST", communications, email("html", strings.Repeat("x", 1<<20+1)), 422, "invalid_request", "html"},
		{"subject of a text message", "POST", communications, sms("subject", "Hi"), 422, "invalid_request", "subject"},
		{"HTML of a text message", "POST", communications, sms("html", "<p>"), 422, "invalid_request", "html"},
		{"line break in a subject", "POST", communications, email("subject", "Hi\r\nBcc: b@example.net"), 422, "invalid_request", "subject"},
		{"endless subject", "POST", communications, email("subject", strings.Repeat("x", 999)), 422, "invalid_request", "subject"},
		{"number for a text", "POST", communications, sms("body", 7), 422, "invalid_request", "body"},
		{"another channel than the conversation's", "POST", communications, sms("conversationId", conversationID), 422, "invalid_request", "channel"},
		{"another peer than the conversation's", "POST", communications, map[string]any{
			"channel": "email", "to": "carl@example.net", "body": "x", "conversationId": conversationID,
		}, 422, "invalid_request", "to"},
		{"unknown field", "POST", communications, sms("bcc", "b@example.net"), 422, "invalid_request", "bcc"},
		{"field of another case", "POST", communications, sms("Body", "hello"), 422, "invalid_request", "Body"},
		{"oversized request", "POST", communications, `{"channel":"sms","body":"` + strings.Repeat("x", 16<<20) + `"}`, 413, "payload_too_large", ""},
		{"oversized patch", patch, conversations + "/" + conversationID, `{"status":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "payload_too_large", ""},
		{"broken JSON", "POST", communications, `{"channel":`, 400, "malformed_json", "body"},
		{"two JSON values", "POST", communications, `{"channel":"sms"} {}`, 400, "malformed_json", "body"},
		{"a list for an object", "POST", communications, `[]`, 422, "invalid_request", "body"},
		{"nothing at all", "POST", communications, "", 400, "invalid_request", ""},
		{"limit of 0", "GET", conversations + "?limit=0", nil, 422, "invalid_request", "limit"},
		{"limit of 101", "GET", conversations + "?limit=101", nil, 422, "invalid_request", "limit"},
		{"limit that is no number", "GET", conversations + "?limit=ten", nil, 422, "invalid_request", "limit"},
		{"unknown filter value", "GET", conversations + "?status=lost", nil, 422, "invalid_request", "status"},
		{"flag that is neither", "GET", conversations + "?unread=perhaps", nil, 422, "invalid_request", "unread"},
		{"unknown filter", "GET", conversations + "?colour=red", nil, 422, "invalid_request", "colour"},
		{"text that is no UTF-8", "GET", conversations + "?q=%ff", nil, 422, "invalid_request", "q"},
		{"label that is no UTF-8", "GET", conversations + "?label=a%c3", nil, 422, "invalid_request", "label"},
		{"assignee that is no UTF-8", "GET", conversations + "?assignedTo=%ff", nil, 422, "invalid_request", "assignedTo"},
		{"cursor that is no UTF-8", "GET", conversations + "?cursor=%ff", nil, 422, "invalid_request", "cursor"},
		{"cursor of messages that is no UTF-8", "GET", conversations + "/" + conversationID + "/messages?cursor=%ff", nil, 422, "invalid_request", "cursor"},
		{"unknown status", patch, conversations + "/" + conversationID, `{"status":"gone"}`, 422, "invalid_request", "status"},
		{"time that is none", patch, conversations + "/" + conversationID, `{"snoozedUntil":"tomorrow"}`, 422, "invalid_request", "snoozedUntil"},
		{"empty label", patch, conversations + "/" + conversationID, `{"labels":[""]}`, 422, "invalid_request", "labels[0]"},
		{"consent of no address", "PUT", "/api/consents", `{"channel":"sms","address":"4055550100","state":"opted_out","reason":"x"}`, 422, "invalid_request", "address"},
		{"consent without a reason", "PUT", "/api/consents", `{"channel":"sms","address":"+14055550100","state":"opted_out","reason":" "}`, 422, "invalid_request", "reason"},
		{"consent with an endless reason", "PUT", "/api/consents", `{"channel":"sms","address":"+14055550100","state":"opted_out","reason":"` + strings.Repeat("x", 501) + `"}`, 422, "invalid_request", "reason"},
		{"consent that is neither", "PUT", "/api/consents", `{"channel":"sms","address":"+14055550100","state":"maybe","reason":"x"}`, 422, "invalid_request", "state"},
		{"consents of an unknown state", "GET", "/api/consents?state=maybe", nil, 422, "invalid_request", "state"},
		{"consents of an unknown channel", "GET", "/api/consents?channel=pigeon", nil, 422, "invalid_request", "channel"},
		{"agent of a text message", "POST", communications, sms("agentId", "x"), 422, "invalid_request", "agentId"},
		{"file in a call", "POST", communications, map[string]any{"channel": "call", "to": "+14055550100", "attachments": []any{map[string]any{"content": "eA=="}}}, 422, "invalid_request", "attachments"},
		{"call without account", "POST", communications, map[string]any{"channel": "call", "to": "+14055550100"}, 422, "channel_not_configured", "channel"},
		{"sequence that is none", "GET", "/api/realtime?after=-1", nil, 426, "upgrade_required", ""},
		{"unknown path", "GET", "/api/nothing", nil, 404, "not_found", ""},
		{"unknown path below a known one", "GET", "/api/me/more", nil, 404, "not_found", ""},
		{"wrong method", "DELETE", communications, nil, 405, "method_not_allowed", ""},
		{"wrong method of a path with an id", "PUT", conversations + "/" + conversationID, `{}`, 405, "method_not_allowed", ""},
		{"wrong method of a path that is read", "POST", conversations, `{}`, 405, "method_not_allowed", ""},
		{"method that does not exist", "BREW", communications, nil, 405, "method_not_allowed", ""},
		{"no e-mail address", "POST", "/api/auth/signup", map[string]any{
			"name": "Ada", "email": "nobody", "password": "correct horse battery", "workspaceName": "Shop",
		}, 422, "invalid_request", "email"},
		{"short password", "POST", "/api/auth/signup", map[string]any{
			"name": "Ada", "email": "ada@example.com", "password": "short", "workspaceName": "Shop",
		}, 422, "invalid_request", "password"},
		{"blank name", "POST", "/api/auth/signup", map[string]any{
			"name": " ", "email": "ada@example.com", "password": "correct horse battery", "workspaceName": "Shop",
		}, 422, "invalid_request", "name"},
		{"role of an API key", "POST", "/api/api-keys", `{"name":"x","role":"owner"}`, 422, "invalid_request", "role"},
	}
	for _, c := range cases {
		t.Run(c.name+" is a problem that names the field", func(t *testing.T) {
			t.Parallel()
			response := send(t, ada.request(t, c.method, c.path, c.body))
			require.Equal(t, c.status, response.StatusCode, response.body)
			p := response.problem(t)
			require.Equal(t, c.code, p.Code)
			if c.field != "" {
				require.NotEmpty(t, p.Errors, response.body)
				require.Equal(t, c.field, p.Errors[0].Field, response.body)
				require.NotEmpty(t, p.Errors[0].Message)
			}
			if c.status == http.StatusMethodNotAllowed {
				require.NotEmpty(t, response.Header.Values("Allow"))
				require.Equal(t, slices.Contains(response.Header.Values("Allow"), "GET"), slices.Contains(response.Header.Values("Allow"), "HEAD"))
			}
		})
	}
	t.Cleanup(func() {
		require.Zero(t, answering.times("account.create"))
	})
}

func TestBadRequest(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ada := g.join(t)
	body := map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}

	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"} {
		t.Run(contentType+" answers 415", func(t *testing.T) {
			t.Parallel()
			r := ada.request(t, http.MethodPost, "/api/communications", body)
			r.Header.Set("Content-Type", contentType)
			response := send(t, r)
			require.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode, response.body)
			require.Equal(t, "unsupported_media_type", response.problem(t).Code)
		})
	}

	for name, value := range map[string]string{"too long": strings.Repeat("k", 256), "not printable": "kéy"} {
		t.Run("an Idempotency-Key that is "+name+" answers 422", func(t *testing.T) {
			t.Parallel()
			r := ada.request(t, http.MethodPost, "/api/communications", body)
			r.Header.Set("Idempotency-Key", value)
			response := send(t, r)
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, response.body)
			require.Equal(t, "Idempotency-Key", response.problem(t).Errors[0].Field)
		})
	}

	t.Run("a problem never repeats what was sent", func(t *testing.T) {
		t.Parallel()
		response := send(t, newRequest(t, http.MethodPost, g.url+"/api/auth/login", map[string]any{
			"email": "ada@example.com", "password": "hunter2hunter2", "extra": "hunter2hunter2",
		}))
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
		require.NotContains(t, response.body, "hunter2")
		require.NotContains(t, g.logs.String(), "hunter2")
	})

	t.Run("none of it is stored", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, g.sent(t))
	})
}

func TestOtherSites(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ada := g.join(t)
	body := map[string]any{"channel": "sms", "to": "+14055550100", "body": "hello"}

	for name, header := range map[string]http.Header{
		"an origin of another site":        {"Origin": {"https://evil.example"}},
		"a fetch that says it crosses":     {"Sec-Fetch-Site": {"cross-site"}},
		"a fetch from a neighbouring site": {"Sec-Fetch-Site": {"same-site"}},
		"an origin that is null":           {"Origin": {"null"}},
	} {
		t.Run(name+" does not use the cookie", func(t *testing.T) {
			t.Parallel()
			r := ada.request(t, http.MethodPost, "/api/communications", body)
			maps.Copy(r.Header, header)
			response := send(t, r)
			require.Equal(t, http.StatusForbidden, response.StatusCode)
			require.Equal(t, "cross_origin", response.problem(t).Code)
		})
	}
	for name, header := range map[string]http.Header{
		"our own page":                          {"Origin": {g.url}, "Sec-Fetch-Site": {"same-origin"}},
		"our own page in an older browser":      {"Origin": {g.url}},
		"the public address, behind a proxy":    {"Origin": {"https://app.example.com"}, "Sec-Fetch-Site": {"cross-site"}},
		"an API key, wherever the program runs": {"Origin": {"https://evil.example"}, "Authorization": {"Bearer " + ada.token}},
	} {
		t.Run(name+" is let in", func(t *testing.T) {
			t.Parallel()
			r := ada.request(t, http.MethodPost, "/api/communications", body)
			maps.Copy(r.Header, header)
			require.Equal(t, http.StatusAccepted, send(t, r).StatusCode)
		})
	}
}
