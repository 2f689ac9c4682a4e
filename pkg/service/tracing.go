package service

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Variables of the OpenTelemetry specification that turn the exporter on.
const (
	otlpEndpoint       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	otlpTracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	flushTimeout       = 5 * time.Second
)

// startTracing makes the process's tracer provider: one that exports by OTLP over HTTP when the environment names an
// endpoint, one that does nothing otherwise. The exporter reads the rest of its settings from the environment itself.
// It also sets the process-wide provider and propagator, for libraries that can be given none. stop flushes.
func startTracing(ctx context.Context, name string, environ map[string]string) (api.TracerProvider, func(), error) {
	otel.SetTextMapPropagator(propagation.TraceContext{})
	if environ[otlpEndpoint] == "" && environ[otlpTracesEndpoint] == "" {
		return noop.NewTracerProvider(), func() {}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("starting the trace exporter: %w", err)
	}
	described, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", name)), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("describing the process to the trace exporter: %w", err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(described))
	otel.SetTracerProvider(provider)
	stop := func() {
		flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		_ = provider.Shutdown(flush) // spans are lost, nothing else
	}
	return provider, stop, nil
}
