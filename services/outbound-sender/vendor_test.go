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
	likens bool // finds by the words alone
	valid  func() bool
	words  string // the provider's own, beside every answer

	segments int

	templates func() ([]channel.Template, error) // nil when the provider has none

	mu    sync.Mutex
	calls []channel.Outbound       // every request
	taken []channel.Outbound       // what left for the customer
	files map[string][]parcel      // by message id
	now   int                      // requests under way that carry files
	most  int                      // the most of these at one time
	known map[string]channel.Found // by message id
	tries map[string]int           // by message id
	keys  map[string]string        // the key of the last request, by message id
	// refuses is a key that is not valid any more.
	refuses string
	at      map[string]time.Time // when a message was taken
}

const hangUp = -1

// letter is a message on the wire.
type letter struct {
	channel.Outbound

	Key   string
	Files []parcel
}

type parcel struct {
	Filename, ContentType, ContentID, URL, Content string
	Size                                           int64
}

func newVendor(t *testing.T, name string) *vendor {
	t.Helper()
	v := &vendor{
		name: name, known: map[string]channel.Found{}, files: map[string][]parcel{}, tries: map[string]int{}, keys: map[string]string{}, at: map[string]time.Time{},
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
	var sent letter
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	message := sent.Outbound
	v.count(sent, 1)
	defer v.count(sent, -1)
	v.mu.Lock()
	v.files[message.MessageID] = sent.Files
	v.calls = append(v.calls, message)
	v.tries[message.MessageID]++
	nth, delay, refuses := v.tries[message.MessageID], v.delay, v.refuses
	v.keys[message.MessageID] = sent.Key
	v.mu.Unlock()
	if refuses != "" && sent.Key == refuses {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
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

// count keeps how many requests with files are under way.
func (v *vendor) count(sent letter, change int) {
	if len(sent.Files) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now += change
	v.most = max(v.most, v.now)
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
func (v *vendor) Connect(credential channel.Credential, client *http.Client) (channel.Connection, error) {
	plain := &vendorConnection{vendor: v, client: client, key: credential["key"]}
	switch {
	case v.likens:
		return &likeningConnection{plain}, nil
	case v.finds:
		return &findingConnection{plain}, nil
	case v.templates != nil:
		return &templatingConnection{plain}, nil
	default:
		return plain, nil
	}
}

type vendorConnection struct {
	vendor *vendor
	client *http.Client
	key    string
}

// Send implements channel.Sender.
func (c *vendorConnection) Send(ctx context.Context, message channel.Outbound) (channel.Accepted, error) {
	sent := letter{Outbound: message, Key: c.key}
	for _, file := range message.Files {
		content, err := read(ctx, file)
		if err != nil {
			return channel.Accepted{}, &channel.Error{Class: channel.UnknownOutcome, Err: err}
		}
		sent.Files = append(sent.Files, parcel{
			file.Filename, file.ContentType, file.ContentID, file.URL, content, file.Size,
		})
	}
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(json.NewEncoder(writer).Encode(sent)) }()
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
		return channel.Accepted{
			ExternalID: "ext-" + message.MessageID, Status: channel.Sent, ProviderStatus: c.vendor.words,
			Segments: c.vendor.segments,
		}, nil
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

func read(ctx context.Context, file channel.File) (string, error) {
	reader, err := file.Open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = reader.Close() }()
	content, err := io.ReadAll(reader)
	return string(content), err
}

// Verify implements channel.Receiver.
func (c *vendorConnection) Verify(channel.Webhook) error { return channel.ErrBadSignature }

// Parse implements channel.Receiver.
func (c *vendorConnection) Parse(channel.Webhook) (channel.Delivery, error) {
	return channel.Delivery{}, channel.ErrUnparsable
}

// Check implements channel.Checker.
func (c *vendorConnection) Check(context.Context) (channel.CheckResult, error) {
	c.vendor.mu.Lock()
	defer c.vendor.mu.Unlock()
	return channel.CheckResult{KeyValid: c.vendor.valid() && (c.vendor.refuses == "" || c.key != c.vendor.refuses)}, nil
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

// likeningConnection lists messages without our ids.
type likeningConnection struct{ *vendorConnection }

// Likeness implements channel.Likener.
func (c *likeningConnection) Likeness(message channel.Outbound) string { return message.Body }

// Find implements channel.Finder.
func (c *likeningConnection) Find(_ context.Context, message channel.Outbound, _ time.Time) (channel.Found, error) {
	c.vendor.mu.Lock()
	defer c.vendor.mu.Unlock()
	var alike []channel.Outbound
	for _, taken := range c.vendor.taken {
		if taken.Body == message.Body {
			alike = append(alike, taken)
		}
	}
	if len(alike) != 1 {
		return channel.Found{}, channel.ErrNotFound
	}
	found := c.vendor.known[alike[0].MessageID]
	found.ByLikeness = true
	return found, nil
}

var _ channel.Likener = (*likeningConnection)(nil)

type templatingConnection struct{ *vendorConnection }

// Templates implements channel.Templater.
func (c *templatingConnection) Templates(context.Context, channel.Kind, string) ([]channel.Template, error) {
	return c.vendor.templates()
}

var _ channel.Templater = (*templatingConnection)(nil)
