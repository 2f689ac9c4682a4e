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

func setup(t *testing.T, change ...func(*gateway.Config)) *gatewayTest {
	t.Helper()
	running := bustest.Server(t)
	connected := bustest.Connect(t, running)
	require.NoError(t, connected.Ensure(t.Context(), event.Streams(), event.Buckets()))
	g := &gatewayTest{server: running, bus: connected, logs: &logBuffer{}, blobs: t.TempDir()}
	g.url, g.stop = g.start(t, change...)
	return g
}

// start runs one more gateway on the same server.
func (g *gatewayTest) start(t *testing.T, change ...func(*gateway.Config)) (address string, stop func()) {
	t.Helper()
	ready := make(chan string, 1)
	cfg := gateway.Config{
		Base: service.Base{
			NATSServer: g.server, Logger: slog.New(slog.NewJSONHandler(g.logs, nil)),
			Ready: func(address string) { ready <- address },
		},
		Address: "127.0.0.1:0", PublicURL: "https://app.example.com",
		RequestsPerSecond: 100_000, RequestBurst: 100_000, SignInsPerMinute: 1000, MailboxSignInsPerMinute: 1000, MaxSockets: 20, UploadsPerMinute: 1000,
		BlobURL: "file://" + g.blobs + "?no_tmp_dir=true", Providers: providers(t),
	}
	for _, apply := range change {
		apply(&cfg)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- gateway.Run(ctx, cfg) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(stop)
	select {
	case address := <-ready:
		return "http://" + address, stop
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "the gateway did not become ready")
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
func (g *gatewayTest) join(t *testing.T) *member {
	t.Helper()
	ws := workspace.NewID()
	m := &member{g: g, workspace: ws, token: "token-" + uuid.NewString(), userID: uuid.NewString()}
	g.putPrincipal(t, m.token, &bucketv1.Principal{
		Kind: "session", Id: uuid.NewString(), WorkspaceId: ws.String(), UserId: m.userID, Role: "owner",
		ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	})
	m.sms = g.putRoute(t, &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: uuid.NewString(), Channel: "sms", Provider: "alpha", ProviderAccount: ws.String(),
		Address: "+15002000001", Mode: "platform", Sandbox: true, IsDefault: true,
	})
	m.email = g.putRoute(t, &bucketv1.Route{
		WorkspaceId: ws.String(), ChannelAccountId: uuid.NewString(), Channel: "email", Provider: "beta", ProviderAccount: ws.String(),
		Address: "ada-1@mail.sandbox.test", Mode: "platform", Sandbox: true, IsDefault: true, DisplayName: "Ada's shop",
	})
	require.Eventually(t, func() bool {
		status, body := m.call(t, http.MethodGet, "/api/settings/communications", nil)
		return status == http.StatusOK && strings.Contains(body, "+1500") && strings.Contains(body, "mail.sandbox")
	}, patience, 5*time.Millisecond)
	return m
}

func (g *gatewayTest) putPrincipal(t *testing.T, token string, principal *bucketv1.Principal) {
	t.Helper()
	g.put(t, event.BucketAccess, event.AccessKey(token), principal)
}

func (g *gatewayTest) putRoute(t *testing.T, route *bucketv1.Route) *bucketv1.Route {
	t.Helper()
	g.put(t, event.BucketRoutes, event.RouteKey(route.GetProvider(), route.GetProviderAccount(), channel.Kind(route.GetChannel()), route.GetAddress()), route)
	return route
}

func (g *gatewayTest) put(t *testing.T, name, key string, value proto.Message) {
	t.Helper()
	bucket, err := g.bus.Bucket(t.Context(), name)
	require.NoError(t, err)
	data, err := proto.Marshal(value)
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), key, data)
	require.NoError(t, err)
}

// request is what a browser of the page sends.
func (m *member) request(t *testing.T, method, path string, body any) *http.Request {
	t.Helper()
	r := newRequest(t, method, m.g.url+path, body)
	r.AddCookie(&http.Cookie{Name: "conversations_session", Value: m.token})
	return r
}

func newRequest(t *testing.T, method, url string, body any) *http.Request {
	t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		require.NoError(t, err)
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, reader)
	require.NoError(t, err)
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (m *member) call(t *testing.T, method, path string, body any) (int, string) {
	t.Helper()
	response := send(t, m.request(t, method, path, body))
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

func send(t *testing.T, r *http.Request) answer {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
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
