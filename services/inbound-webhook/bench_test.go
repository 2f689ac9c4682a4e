package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkWebhook compares a bare handler, which reads the body and answers, with ours, which proves, parses, routes
// and stores before it answers. Sixteen callers at once; p50 and p99 are reported beside the mean.
func BenchmarkWebhook(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusNoContent)
		}))
		defer bare.Close()
		r := &rig{root: bare.URL, sms: readFixture(b, "sms.json")}
		measure(b, r, http.StatusNoContent)
	})
	b.Run("stored", func(b *testing.B) {
		measure(b, newRig(b), http.StatusOK)
	})
}

func measure(b *testing.B, r *rig, want int) {
	b.Helper()
	const callers = 16
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = callers
	calls := make([]call, b.N)
	for i := range calls {
		calls[i] = r.signedForm(r.smsPath(), r.message(fmt.Sprintf("SM-%d", i)))
	}
	took := make([]time.Duration, b.N)
	var next, failed atomic.Int64
	var working sync.WaitGroup
	b.ResetTimer()
	for range callers {
		working.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				started := time.Now()
				got, err := r.try(b.Context(), calls[i])
				took[i] = time.Since(started)
				if err != nil || got.status != want {
					failed.Add(1)
				}
			}
		})
	}
	working.Wait()
	b.StopTimer()
	require.Zero(b, failed.Load())
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}
