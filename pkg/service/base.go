package service

import (
	"io"
	"log/slog"
	"os"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Base is what the configuration of every service begins with.
type Base struct {
	// NATSURL is the server, or a comma-separated list of the servers of a cluster.
	NATSURL string `env:"NATS_URL" envDefault:"nats://127.0.0.1:4222"`
	// NATSReplicas is how many servers keep each stream: 3 where the cluster has three servers.
	NATSReplicas int `env:"CONVERSATIONS_NATS_REPLICAS" envDefault:"1"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `env:"CONVERSATIONS_LOG_LEVEL" envDefault:"info"`
	// Profiling serves CPU and memory profiles beside the metrics, to everybody who reaches those: for a measurement.
	Profiling bool `env:"CONVERSATIONS_PPROF" envDefault:"false"`

	// The fields below are injected by whoever calls Run; none comes from the environment.

	// NATSServer is a server in this process; it takes precedence over NATSURL.
	NATSServer *server.Server
	// Logger is where the service writes; nil writes JSON to stderr.
	Logger *slog.Logger
	// Metrics is where the service registers; nil makes a registry of its own.
	Metrics *prometheus.Registry
	// Tracing makes the spans; nil makes none.
	Tracing trace.TracerProvider
	// Lookup reads the providers' own variables; nil is os.LookupEnv.
	Lookup func(string) (string, bool)
	// Ready is called once, with the HTTP address, when the service serves; may be nil.
	Ready func(address string)
}

// Defaults fills what is nil. Every Run calls it first; name is the name of the service.
func (b *Base) Defaults(name string) {
	if b.Logger == nil {
		b.Logger = newLogger(os.Stderr, b.level(), name)
	}
	if b.Metrics == nil {
		b.Metrics = newMetrics()
	}
	if b.Tracing == nil {
		b.Tracing = noop.NewTracerProvider()
	}
	if b.Lookup == nil {
		b.Lookup = os.LookupEnv
	}
	if b.Ready == nil {
		b.Ready = func(string) {}
	}
}

// level is the level of LogLevel; Load has refused every other text.
func (b *Base) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(b.LogLevel)) // the zero level is info
	return level
}

// holder is every Config that embeds Base.
type holder interface{ base() *Base }

// base lets Main reach the Base inside a Config.
func (b *Base) base() *Base { return b }

func newLogger(w io.Writer, level slog.Level, name string) *slog.Logger {
	handler := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	return slog.New(tracedHandler{handler}).With(slog.String("service", name))
}

func newMetrics() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}
