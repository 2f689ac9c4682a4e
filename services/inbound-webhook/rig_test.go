package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

const (
	publicURL    = "https://hooks.example.com/base"
	smsAccountID = "0197a000-0000-7000-8000-00000000000a"
	customer     = "+14155550123"
)

// fixture is one provider as the platform uses it; its particulars lie in testdata.
type fixture struct {
	Provider, Account, Address, SignatureHeader, SigningKey, BaseVariable string
	Environment                                                           map[string]string
}

func readFixture(tb testing.TB, name string) fixture {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(tb, err)
	var read fixture
	require.NoError(tb, json.Unmarshal(text, &read))
	return read
}

// rig is the service on a real NATS server, with a provider's API that answers what the test says.
type rig struct {
	root       string
	server     *server.Server
	bus        *bus.Bus
	sms, email fixture
	workspace  workspace.ID
	blobs      string
	api        *http.ServeMux
	apiURL     string
	stop       func() error
}

func newRig(tb testing.TB, adjust ...func(*webhook.Config)) *rig {
	tb.Helper()
	r := newUnstartedRig(tb)
	cfg := r.config(tb)
	for _, change := range adjust {
		change(&cfg)
	}
	r.start(tb, cfg)
	return r
}

// newUnstartedRig has everything but the service.
func newUnstartedRig(tb testing.TB) *rig {
	tb.Helper()
	r := &rig{
		server: bustest.Server(tb), sms: readFixture(tb, "sms.json"), email: readFixture(tb, "email.json"),
		workspace: workspace.NewID(), blobs: tb.TempDir(), api: http.NewServeMux(),
	}
	r.bus = bustest.Connect(tb, r.server)
	require.NoError(tb, r.bus.Ensure(tb.Context(), event.Streams(), event.Buckets()))
	api := httptest.NewServer(r.api)
	tb.Cleanup(api.Close)
	r.apiURL = api.URL
	r.route(tb, r.workspace, r.sms, "sms", smsAccountID)
	r.route(tb, r.workspace, r.email, "email", "0197a000-0000-7000-8000-00000000000b")
	return r
}

func (r *rig) config(tb testing.TB) webhook.Config {
	tb.Helper()
	environment := maps.Clone(r.sms.Environment)
	maps.Copy(environment, r.email.Environment)
	environment[r.email.BaseVariable] = r.apiURL
	environment[r.sms.BaseVariable] = r.apiURL
	cfg, problems := service.Load[webhook.Config](nil)
	require.Empty(tb, problems)
	cfg.NATSServer = r.server
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Lookup = func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
	cfg.Address, cfg.PublicURL = "127.0.0.1:0", publicURL
	cfg.BlobURL = "file://" + r.blobs + "?no_tmp_dir=true"
	cfg.SweepEvery = 0
	return cfg
}

func (r *rig) start(tb testing.TB, cfg webhook.Config) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ready, done := make(chan string, 1), make(chan error, 1)
	cfg.Ready = func(address string) { ready <- address }
	go func() { done <- webhook.Run(ctx, cfg) }()
	select {
	case address := <-ready:
		r.root = "http://" + address
	case err := <-done:
		require.NoError(tb, err, "the service does not start")
	}
	r.stop = func() error {
		cancel()
		err := <-done
		done <- err
		return err
	}
	tb.Cleanup(func() { _ = r.stop() })
}

func (r *rig) route(tb testing.TB, ws workspace.ID, provider fixture, kind, channelAccountID string) {
	tb.Helper()
	bucket, err := r.bus.Bucket(tb.Context(), event.BucketRoutes)
	require.NoError(tb, err)
	value, err := proto.Marshal(&bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: channelAccountID, Channel: kind, Provider: provider.Provider,
		ProviderAccount: provider.Account, Address: provider.Address, Mode: "platform", IsDefault: true,
	})
	require.NoError(tb, err)
	_, err = bucket.Put(tb.Context(), event.RouteKey(provider.Provider, provider.Account, channel.Kind(kind), provider.Address), value)
	require.NoError(tb, err)
}

// call is a webhook on its way.
type call struct {
	method, path string
	header       http.Header
	body         []byte
}

// signedForm signs a form as the SMS provider does: HMAC-SHA1 over the public URL and the sorted fields.
func (r *rig) signedForm(path string, fields url.Values) call {
	mac := hmac.New(sha1.New, []byte(r.sms.SigningKey))
	mac.Write([]byte(publicURL + path))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range fields[name] {
			mac.Write([]byte(name + value))
		}
	}
	return r.smsCall(path, []byte(fields.Encode()), base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signedText signs any body in the provider's other scheme: hexadecimal, over the public URL and the body.
func (r *rig) signedText(path, body string) call {
	mac := hmac.New(sha1.New, []byte(r.sms.SigningKey))
	mac.Write([]byte(publicURL + path + body))
	return r.smsCall(path, []byte(body), hex.EncodeToString(mac.Sum(nil)))
}

func (r *rig) smsCall(path string, body []byte, signature string) call {
	header := http.Header{}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	header.Set(r.sms.SignatureHeader, signature)
	return call{method: http.MethodPost, path: path, body: body, header: header}
}

// signedJSON signs a body as the e-mail provider does: HMAC-SHA256 over id, time and body.
func (r *rig) signedJSON(tb testing.TB, id string, payload any) call {
	tb.Helper()
	body, err := json.Marshal(payload)
	require.NoError(tb, err)
	return r.signedBody(tb, id, body)
}

func (r *rig) signedBody(tb testing.TB, id string, body []byte) call {
	tb.Helper()
	key, err := base64.StdEncoding.DecodeString(r.email.SigningKey)
	require.NoError(tb, err)
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	prefix := strings.TrimSuffix(r.email.SignatureHeader, "signature")
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(prefix+"id", id)
	header.Set(prefix+"timestamp", stamp)
	header.Set(r.email.SignatureHeader, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return call{method: http.MethodPost, path: "/api/webhooks/" + r.email.Provider, body: body, header: header}
}

func (r *rig) smsPath() string { return "/api/webhooks/" + r.sms.Provider }

func (r *rig) message(id string) url.Values {
	return url.Values{
		"MessageSid": {id}, "AccountSid": {r.sms.Account}, "From": {customer}, "To": {r.sms.Address},
		"Body": {"Grüße & hello"}, "NumMedia": {"0"}, "SmsStatus": {"received"},
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (r *rig) send(tb testing.TB, c call) answer {
	tb.Helper()
	got, err := r.try(tb.Context(), c)
	require.NoError(tb, err)
	return got
}

func (r *rig) try(ctx context.Context, c call) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, c.method, r.root+c.path, bytes.NewReader(c.body))
	if err != nil {
		return answer{}, fmt.Errorf("making the request: %w", err)
	}
	for name, values := range c.header {
		for _, value := range values {
			request.Header.Add(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, fmt.Errorf("sending the request: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}, err
}

// stored lists what a stream holds.
func stored[T any, P interface {
	*T
	proto.Message
}](tb testing.TB, r *rig, stream string) []P {
	tb.Helper()
	first, last, err := r.bus.Bounds(tb.Context(), stream)
	require.NoError(tb, err)
	var events []P
	for sequence := first; sequence <= last; sequence++ {
		message, err := r.bus.ReadAt(tb.Context(), stream, sequence)
		require.NoError(tb, err)
		decoded := P(new(T))
		require.NoError(tb, message.Decode(decoded))
		events = append(events, decoded)
	}
	return events
}

func inbound(tb testing.TB, r *rig) []*eventv1.MessageReceived {
	tb.Helper()
	return stored[eventv1.MessageReceived](tb, r, event.StreamInbound)
}

func receipts(tb testing.TB, r *rig) []*eventv1.MessageReceipt {
	tb.Helper()
	return stored[eventv1.MessageReceipt](tb, r, event.StreamReceipt)
}

func quarantine(tb testing.TB, r *rig) []*eventv1.WebhookQuarantined {
	tb.Helper()
	return stored[eventv1.WebhookQuarantined](tb, r, event.StreamQuarantine)
}

func freeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	defer func() { require.NoError(tb, listener.Close()) }()
	return listener.Addr().String()
}
