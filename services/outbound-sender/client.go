package sender

import (
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"
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
