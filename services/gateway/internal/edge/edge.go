// Package edge is what every request passes first: recovery, headers, traces, measures.
package edge

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Config of the edge. All fields are required but Secure.
type Config struct {
	// Secure tells that browsers reach us over HTTPS only.
	Secure bool
	// Failed answers a request whose handler panicked before it wrote anything.
	Failed  http.Handler
	Logger  *slog.Logger
	Metrics prometheus.Registerer
	Tracing trace.TracerProvider
}

// Wrap puts the edge around a handler.
func Wrap(next http.Handler, cfg Config) http.Handler {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "conversations_http_request_seconds", Help: "Time of one request by route and status.",
		Buckets: prometheus.DefBuckets,
	}, []string{"method", "route", "status"})
	cfg.Metrics.MustRegister(seconds)
	handler := measured(headers(next, cfg.Secure), seconds, cfg)
	return otelhttp.NewHandler(handler, "gateway",
		otelhttp.WithTracerProvider(cfg.Tracing),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + routeOf(r) }))
}

// measured recovers from panics and counts.
func measured(next http.Handler, seconds *prometheus.HistogramVec, cfg Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		metrics := httpsnoop.CaptureMetricsFn(w, func(w http.ResponseWriter) { recovered(next, w, r, cfg) })
		seconds.WithLabelValues(methodOf(r), routeOf(r), strconv.Itoa(metrics.Code)).Observe(metrics.Duration.Seconds())
	})
}

// recovered answers for a handler that panicked. When it had written already the connection is cut, so that half an
// answer does not look like a whole one.
func recovered(next http.Handler, w http.ResponseWriter, r *http.Request, cfg Config) {
	written := false
	watched := httpsnoop.Wrap(w, httpsnoop.Hooks{
		WriteHeader: func(write httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
			return func(code int) { written = true; write(code) }
		},
		Write: func(write httpsnoop.WriteFunc) httpsnoop.WriteFunc {
			return func(data []byte) (int, error) { written = true; return write(data) }
		},
	})
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // a panic value, compared as net/http does
			panic(cause)
		}
		cfg.Logger.ErrorContext(r.Context(), "request panicked", slog.String("route", routeOf(r)),
			slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
		if written {
			panic(http.ErrAbortHandler)
		}
		cfg.Failed.ServeHTTP(w, r)
	}()
	next.ServeHTTP(watched, r)
}

// headers sets what every answer carries; a handler may set a policy of its own.
func headers(next http.Handler, secure bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		if secure {
			header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// routeOf is the pattern that matched: few enough for a label and the name of a span.
func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

// methodOf keeps strangers' words out of the labels.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	default:
		return "other"
	}
}
