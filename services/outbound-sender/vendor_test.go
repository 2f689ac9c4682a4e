package sender_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// vendor is a provider: an HTTP server, and the adapter that speaks to it.
type vendor struct {
	name   string
	server *httptest.Server
	about  channel.Description
	// answer decides what the server answers to the nth request of a message; 0 and 200 take it, hangUp takes it and
	// drops the connection.
	answer func(message channel.Outbound, nth int) (status int, header http.Header)
	delay  time.Duration
	finds  bool
	valid  func() bool
	words  string // the provider's own, beside every answer

	mu    sync.Mutex
	calls []channel.Outbound       // every request
	taken []channel.Outbound       // what left for the customer
	known map[string]channel.Found // by message id
	tries map[string]int           // by message id
	at    map[string]time.Time     // when a message was taken
}

const hangUp = -1

func newVendor(t *testing.T, name string) *vendor {
	t.Helper()
	v := &vendor{
		name: name, known: map[string]channel.Found{}, tries: map[string]int{}, at: map[string]time.Time{},
		answer: func(channel.Outbound, int) (int, http.Header) { return http.StatusOK, nil },
		valid:  func() bool { return true },
		words:  "taken",
		about: channel.Description{
			Name: name, Title: name, Channels: []channel.Kind{channel.SMS},
			Fields: []channel.Field{{Name: "key", Env: name + "_KEY", Required: true, Secret: true}},
		},
	}
	v.server = httptest.NewServer(v)
	t.Cleanup(v.server.Close)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message channel.Outbound
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	v.mu.Lock()
	v.calls = append(v.calls, message)
	v.tries[message.MessageID]++
	nth, delay := v.tries[message.MessageID], v.delay
	v.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
		}
	}
	status, header := v.answer(message, nth)
	if status == http.StatusOK || status == hangUp {
		v.take(message)
	}
	if status == hangUp {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), header)
	w.WriteHeader(status)
}

// take lets a message leave, once for each idempotency key where the provider has one.
func (v *vendor) take(message channel.Outbound) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.known[message.MessageID]; known && v.about.IdempotencyWindow > 0 {
		return
	}
	v.taken = append(v.taken, message)
	v.at[message.MessageID] = time.Now()
	v.known[message.MessageID] = channel.Found{
		Accepted: channel.Accepted{ExternalID: "ext-" + message.MessageID, Status: channel.Delivered, ProviderStatus: "ok"},
	}
}

func (v *vendor) bodies() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	bodies := make([]string, 0, len(v.taken))
	for _, message := range v.taken {
		bodies = append(bodies, message.Body)
	}
	return bodies
}

func (v *vendor) requests() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.calls)
}

// Describe implements channel.Provider.
func (v *vendor) Describe() channel.Description { return v.about }

// Connect implements channel.Provider.
func (v *vendor) Connect(_ channel.Credential, client *http.Client) (channel.Connection, error) {
	plain := &vendorConnection{vendor: v, client: client}
	if v.finds {
		return &findingConnection{plain}, nil
	}
	return plain, nil
}

type vendorConnection struct {
	vendor *vendor
	client *http.Client
}

// Send implements channel.Sender.
func (c *vendorConnection) Send(ctx context.Context, message channel.Outbound) (channel.Accepted, error) {
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(json.NewEncoder(writer).Encode(message)) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.vendor.server.URL, reader)
	if err != nil {
		return channel.Accepted{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	response, err := c.client.Do(request)
	if err != nil {
		return channel.Accepted{}, &channel.Error{Class: channel.UnknownOutcome, Err: err}
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusOK {
		return channel.Accepted{ExternalID: "ext-" + message.MessageID, Status: channel.Sent, ProviderStatus: c.vendor.words}, nil
	}
	class := channel.ClassOfStatus(response.StatusCode)
	if response.StatusCode == http.StatusLocked {
		class = channel.OptedOut
	}
	return channel.Accepted{}, &channel.Error{
		Class: class, ProviderCode: strconv.Itoa(response.StatusCode), Message: c.vendor.words,
		HTTPStatus: response.StatusCode, RetryAfter: channel.RetryAfter(response.Header),
	}
}

// Verify implements channel.Receiver.
func (c *vendorConnection) Verify(channel.Webhook) error { return channel.ErrBadSignature }

// Parse implements channel.Receiver.
func (c *vendorConnection) Parse(channel.Webhook) (channel.Delivery, error) {
	return channel.Delivery{}, channel.ErrUnparsable
}

// Check implements channel.Checker.
func (c *vendorConnection) Check(context.Context) (channel.CheckResult, error) {
	return channel.CheckResult{KeyValid: c.vendor.valid()}, nil
}

type findingConnection struct{ *vendorConnection }

// Find implements channel.Finder.
func (c *findingConnection) Find(_ context.Context, message channel.Outbound, _ time.Time) (channel.Found, error) {
	c.vendor.mu.Lock()
	defer c.vendor.mu.Unlock()
	found, known := c.vendor.known[message.MessageID]
	if !known {
		return channel.Found{}, channel.ErrNotFound
	}
	return found, nil
}

var _ channel.Finder = (*findingConnection)(nil)
