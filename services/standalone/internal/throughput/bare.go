package throughput

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// bareBody is as long as a short message in a provider's words.
const bareBody = 600

// bare is a server that takes any call and answers it after its latency.
type bare struct {
	server  *http.Server
	url     string
	latency atomic.Int64
	served  chan struct{}
}

func startBare(ctx context.Context) (*bare, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the bare server: %w", err)
	}
	b := &bare{url: "http://" + listener.Addr().String(), served: make(chan struct{})}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: sendTimeout}
	go func() {
		defer close(b.served)
		_ = b.server.Serve(listener) // it ends when it is stopped
	}()
	return b, nil
}

func (b *bare) stop() {
	_ = b.server.Close()
	<-b.served
}

// ServeHTTP implements http.Handler.
func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if latency := time.Duration(b.latency.Load()); latency > 0 {
		select {
		case <-time.After(latency):
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"id":"0192f0c0-0000-7000-8000-000000000002"}`)
}

func (b *bare) measure(
	ctx context.Context, cfg Config, client *http.Client, latency time.Duration, inFlight int,
) (float64, error) {
	b.latency.Store(int64(latency))
	body := strings.Repeat("x", bareBody)
	perSecond, err := drive(ctx, inFlight, cfg.Each/2, func(ctx context.Context, _ int) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url, strings.NewReader(body))
		if err != nil {
			return err //nolint:wrapcheck // drive says what was being done
		}
		response, err := client.Do(request)
		if err != nil {
			return err //nolint:wrapcheck // drive says what was being done
		}
		_, _ = io.Copy(io.Discard, response.Body)
		return response.Body.Close() //nolint:wrapcheck // drive says what was being done
	})
	if err != nil {
		return 0, fmt.Errorf("measuring the bare call: %w", err)
	}
	return perSecond, nil
}
