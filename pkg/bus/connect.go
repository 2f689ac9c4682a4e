package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

const (
	defaultMaxInFlight    = 4096
	defaultPublishTimeout = 5 * time.Second
	defaultReplicas       = 1
	reconnectWait         = 250 * time.Millisecond
	drainTimeout          = 10 * time.Second
	apiTimeout            = 5 * time.Second
)

// Config says where the bus is and how hard it may be driven. Only URL or InProcess is required.
type Config struct {
	// URL is the NATS server, several separated by commas.
	URL string
	// InProcess is a server in this process; it takes precedence over URL.
	InProcess *server.Server
	// Name is the service: the client's name at the server, the source of its events and a label of its metrics.
	Name string
	// MaxInFlight bounds the publishes that wait for their acknowledgement; 0 is 4096.
	MaxInFlight int
	// PublishTimeout bounds the wait for one acknowledgement; 0 is 5 s.
	PublishTimeout time.Duration
	// MaxBytes overrides the size of a stream or bucket, by name.
	MaxBytes map[string]int64
	// Replicas is how many servers keep each stream; 0 is 1.
	Replicas int
	// Logger is required to hear of lost consumers; nil discards.
	Logger *slog.Logger
	// Tracing makes the spans; nil makes none.
	Tracing trace.TracerProvider
	// Metrics takes the bus's metrics, labelled with Name; nil counts for nobody. Several buses may share it.
	Metrics prometheus.Registerer
}

func (c Config) withDefaults() Config {
	if c.MaxInFlight == 0 {
		c.MaxInFlight = defaultMaxInFlight
	}
	if c.PublishTimeout == 0 {
		c.PublishTimeout = defaultPublishTimeout
	}
	if c.Replicas == 0 {
		c.Replicas = defaultReplicas
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Tracing == nil {
		c.Tracing = noop.NewTracerProvider()
	}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	return c
}

// Bus is a connection to the server. It is safe for concurrent use.
type Bus struct {
	cfg    Config
	conn   *nats.Conn
	js     jetstream.JetStream
	slots  chan struct{} // one per publish waiting for its acknowledgement
	closed chan struct{} // closed when the connection has ended
	// interruptions tells when the connection was lost, although it comes back.
	interruptions *interruptions
	logger        *slog.Logger
	tracer        trace.Tracer
	traced        bool // false when no span goes anywhere
	measures      *measures
}

// Connect reaches the server, or fails at once. After that it comes back by itself, for ever.
func Connect(ctx context.Context, cfg Config) (*Bus, error) {
	cfg = cfg.withDefaults()
	measures, err := newMeasures(cfg.Metrics, cfg.Name)
	if err != nil {
		return nil, err
	}
	bus := &Bus{
		cfg: cfg, slots: make(chan struct{}, cfg.MaxInFlight), closed: make(chan struct{}), interruptions: newInterruptions(), logger: cfg.Logger,
		tracer: cfg.Tracing.Tracer("github.com/galaxyco-ai/conversations/pkg/bus"), measures: measures,
	}
	_, untraced := cfg.Tracing.(noop.TracerProvider)
	bus.traced = !untraced
	bus.conn, err = nats.Connect(cfg.URL, bus.options()...)
	if err != nil {
		return nil, fmt.Errorf("%w: connecting to NATS at %s: %w", ErrUnavailable, cfg.address(), err)
	}
	bus.js, err = jetstream.New(bus.conn,
		jetstream.WithPublishAsyncMaxPending(cfg.MaxInFlight),
		jetstream.WithPublishAsyncTimeout(cfg.PublishTimeout),
		jetstream.WithDefaultTimeout(apiTimeout))
	if err != nil {
		bus.conn.Close()
		return nil, fmt.Errorf("opening JetStream: %w", err)
	}
	if err := bus.checkServer(ctx); err != nil {
		bus.Close()
		return nil, err
	}
	return bus, nil
}

func (c Config) address() string {
	if c.InProcess != nil {
		return "the server in this process"
	}
	return c.URL
}

func (b *Bus) options() []nats.Option {
	options := []nats.Option{
		nats.Name(b.cfg.Name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.DrainTimeout(drainTimeout),
		// Without a server a publish fails at once. Buffered ones would leave after their caller has given up on them.
		nats.ReconnectBufSize(-1),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.DisconnectErrHandler(func(conn *nats.Conn, err error) {
			b.interruptions.announce()
			if !conn.IsClosed() {
				b.logger.Warn("bus disconnected", errorAttr(err))
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) {
			b.logger.Info("bus reconnected", slog.String("server", conn.ConnectedServerName()))
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.logger.Warn("bus reported an error", errorAttr(err))
		}),
	}
	if b.cfg.InProcess != nil {
		options = append(options, nats.InProcessServer(b.cfg.InProcess))
	}
	return options
}

// Close finishes what is under way and ends the connection. A second call does nothing.
func (b *Bus) Close() {
	if err := b.conn.Drain(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		b.conn.Close()
	}
	<-b.closed
}

// Healthy tells why nothing can be published or consumed at this moment; nil when it can.
func (b *Bus) Healthy() error {
	if status := b.conn.Status(); status != nats.CONNECTED {
		return fmt.Errorf("%w: connection is %s", ErrUnavailable, status)
	}
	return nil
}

// Conn is the connection itself, for what this package has no word for.
func (b *Bus) Conn() *nats.Conn { return b.conn }

// JetStream is the server's JetStream, for what this package has no word for.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

func errorAttr(err error) slog.Attr {
	if err == nil {
		return slog.String("error", "")
	}
	return slog.String("error", err.Error())
}
