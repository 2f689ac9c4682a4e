// Package edge is what every request passes first: recovery, headers, traces, measures.
package edge

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
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
	handler := watched(headers(next, cfg.Secure), seconds, cfg)
	if _, off := cfg.Tracing.(noop.TracerProvider); off {
		return carried(handler)
	}
	return otelhttp.NewHandler(handler, "gateway",
		otelhttp.WithTracerProvider(cfg.Tracing),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + routeOf(r) }))
}

// carried hands on the caller's trace where we keep none of our own.
func carried(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Traceparent") != "" {
			ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

// answer is what a handler has answered so far.
type answer struct {
	status    int
	isWritten bool
}

func (a *answer) wrote(status int) {
	if !a.isWritten {
		a.status, a.isWritten = status, status >= http.StatusOK || status == http.StatusSwitchingProtocols
	}
}

// watched recovers from panics and counts.
func watched(next http.Handler, seconds *prometheus.HistogramVec, cfg Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, given := time.Now(), &answer{status: http.StatusOK}
		watching := httpsnoop.Wrap(w, httpsnoop.Hooks{
			WriteHeader: func(write httpsnoop.WriteHeaderFunc) httpsnoop.WriteHeaderFunc {
				return func(status int) { given.wrote(status); write(status) }
			},
			Write: func(write httpsnoop.WriteFunc) httpsnoop.WriteFunc {
				return func(data []byte) (int, error) { given.wrote(http.StatusOK); return write(data) }
			},
			ReadFrom: func(read httpsnoop.ReadFromFunc) httpsnoop.ReadFromFunc {
				return func(source io.Reader) (int64, error) { given.wrote(http.StatusOK); return read(source) }
			},
		})
		recovered(next, watching, r, given, cfg)
		seconds.WithLabelValues(methodOf(r), routeOf(r), strconv.Itoa(given.status)).Observe(time.Since(started).Seconds())
	})
}

// recovered answers for a handler that panicked. When it had written already the connection is cut, so that half an
// answer does not look like a whole one.
func recovered(next http.Handler, w http.ResponseWriter, r *http.Request, given *answer, cfg Config) {
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
		if given.isWritten {
			panic(http.ErrAbortHandler)
		}
		cfg.Failed.ServeHTTP(w, r)
	}()
	next.ServeHTTP(w, r)
}

// headers sets what every answer carries; a handler may set a policy of its own. The values are shared: they are
// replaced, never changed.
func headers(next http.Handler, secure bool) http.Handler {
	shared := http.Header{}
	shared.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	shared.Set("X-Content-Type-Options", "nosniff")
	shared.Set("X-Frame-Options", "DENY")
	shared.Set("Referrer-Policy", "same-origin")
	shared.Set("Cross-Origin-Opener-Policy", "same-origin")
	shared.Set("Cross-Origin-Resource-Policy", "same-origin")
	shared.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	if secure {
		shared.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	for name, values := range shared {
		shared[name] = slices.Clip(values)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), shared)
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
