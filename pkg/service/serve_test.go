package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/service"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	base := service.Base{}
	base.Defaults("example")
	base.Metrics.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "example_total", Help: "An example."}))
	health := service.NewHealth()
	health.Add("there", func(context.Context) error { return nil })
	entered, release := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/", service.Ops(health, base.Metrics))
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "finished")
	})

	ctx, cancel := context.WithCancel(t.Context())
	addresses, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- service.Serve(ctx, "127.0.0.1:0", mux, func(address string) { addresses <- address })
	}()
	root := "http://" + <-addresses

	status, _ := get(t, root+"/livez")
	require.Equal(t, http.StatusOK, status)
	status, _ = get(t, root+"/readyz")
	require.Equal(t, http.StatusOK, status)
	_, body := get(t, root+"/metrics")
	require.Contains(t, body, "example_total 0")
	require.Contains(t, body, "go_goroutines")

	health.Add("gone", func(context.Context) error { return errors.New("no answer") })
	status, body = get(t, root+"/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	var report struct{ Checks map[string]string }
	require.NoError(t, json.Unmarshal([]byte(body), &report))
	require.Equal(t, map[string]string{"there": "ok", "gone": "no answer"}, report.Checks)

	go func() {
		<-entered
		cancel()
		close(release)
	}()
	_, body = get(t, root+"/slow")
	require.Equal(t, "finished", body, "a request under way is finished")
	require.NoError(t, <-done)
}

func TestServe_an_address_in_use_is_an_error(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	addresses, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- service.Serve(ctx, "127.0.0.1:0", http.NotFoundHandler(), func(address string) { addresses <- address })
	}()
	require.ErrorContains(t, service.Serve(ctx, <-addresses, http.NotFoundHandler(), nil), "listening on")
	cancel()
	require.NoError(t, <-done)
}
