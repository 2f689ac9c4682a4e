package hook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

const publicURL = "https://hooks.example.com"

// fixture is the provider of texts as the platform uses it.
type fixture struct {
	Provider, Account, Address, SignatureHeader, SigningKey string
	Environment                                             map[string]string
}

func readFixture(tb testing.TB) fixture {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "sms.json"))
	require.NoError(tb, err)
	var read fixture
	require.NoError(tb, json.Unmarshal(text, &read))
	return read
}

func (f fixture) path() string { return "/api/webhooks/" + f.Provider }

// handler is the handler on a real bus, with one route.
func (f fixture) handler(tb testing.TB) http.Handler {
	tb.Helper()
	connected := bustest.New(tb)
	registry, err := all.Registry()
	require.NoError(tb, err)
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, ok := f.Environment[name]
		return value, ok
	})
	require.NoError(tb, err)
	endpoints := hook.NewEndpoints(registry, nil, http.DefaultClient)
	for _, account := range accounts {
		require.NoError(tb, endpoints.Connect(account, http.DefaultClient))
	}
	handler, err := hook.New(hook.Dependencies{
		Bus: connected, Endpoints: endpoints, Router: f.router(), Media: f.files(tb), Consents: f.consents(tb, connected),
		Logger: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Tracing: noop.NewTracerProvider(),
	}, hook.Limits{
		PublicURL: publicURL, MaxBodyBytes: 1 << 20, MemoryBytes: 1 << 30, ReadTimeout: time.Minute, QuarantineRate: 1, QuarantineBurst: 1,
	})
	require.NoError(tb, err)
	mux := http.NewServeMux()
	handler.Register(mux)
	return mux
}

func (f fixture) router() *hook.Router {
	router := hook.NewRouter(nil)
	router.Apply(event.RouteKey(f.Provider, f.Account, channel.SMS, f.Address), &bucketv1.Route{
		WorkspaceId: workspace.NewID().String(), ChannelAccountId: "0197a000-0000-7000-8000-00000000000a", Channel: string(channel.SMS),
		Provider: f.Provider, ProviderAccount: f.Account, Address: f.Address, Mode: "platform", IsDefault: true,
	}, false)
	return router
}

func (f fixture) files(tb testing.TB) *media.Store {
	tb.Helper()
	files, err := blobstore.Open(tb.Context(), "file://"+tb.TempDir()+"?no_tmp_dir=true")
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, files.Close()) })
	return media.New(files, nil)
}

func (f fixture) consents(tb testing.TB, connected *bus.Bus) *consent.Book {
	tb.Helper()
	consents, err := consent.Open(tb.Context(), connected)
	require.NoError(tb, err)
	return consents
}

// request is a signed text of one customer of many.
func (f fixture) request(ctx context.Context, n int) *http.Request {
	fields := url.Values{
		"MessageSid": {fmt.Sprintf("b3f0c1de-5a52-4f0e-9d5b-%012d", n)}, "AccountSid": {f.Account},
		"From": {fmt.Sprintf("+1415555%04d", n%10_000)}, "To": {f.Address}, "Body": {"Where is my order? It was to be here yesterday."},
		"NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
	}
	mac := hmac.New(sha1.New, []byte(f.SigningKey))
	mac.Write([]byte(publicURL + f.path()))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		mac.Write([]byte(name + fields.Get(name)))
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, f.path(), bytes.NewReader([]byte(fields.Encode())))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("User-Agent", "provider/1.0")
	request.Header.Set(f.SignatureHeader, base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return request
}

// BenchmarkAccept takes signed texts, 64 at once, until each of them is acknowledged by the stream. The server of the
// stream is in the same process and is measured with it; net/http is not.
func BenchmarkAccept(b *testing.B) {
	const atOnce = 64
	f := readFixture(b)
	handler := f.handler(b)
	requests := make([]*http.Request, b.N)
	for i := range requests {
		requests[i] = f.request(b.Context(), i)
	}
	var next, refused atomic.Int64
	b.SetParallelism(atOnce / 2)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, requests[next.Add(1)-1])
			if recorder.Code != http.StatusOK {
				refused.Add(1)
			}
		}
	})
	b.StopTimer()
	require.Zero(b, refused.Load())
}
