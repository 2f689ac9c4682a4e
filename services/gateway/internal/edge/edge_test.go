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
