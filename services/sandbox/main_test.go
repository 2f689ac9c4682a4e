package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const patience = time.Minute

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hook is a webhook post as it arrived.
type hook struct {
	path, query string
	header      http.Header
	body        []byte
}

func (h hook) form(t *testing.T) url.Values {
	t.Helper()
	form, err := url.ParseQuery(string(h.body))
	require.NoError(t, err)
	return form
}

func (h hook) event(t *testing.T) event {
	t.Helper()
	var told event
	require.NoError(t, json.Unmarshal(h.body, &told))
	return told
}

type event struct {
	Type string `json:"type"`
	Data struct {
		EmailID     string            `json:"email_id"`
		MessageID   string            `json:"message_id"`
		From        string            `json:"from"`
		To          []string          `json:"to"`
		ReceivedFor []string          `json:"received_for"`
		Subject     string            `json:"subject"`
		Tags        map[string]string `json:"tags"`
		Bounce      map[string]string `json:"bounce"`
	} `json:"data"`
}

// house is a running sandbox and the webhooks it posts to.
type house struct {
	url      string
	webhooks string
	client   *http.Client
	stop     context.CancelFunc
	ended    chan error

	mu     sync.Mutex
	hooks  []hook
	status func(n int) int
	// document answers a webhook about a call; nil is an empty document.
	document func(h hook) string
}

// setup starts a sandbox; status says how the n-th post to the webhooks (from 0) is answered, nil answers all well.
func setup(t *testing.T, status func(n int) int, changes ...func(*sandbox.Config)) *house {
	t.Helper()
	h := &house{client: &http.Client{Transport: &http.Transport{}}, ended: make(chan error, 1), status: status}
	receiver := httptest.NewServer(http.HandlerFunc(h.receive))
	h.webhooks = receiver.URL
	// The test's own context ends before the cleanup that stops the sandbox in order.
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	ready := make(chan string, 1)
	config := sandbox.Config{
		Base: service.Base{
			Logger: slog.New(slog.DiscardHandler),
			Ready:  func(address string) { ready <- address },
		},
		Address: "127.0.0.1:0", WebhookURL: receiver.URL,
		TextWaits: []time.Duration{5 * time.Millisecond, 10 * time.Millisecond},
		MailWaits: []time.Duration{5 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond},
		Step:      10 * time.Millisecond,
	}
	for _, change := range changes {
		change(&config)
	}
	go func() { h.ended <- sandbox.Run(ctx, config) }()
	t.Cleanup(func() {
		h.client.CloseIdleConnections()
		stop()
		require.NoError(t, <-h.ended)
		receiver.Close()
	})
	select {
	case address := <-ready:
		h.url = "http://" + address
	case err := <-h.ended:
		h.ended <- err
		require.NoError(t, err)
	}
	return h
}

func (h *house) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	n := len(h.hooks)
	arrived := hook{path: r.URL.Path, query: r.URL.RawQuery, header: r.Header, body: body}
	h.hooks = append(h.hooks, arrived)
	document := h.document
	h.mu.Unlock()
	w.Header().Set("Content-Type", "text/xml")
	if h.status != nil {
		w.WriteHeader(h.status(n))
	}
	if document != nil {
		_, _ = io.WriteString(w, document(arrived))
		return
	}
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Response/>`)
}

// arrived waits until at least n posts arrived and gives all of them.
func (h *house) arrived(t *testing.T, n int) []hook {
	t.Helper()
	var all []hook
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		all = append([]hook{}, h.hooks...)
		return len(all) >= n
	}, patience, 2*time.Millisecond)
	return all
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	require.NoError(t, json.Unmarshal(r.body, &value), string(r.body))
	return value
}

func (r reply) items(t *testing.T) []map[string]any {
	t.Helper()
	var value struct {
		Items []map[string]any `json:"items"`
	}
	require.NoError(t, json.Unmarshal(r.body, &value), string(r.body))
	return value.Items
}

func (h *house) do(t *testing.T, request *http.Request) reply {
	t.Helper()
	got, err := h.try(request)
	require.NoError(t, err)
	return got
}

func (h *house) try(request *http.Request) (reply, error) {
	response, err := h.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: body}, err
}

func (h *house) request(t *testing.T, method, path string, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, h.url+path, strings.NewReader(body))
	require.NoError(t, err)
	return request
}

// own calls the sandbox's own API.
func (h *house) own(t *testing.T, method, path string, body any) reply {
	t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(t, err)
		text = string(encoded)
	}
	request := h.request(t, method, path, text)
	request.Header.Set("Content-Type", "application/json")
	return h.do(t, request)
}

func (h *house) received(t *testing.T, to string) []map[string]any {
	t.Helper()
	got := h.own(t, http.MethodGet, "/api/messages?to="+url.QueryEscape(to), nil)
	require.Equal(t, http.StatusOK, got.status)
	return got.items(t)
}

func (h *house) fault(t *testing.T, rule map[string]any) {
	t.Helper()
	got := h.own(t, http.MethodPut, "/api/faults", rule)
	require.Equal(t, http.StatusOK, got.status, string(got.body))
}

const accounts = "/signalwire/api/laml/2010-04-01/Accounts/" + sandbox.SignalWireProject

func (h *house) textRequest(t *testing.T, form url.Values) *http.Request {
	t.Helper()
	request := h.request(t, http.MethodPost, accounts+"/Messages", form.Encode())
	request.SetBasicAuth(sandbox.SignalWireProject, sandbox.SignalWireToken)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

func (h *house) text(t *testing.T, to string) reply {
	t.Helper()
	return h.do(t, h.textRequest(t, h.form(to)))
}

func (h *house) form(to string) url.Values {
	return url.Values{
		"To": {to}, "From": {"+15002000001"}, "Body": {"hello"},
		"StatusCallback": {h.webhooks + "/api/webhooks/signalwire?messageId=m1&attempt=2"},
	}
}

func (h *house) look(t *testing.T, path string) reply {
	t.Helper()
	request := h.request(t, http.MethodGet, accounts+path, "")
	request.SetBasicAuth(sandbox.SignalWireProject, sandbox.SignalWireToken)
	return h.do(t, request)
}

func (h *house) mailRequest(t *testing.T, method, path string, body any) *http.Request {
	t.Helper()
	var encoded bytes.Buffer
	if text, ok := body.(string); ok {
		encoded.WriteString(text)
	} else if body != nil {
		require.NoError(t, json.NewEncoder(&encoded).Encode(body))
	}
	request := h.request(t, method, "/resend"+path, encoded.String())
	request.Header.Set("Authorization", "Bearer "+sandbox.ResendKey)
	request.Header.Set("Content-Type", "application/json")
	return request
}

func mail(to string) map[string]any {
	return map[string]any{
		"from": "Ada's desk <ada-1@mail.sandbox.test>", "to": []string{to}, "subject": "Your order", "text": "hello",
		"html": "<p>hello</p>", "reply_to": "ada-1+token@mail.sandbox.test",
		"tags": []map[string]string{{"name": "message_id", "value": "m1"}, {"name": "attempt", "value": "2"}},
	}
}

func (h *house) mail(t *testing.T, to string) reply {
	t.Helper()
	return h.do(t, h.mailRequest(t, http.MethodPost, "/emails", mail(to)))
}
