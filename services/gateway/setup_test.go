package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway"
)

const patience = 20 * time.Second

// gatewayTest is a running gateway with a NATS server of its own.
type gatewayTest struct {
	url    string
	server *server.Server
	bus    *bus.Bus
	logs   *logBuffer
	blobs  string
	stop   func()
}

func setup(tb testing.TB, change ...func(*gateway.Config)) *gatewayTest {
	tb.Helper()
	running := bustest.Server(tb)
	connected := bustest.Connect(tb, running)
	require.NoError(tb, connected.Ensure(tb.Context(), event.Streams(), event.Buckets()))
	g := &gatewayTest{server: running, bus: connected, logs: &logBuffer{}, blobs: tb.TempDir()}
	g.url, g.stop = g.start(tb, change...)
	return g
}

// start runs one more gateway on the same server.
func (g *gatewayTest) start(tb testing.TB, change ...func(*gateway.Config)) (address string, stop func()) {
	tb.Helper()
	ready := make(chan string, 1)
	cfg := gateway.Config{
		Base: service.Base{
			NATSServer: g.server, Logger: slog.New(slog.NewJSONHandler(g.logs, nil)),
			Ready: func(address string) { ready <- address },
		},
		Address: "127.0.0.1:0", PublicURL: "https://app.example.com",
		RequestsPerSecond: 100_000, RequestBurst: 100_000, SignInsPerMinute: 1000, MailboxSignInsPerMinute: 1000, MaxSockets: 20, UploadsPerMinute: 1000,
		BlobURL: "file://" + g.blobs + "?no_tmp_dir=true", Providers: providers(tb),
	}
	for _, apply := range change {
		apply(&cfg)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- gateway.Run(ctx, cfg) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(tb, <-ended)
	})
	tb.Cleanup(stop)
	select {
	case address := <-ready:
		return "http://" + address, stop
	case err := <-ended:
		require.NoError(tb, err)
	case <-time.After(patience):
		require.Fail(tb, "the gateway did not become ready")
	}
	return "", stop
}

// member is somebody who may come in.
type member struct {
	g         *gatewayTest
	workspace workspace.ID
	token     string
	userID    string
	sms       *bucketv1.Route
	email     *bucketv1.Route
}

// join gives a new workspace a session, a number and a mail address.
func (g *gatewayTest) join(tb testing.TB) *member {
	tb.Helper()
	ws := workspace.NewID()
	m := &member{g: g, workspace: ws, token: "token-" + uuid.NewString(), userID: uuid.NewString()}
	g.putPrincipal(tb, m.token, &bucketv1.Principal{
		Kind: "session", Id: uuid.NewString(), WorkspaceId: ws.String(), UserId: m.userID, Role: "owner",
		ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	})
	m.sms = g.putRoute(tb, &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: uuid.NewString(), Channel: "sms", Provider: "alpha", ProviderAccount: ws.String(),
		Address: "+15002000001", Mode: "platform", Sandbox: true, IsDefault: true,
	})
	m.email = g.putRoute(tb, &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: uuid.NewString(), Channel: "email", Provider: "beta", ProviderAccount: ws.String(),
		Address: "ada-1@mail.sandbox.test", Mode: "platform", Sandbox: true, IsDefault: true, DisplayName: "Ada's shop",
	})
	require.Eventually(tb, func() bool {
		status, body := m.call(tb, http.MethodGet, "/api/settings/communications", nil)
		return status == http.StatusOK && strings.Contains(body, "+1500") && strings.Contains(body, "mail.sandbox")
	}, patience, 5*time.Millisecond)
	return m
}

func (g *gatewayTest) putPrincipal(tb testing.TB, token string, principal *bucketv1.Principal) {
	tb.Helper()
	g.put(tb, event.BucketAccess, event.AccessKey(token), principal)
}

func (g *gatewayTest) putRoute(tb testing.TB, route *bucketv1.Route) *bucketv1.Route {
	tb.Helper()
	g.put(tb, event.BucketRoutes, event.RouteKey(route.GetProvider(), route.GetProviderAccount(), channel.Kind(route.GetChannel()), route.GetAddress()), route)
	return route
}

func (g *gatewayTest) put(tb testing.TB, name, key string, value proto.Message) {
	tb.Helper()
	bucket, err := g.bus.Bucket(tb.Context(), name)
	require.NoError(tb, err)
	data, err := proto.Marshal(value)
	require.NoError(tb, err)
	_, err = bucket.Put(tb.Context(), key, data)
	require.NoError(tb, err)
}

// request is what a browser of the page sends.
func (m *member) request(tb testing.TB, method, path string, body any) *http.Request {
	tb.Helper()
	r := newRequest(tb, method, m.g.url+path, body)
	r.AddCookie(&http.Cookie{Name: "conversations_session", Value: m.token})
	return r
}

func newRequest(tb testing.TB, method, url string, body any) *http.Request {
	tb.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		require.NoError(tb, err)
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(tb.Context(), method, url, reader)
	require.NoError(tb, err)
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (m *member) call(tb testing.TB, method, path string, body any) (int, string) {
	tb.Helper()
	response := send(tb, m.request(tb, method, path, body))
	return response.StatusCode, response.body
}

type answer struct {
	*http.Response
	body string
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), into), a.body)
}

// problem reads the body as a problem and checks what all of them have.
func (a answer) problem(t *testing.T) problem {
	t.Helper()
	require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), a.body)
	var p problem
	a.decode(t, &p)
	require.Equal(t, a.StatusCode, p.Status)
	require.NotEmpty(t, p.Code)
	require.NotEmpty(t, p.Detail)
	return p
}

type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct {
		Location, Field, Message string
	} `json:"errors"`
}

func send(tb testing.TB, r *http.Request) answer {
	tb.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	require.NoError(tb, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	return answer{Response: response, body: string(body)}
}

// sent lists what SEND holds.
func (g *gatewayTest) sent(t *testing.T) []*eventv1.SendMessage {
	t.Helper()
	_, last, err := g.bus.Bounds(t.Context(), event.StreamSend)
	require.NoError(t, err)
	var sent []*eventv1.SendMessage
	for sequence := uint64(1); sequence <= last; sequence++ {
		m, err := g.bus.ReadAt(t.Context(), event.StreamSend, sequence)
		require.NoError(t, err)
		message := &eventv1.SendMessage{}
		require.NoError(t, m.Decode(message))
		require.Equal(t, event.SendSubject(m.Workspace(), channel.Kind(message.GetChannel())), m.Subject())
		sent = append(sent, message)
	}
	return sent
}

// logBuffer is safe for concurrent use.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *logBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
