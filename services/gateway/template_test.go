package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	senderv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/sender/v1"
)

func orderTemplates() []*senderv1.Template {
	parameters := []*senderv1.TemplateParameter{{Name: "1", Example: "Ada"}, {Name: "2", Example: "A-17"}}
	return []*senderv1.Template{
		{Id: "shipped", Title: "Shipped", Language: "en_US", Category: "UTILITY", Status: "approved", Body: "Hi {{1}}, {{2}} is on its way.", Parameters: parameters},
		{Id: "shipped", Title: "Shipped", Language: "de", Category: "UTILITY", Status: "approved", Body: "Hallo {{1}}, {{2}} ist unterwegs.", Parameters: parameters},
		{Id: "hello", Title: "Hello", Language: "en_US", Category: "MARKETING", Status: "approved", Body: "Hello!"},
		{Id: "draft", Title: "Draft", Language: "en_US", Category: "UTILITY", Status: "pending", Body: "Soon"},
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()

	t.Run("are listed as the sender knows them", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		answering.templates = orderTemplates()[:1]
		ada := g.join(t)
		ada.connect(t, channel.WhatsApp, "delta", "+15002000077")

		status, body := ada.call(t, http.MethodGet, "/api/templates?channel=whatsapp", nil)

		require.Equal(t, http.StatusOK, status, body)
		require.JSONEq(t, `{"items":[{"id":"shipped","title":"Shipped","language":"en_US","category":"UTILITY","status":"approved",
			"body":"Hi {{1}}, {{2}} is on its way.","parameters":[{"name":"1","example":"Ada"},{"name":"2","example":"A-17"}]}]}`, body)
		status, body = ada.call(t, http.MethodGet, "/api/templates?channel=sms", nil)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `{"items":[]}`, body, "a channel without a window has none")
		for _, query := range []string{"", "?channel=pigeon"} {
			status, _ = ada.call(t, http.MethodGet, "/api/templates"+query, nil)
			require.Equal(t, http.StatusUnprocessableEntity, status)
		}
		status, body = ada.call(t, http.MethodGet, "/api/templates?channel=social", nil)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, body, "channel_not_configured")
	})

	t.Run("answer 503 while the sender does not answer", func(t *testing.T) {
		t.Parallel()
		g := setup(t) // nobody answers
		ada := g.join(t)
		ada.connect(t, channel.WhatsApp, "delta", "+15002000077")
		use := map[string]any{"channel": "whatsapp", "to": customer, "template": map[string]any{"id": "hello"}}

		for _, response := range []answer{
			send(t, ada.request(t, http.MethodGet, "/api/templates?channel=whatsapp", nil)),
			send(t, ada.request(t, http.MethodPost, "/api/communications", use)),
		} {
			require.Equal(t, http.StatusServiceUnavailable, response.StatusCode, response.body)
			require.Equal(t, "unavailable", response.problem(t).Code)
			require.NotEmpty(t, response.Header.Get("Retry-After"))
		}
		require.Empty(t, g.sent(t))
	})

	t.Run("pass outside the window, with the text they make", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, stop := g.answerQuestions(t)
		answering.templates = orderTemplates()
		ada := g.join(t)
		ada.connect(t, channel.WhatsApp, "delta", "+15002000077")
		use := map[string]any{"channel": "whatsapp", "to": customer, "template": map[string]any{
			"id": "shipped", "language": "de", "parameters": map[string]string{"1": "{{2}}", "2": "A-17"},
		}}

		response, got := ada.send(t, use, "")

		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		message := ada.sent(t, got.ID)
		require.Equal(t, "Hallo {{2}}, A-17 ist unterwegs.", message.GetBody(), "a value is no template")
		require.Equal(t, "shipped", message.GetTemplate().GetId())
		require.Equal(t, "de", message.GetTemplate().GetLanguage())
		require.Equal(t, map[string]string{"1": "{{2}}", "2": "A-17"}, message.GetTemplate().GetParameters())

		stop() // what was known a moment ago is known still
		use["template"] = map[string]any{"id": "hello"}
		response, got = ada.send(t, use, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Equal(t, "en_US", ada.sent(t, got.ID).GetTemplate().GetLanguage(), "the only language needs no naming")
	})

	t.Run("used wrongly name the field", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		answering, _ := g.answerQuestions(t)
		answering.templates = orderTemplates()
		ada := g.join(t)
		ada.connect(t, channel.WhatsApp, "delta", "+15002000077")
		full := map[string]string{"1": "Ada", "2": "A-17"}
		use := func(id, language string, parameters map[string]string) map[string]any {
			return map[string]any{"channel": "whatsapp", "to": customer, "template": map[string]any{"id": id, "language": language, "parameters": parameters}}
		}
		with := func(field string, value any) map[string]any {
			body := use("shipped", "de", full)
			body[field] = value
			return body
		}
		for name, c := range map[string]struct {
			body  map[string]any
			field string
		}{
			"unknown":            {use("lost", "", map[string]string{}), "template.id"},
			"not approved":       {use("draft", "", map[string]string{}), "template.id"},
			"several languages":  {use("shipped", "", full), "template.language"},
			"another language":   {use("shipped", "fr", full), "template.id"},
			"missing parameter":  {use("shipped", "de", map[string]string{"1": "Ada"}), "template.parameters.2"},
			"blank parameter":    {use("shipped", "de", map[string]string{"1": " ", "2": "x"}), "template.parameters.1"},
			"unknown parameter":  {use("hello", "", map[string]string{"x": "y"}), "template.parameters"},
			"endless parameter":  {use("shipped", "de", map[string]string{"1": strings.Repeat("x", 1025), "2": "x"}), "template.parameters.1"},
			"control character":  {use("shipped", "de", map[string]string{"1": "a\x00", "2": "x"}), "template.parameters.1"},
			"with a text":        {with("body", "hello"), "body"},
			"with a file":        {with("attachments", []any{inlineFile("a", "b")}), "attachments"},
			"without an id":      {with("template", map[string]any{"language": "de"}), "id"},
			"unknown field":      {with("template", map[string]any{"id": "hello", "colour": "red"}), "colour"},
			"another spelling":   {with("template", map[string]any{"id": "hello", "ID": "shipped"}), "ID"},
			"a text for it":      {with("template", "hello"), "template"},
			"parameter a number": {with("template", map[string]any{"id": "shipped", "parameters": map[string]any{"1": 7}}), "1"},
			"a text message":     {map[string]any{"channel": "sms", "to": customer, "template": map[string]any{"id": "hello"}}, "template"},
			"a call":             {map[string]any{"channel": "call", "to": customer, "template": map[string]any{"id": "hello"}}, "template"},
		} {
			response, _ := ada.send(t, c.body, "")
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, name+response.body)
			p := response.problem(t)
			require.Equal(t, "invalid_request", p.Code, name)
			require.Equal(t, c.field, p.Errors[0].Field, name+response.body)
		}
		require.Empty(t, g.sent(t))
	})
}
