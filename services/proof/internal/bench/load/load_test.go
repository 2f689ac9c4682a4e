package load_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
)

// setup starts a server that answers bodies of both forms, and counts what it was asked.
func setup(t *testing.T) (host string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.Copy(w, r.Body)
	})
	mux.HandleFunc("GET /chunked", func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		for range 3 {
			_, _ = io.WriteString(w, strings.Repeat("x", 40_000))
			_ = http.NewResponseController(w).Flush()
		}
	})
	mux.HandleFunc("GET /empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), asked
}

func TestClosed_SendsEveryRequestOnceAndReadsEveryFormOfAnswer(t *testing.T) {
	t.Parallel()
	host, asked := setup(t)
	requests := []load.Request{}
	for range 50 {
		requests = append(requests,
			load.NewRequest("POST", host, "/echo", []byte("hello"), "Content-Type", "text/plain"),
			load.NewRequest("GET", host, "/chunked", nil))
	}
	result, err := load.Closed(t.Context(), host, 8, time.Minute, load.Each(requests))
	require.NoError(t, err)
	require.Equal(t, len(requests), result.Done)
	require.EqualValues(t, len(requests), asked.Load())
	require.EqualValues(t, len(requests), result.Latency.TotalCount())
	require.Positive(t, result.PerSecond())
}

func TestClosed_EndsWithTheTime(t *testing.T) {
	t.Parallel()
	host, asked := setup(t)
	requests := []load.Request{load.NewRequest("POST", host, "/echo", []byte("hello"))}
	result, err := load.Closed(t.Context(), host, 2, 100*time.Millisecond, load.Around(requests))
	require.NoError(t, err)
	require.EqualValues(t, asked.Load(), result.Done)
}

func TestClosed_TellsOfARefusal(t *testing.T) {
	t.Parallel()
	host, _ := setup(t)
	requests := []load.Request{load.NewRequest("GET", host, "/nowhere", nil)}
	_, err := load.Closed(t.Context(), host, 2, time.Minute, load.Around(requests))
	require.ErrorIs(t, err, load.ErrRefused)
}

func TestOpen_SendsAtTheRateAndCountsFromWhenARequestWasDue(t *testing.T) {
	t.Parallel()
	host, asked := setup(t)
	requests := make([]load.Request, 100)
	for i := range requests {
		requests[i] = load.NewRequest("GET", host, "/empty", nil)
	}
	result, schedule, err := load.Open(t.Context(), host, 500, 4, requests)
	require.NoError(t, err)
	require.Zero(t, asked.Load())
	require.Equal(t, len(requests), result.Done)
	require.GreaterOrEqual(t, result.Took, 99*2*time.Millisecond, "the last is not due before")
	require.Equal(t, 20*time.Millisecond, schedule.At(10).Sub(schedule.Begun))
}
