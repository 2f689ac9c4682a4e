package sender

import (
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/galaxyco-ai/conversations/pkg/egress"
)

// NewClient makes the client that providers are called with: it keeps as many connections to each of them as calls may
// be under way, for a new one costs more than a call.
func NewClient(workers int, timeout time.Duration, tracing trace.TracerProvider) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, workers
	return &http.Client{
		Timeout:   timeout,
		Transport: otelhttp.NewTransport(transport, otelhttp.WithTracerProvider(tracing)),
	}
}

// NewGuardedClient is NewClient for credentials of others: it reaches public addresses and the allowed hosts only, and
// follows no redirect, which would carry the credential along.
func NewGuardedClient(allowed []string, workers int, timeout time.Duration, tracing trace.TracerProvider) *http.Client {
	transport := egress.NewTransport(allowed)
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, workers
	return &http.Client{
		Timeout:       timeout,
		Transport:     otelhttp.NewTransport(transport, otelhttp.WithTracerProvider(tracing)),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
