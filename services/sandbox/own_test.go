package sandbox_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func TestWritingIsChecked(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	text := h.text(t, "+14055550123").json(t)["sid"].(string)
	base := `"channel":"sms","from":"+14055550123","to":"+15002000001"`
	mailBase := `"channel":"email","from":"ana@example.net","to":"ada-1@mail.sandbox.test"`
	for name, tc := range map[string]struct {
		body, field string
		status      int
	}{
		"an unknown channel":        {`{"channel":"pigeon","from":"a","to":"b","body":"c"}`, "channel", 422},
		"a malformed number":        {`{"channel":"sms","from":"12","to":"+15002000001","body":"c"}`, "from", 422},
		"our own number":            {`{"channel":"sms","from":"+15002000002","to":"+15002000001","body":"c"}`, "from", 422},
		"a number that is not ours": {`{"channel":"sms","from":"+14055550123","to":"+14155550100","body":"c"}`, "to", 422},
		"a number that is none":     {`{"channel":"sms","from":"+14055550123","to":"","body":"c"}`, "to", 422},
		"an empty text":             {`{` + base + `,"body":""}`, "body", 422},
		"a text too long":           {`{` + base + `,"body":"` + strings.Repeat("x", 1601) + `"}`, "body", 422},
		"a subject of a text":       {`{` + base + `,"body":"x","subject":"s"}`, "subject", 422},
		"a malformed address":       {`{"channel":"email","from":"nobody","to":"a@mail.sandbox.test","body":"c"}`, "from", 422},
		"our own address":           {`{"channel":"email","from":"a@mail.sandbox.test","to":"a@mail.sandbox.test","body":"c"}`, "from", 422},
		"a domain that is not ours": {`{"channel":"email","from":"a@example.net","to":"a@example.com","body":"c"}`, "to", 422},
		"an address that is none":   {`{"channel":"email","from":"a@example.net","to":"nobody","body":"c"}`, "to", 422},
		"an empty mail":             {`{` + mailBase + `,"body":"  "}`, "body", 422},
		"a mail too long":           {`{` + mailBase + `,"body":"` + strings.Repeat("x", 1<<20+1) + `"}`, "body", 422},
		"a subject of two lines":    {`{` + mailBase + `,"body":"x","subject":"a\nBcc: b"}`, "subject", 422},
		"an unknown original":       {`{` + base + `,"body":"x","inReplyTo":"none"}`, "inReplyTo", 422},
		"another's original":        {`{"channel":"sms","from":"+14055550199","body":"x","inReplyTo":"` + text + `"}`, "inReplyTo", 422},
		"an unknown field":          {`{"colour":"red"}`, "colour", 400},
		"broken JSON":               {`{"channel":`, "", 400},
		"no body at all":            {``, "", 400},
		"a body too large":          {`{` + base + `,"body":"` + strings.Repeat("x", 41<<20) + `"}`, "", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.own(t, http.MethodPost, "/api/messages", tc.body)
			require.Equal(t, tc.status, got.status, string(got.body))
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
			field, _ := got.json(t)["field"].(string)
			require.Equal(t, tc.field, field)
			require.NotEmpty(t, got.json(t)["detail"])
		})
	}
	require.Empty(t, h.own(t, http.MethodGet, "/api/outgoing", nil).items(t))
	plain := h.request(t, http.MethodPost, "/api/messages", `{`+base+`,"body":"x"}`)
	plain.Header.Set("Content-Type", "text/plain")
	require.Equal(t, http.StatusUnsupportedMediaType, h.do(t, plain).status, "a form of another site cannot write")
}

func TestAnsweringATextNeedsNoNumber(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	text := h.text(t, "+14055550123").json(t)["sid"]
	got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "sms", "from": "+14055550123", "body": "yes", "inReplyTo": text,
	})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	require.Equal(t, "+15002000001", got.json(t)["to"])
}

func TestMessagesAreListedOldestFirst(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for _, body := range []string{"one", "two", "three"} {
		form := h.form("+14055550123")
		form.Set("Body", body)
		h.do(t, h.textRequest(t, form))
	}
	h.text(t, "+14055550199")
	items := h.own(t, http.MethodGet, "/api/messages?to=+14055550123&limit=2", nil).items(t)
	require.Len(t, items, 2, "the newest two, also when the plus is not escaped")
	require.Equal(t, "two", items[0]["body"])
	require.Equal(t, "three", items[1]["body"])
	require.Len(t, h.own(t, http.MethodGet, "/api/messages", nil).items(t), 4)
	peers := h.own(t, http.MethodGet, "/api/peers", nil).items(t)
	require.Len(t, peers, 3)
	for _, limit := range []string{"0", "-1", "x", "10001"} {
		got := h.own(t, http.MethodGet, "/api/messages?limit="+limit, nil)
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		require.Equal(t, "limit", got.json(t)["field"])
	}
}

func TestStateIsForgotten(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"latencyMs": 1})
	h.text(t, "+14055550123")
	h.do(t, h.keyed(t, "k1", mail("ana@example.net")))
	require.Equal(t, http.StatusNoContent, h.own(t, http.MethodDelete, "/api/state", nil).status)
	require.Empty(t, h.own(t, http.MethodGet, "/api/messages", nil).items(t))
	require.Empty(t, h.own(t, http.MethodGet, "/api/requests", nil).items(t))
	require.InDelta(t, 0, h.own(t, http.MethodGet, "/api/faults", nil).items(t)[0]["latencyMs"], 0)
	require.Equal(t, http.StatusOK, h.do(t, h.keyed(t, "k1", mail("ben@example.net"))).status)
}

func TestStreamTellsWhatHappens(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	response, err := h.client.Do(h.request(t, http.MethodGet, "/api/stream", ""))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	next := func() (kind, data string) {
		for lines.Scan() && lines.Text() != "" {
			if text, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = text
			}
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				data = text
			}
		}
		return kind, data
	}
	kind, _ := next()
	require.Equal(t, "hello", kind)
	h.text(t, "+14055550123")
	kind, data := next()
	require.Equal(t, "received", kind)
	require.Contains(t, data, `"to":"+14055550123"`)
	h.own(t, http.MethodPost, "/api/messages", `{"channel":"sms","from":"+14055550123","to":"+15002000001","body":"x"}`)
	kind, _ = next()
	require.Equal(t, "written", kind)
	kind, data = next()
	require.Equal(t, "state", kind)
	require.Contains(t, data, `"state":"taken"`)
	h.fault(t, map[string]any{})
	kind, _ = next()
	require.Equal(t, "faults", kind)
}

func TestSandboxStopsWithAStreamAndASlowCallOpen(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	stream, err := h.client.Do(h.request(t, http.MethodGet, "/api/stream", ""))
	require.NoError(t, err)
	defer func() { _ = stream.Body.Close() }()
	h.fault(t, map[string]any{"latencyMs": 60_000})
	slow := make(chan reply, 1)
	request := h.textRequest(t, h.form("+14055550123"))
	go func() {
		got, _ := h.try(request)
		slow <- got
	}()
	require.Eventually(t, func() bool { return len(h.received(t, "+14055550123")) == 1 }, patience, 2*time.Millisecond)
	h.stop()
	require.Equal(t, http.StatusCreated, (<-slow).status, "what was accepted is answered")
}

func TestPageIsServedUnderAStrictPolicy(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for _, path := range []string{"/", "/page.js", "/page.css", "/parts.js", "/phone.js", "/mailbox.js", "/icon.svg"} {
		got := h.do(t, h.request(t, http.MethodGet, path, ""))
		require.Equal(t, http.StatusOK, got.status, path)
		policy := got.header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'")
		require.NotContains(t, policy, "unsafe")
	}
	page := string(h.do(t, h.request(t, http.MethodGet, "/", "")).body)
	require.Contains(t, page, "Sandbox: nothing leaves this machine")
	require.NotContains(t, page, "http://")
	require.NotContains(t, page, "https://")
	require.Equal(t, http.StatusNotFound, h.do(t, h.request(t, http.MethodGet, "/page.go", "")).status)
	require.Equal(t, http.StatusMethodNotAllowed, h.do(t, h.request(t, http.MethodPost, "/", "")).status)
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		require.Equal(t, http.StatusOK, h.do(t, h.request(t, http.MethodGet, path, "")).status)
	}
	require.Equal(t, http.StatusNotFound, h.own(t, http.MethodGet, "/api/none", nil).status)
	wrong := h.own(t, http.MethodDelete, "/api/messages", nil)
	require.Equal(t, http.StatusMethodNotAllowed, wrong.status)
	require.Equal(t, "GET, POST", wrong.header.Get("Allow"))
}

func TestMailsHTMLMayRunNothing(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	body := mail("ana@example.net")
	body["html"] = `<script>alert(1)</script><img src="https://elsewhere.example/pixel">`
	id := h.do(t, h.mailRequest(t, http.MethodPost, "/emails", body)).json(t)["id"].(string)
	got := h.do(t, h.request(t, http.MethodGet, "/api/messages/"+id+"/html", ""))
	require.Equal(t, http.StatusOK, got.status)
	policy := got.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "sandbox")
	require.NotContains(t, policy, "allow-scripts")
	require.Equal(t, http.StatusNotFound, h.do(t, h.request(t, http.MethodGet, "/api/messages/none/html", "")).status)
}

func TestEnvironmentPointsEveryVariableHere(t *testing.T) {
	t.Parallel()
	environment := sandbox.Environment("http://127.0.0.1:8090/")
	require.Equal(t, "http://127.0.0.1:8090/signalwire", environment["SIGNALWIRE_SPACE_URL"])
	require.Equal(t, "http://127.0.0.1:8090/resend", environment["RESEND_BASE_URL"])
	for name, value := range environment {
		require.NotEmpty(t, value, name)
	}
}
