package edge_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/api"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/edge"
)

func TestPanic(t *testing.T) {
	t.Parallel()
	var logs strings.Builder
	mux := http.NewServeMux()
	mux.HandleFunc("GET /before", func(http.ResponseWriter, *http.Request) { panic("secret cause") })
	mux.HandleFunc("GET /after", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("half", 10_000))
		panic("secret cause")
	})
	serving := httptest.NewServer(edge.Wrap(mux, edge.Config{
		Failed: http.HandlerFunc(api.Failed), Logger: slog.New(slog.NewTextHandler(&logs, nil)),
		Metrics: prometheus.NewRegistry(), Tracing: noop.NewTracerProvider(),
	}))
	t.Cleanup(serving.Close)
	get := func(path string) (status int, contentType, body string, err error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, serving.URL+path, nil)
		require.NoError(t, err)
		response, err := serving.Client().Do(r)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		return response.StatusCode, response.Header.Get("Content-Type"), string(text), err
	}

	status, contentType, body, err := get("/before")
	require.NoError(t, err)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, api.ProblemType, contentType)
	require.Contains(t, body, `"code":"internal"`)
	require.NotContains(t, body, "secret")

	_, _, _, err = get("/after")
	require.Error(t, err, "half an answer is cut off, not ended as if it were whole")

	serving.Close()
	require.Equal(t, 2, strings.Count(logs.String(), "request panicked"))
	require.Contains(t, logs.String(), "secret cause")
	require.Contains(t, logs.String(), "GET /before")
}

func TestWithoutTracingTheTraceOfTheCallerGoesOnAndEveryAnswerIsCounted(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	metrics := prometheus.NewRegistry()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /trace", func(w http.ResponseWriter, r *http.Request) {
		carried := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(r.Context(), carried)
		w.Header().Add("X-Frame-Options", "of its own")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, carried["traceparent"])
	})
	handler := edge.Wrap(mux, edge.Config{
		Failed: http.HandlerFunc(api.Failed), Logger: slog.New(slog.DiscardHandler),
		Metrics: metrics, Tracing: noop.NewTracerProvider(), Secure: true,
	})
	ask := func(traceparent string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/trace", nil)
		if traceparent != "" {
			r.Header.Set("Traceparent", traceparent)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, parent, ask(parent).Body.String())
	second := ask("")
	require.Empty(t, second.Body.String())
	require.Equal(t, []string{"DENY", "of its own"}, second.Header().Values("X-Frame-Options"), "what one answer adds no other has")
	require.NotEmpty(t, second.Header().Get("Strict-Transport-Security"))

	families, err := metrics.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Len(t, families[0].GetMetric(), 1)
	require.EqualValues(t, 2, families[0].GetMetric()[0].GetHistogram().GetSampleCount())
	require.Contains(t, families[0].GetMetric()[0].String(), `value:"202"`)
}
