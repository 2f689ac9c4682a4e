// Package bare is what the services could at best be: the same job on the same NATS and the same Postgres with nothing
// around it. No identity, no signature, no trace, no metric, no limit, no fact about what changed. It runs as a process
// of its own, as a service does.
package bare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool" //nolint:depguard // a ceiling goes without the store's door; its database is a copy
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// Streams and subjects of its own: the services do not see what it does.
const (
	streamIn   = "BENCH_IN"
	streamSend = "BENCH_SEND"
	subjectIn  = "bench.in."
	// SubjectFan is where a frame for every socket is published.
	SubjectFan  = "bench.fan"
	subjectSend = "bench.send."
)

const (
	// Lanes is how many consumers and writers there are, each with workspaces of its own.
	Lanes         = 4
	connections   = 8
	maxBody       = 1 << 20
	maxPending    = 4096
	stallWait     = 5 * time.Second
	headerTimeout = 5 * time.Second
	stopTimeout   = 5 * time.Second
	streamBytes   = 4 << 30
	dedupeWindow  = 2 * time.Minute
)

// Home is a workspace with its channel account for texts.
type Home struct {
	ID      uuid.UUID `json:"id"`
	Account uuid.UUID `json:"account"`
	Address string    `json:"address"`
}

// Config says what it stands on. The database has the schema of the store, and nobody else uses it.
type Config struct {
	NATSURL     string `json:"natsUrl"`
	DatabaseURL string `json:"databaseUrl"`
	Homes       []Home `json:"homes"`
	// Customers is how many customers each workspace has; see Customer.
	Customers int `json:"customers"`
}

// Customer is the address of a customer of every workspace.
func Customer(n int) string { return fmt.Sprintf("+1415555%04d", n) }

// program is everything bare in one process.
type program struct {
	cfg     Config
	homes   map[string]Home // by address
	conn    *nats.Conn
	js      jetstream.JetStream
	readers *pgxpool.Pool
	writers *pgxpool.Pool

	mu      sync.Mutex
	sockets map[*socket]struct{}
	stop    func() // ends the pipeline; nil while there is none
}

// Serve answers until ctx ends. ready is called with the address.
func Serve(ctx context.Context, cfg Config, ready func(address string)) error {
	p := &program{cfg: cfg, homes: map[string]Home{}, sockets: map[*socket]struct{}{}}
	for _, home := range cfg.Homes {
		p.homes[home.Address] = home
	}
	defer p.close()
	if err := p.open(ctx); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /accept", p.accept)
	mux.HandleFunc("POST /send", p.send)
	mux.HandleFunc("GET /list", p.list)
	mux.HandleFunc("GET /socket", p.serveSocket)
	mux.HandleFunc("POST /insert", p.insert)
	mux.HandleFunc("POST /pipeline/start", p.startPipeline)
	mux.HandleFunc("POST /pipeline/stop", p.stopPipeline)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout, BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	ready(listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

func (p *program) open(ctx context.Context) error {
	var err error
	if p.conn, err = nats.Connect(p.cfg.NATSURL, nats.Name("bare")); err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	if p.js, err = jetstream.New(p.conn, jetstream.WithPublishAsyncMaxPending(maxPending)); err != nil {
		return fmt.Errorf("opening JetStream: %w", err)
	}
	// Partitioned by workspace as the lanes of the store are.
	transform := &jetstream.SubjectTransformConfig{
		Source: subjectIn + "*", Destination: fmt.Sprintf("%s{{partition(%d,1)}}.{{wildcard(1)}}", subjectIn, Lanes),
	}
	for _, stream := range []jetstream.StreamConfig{
		{Name: streamIn, Subjects: []string{subjectIn + "*"}, SubjectTransform: transform},
		{Name: streamSend, Subjects: []string{subjectSend + "*"}},
	} {
		stream.Storage, stream.Discard, stream.MaxBytes = jetstream.FileStorage, jetstream.DiscardNew, streamBytes
		stream.Duplicates = dedupeWindow
		if _, err := p.js.CreateOrUpdateStream(ctx, stream); err != nil {
			return fmt.Errorf("making stream %s: %w", stream.Name, err)
		}
	}
	if _, err := p.conn.Subscribe(SubjectFan, func(m *nats.Msg) { p.broadcast(m.Data) }); err != nil {
		return fmt.Errorf("subscribing: %w", err)
	}
	if p.readers, err = p.pool(ctx, "conversations_app"); err != nil {
		return err
	}
	p.writers, err = p.pool(ctx, "conversations_writer")
	return err
}

func (p *program) pool(ctx context.Context, role string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(p.cfg.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", err)
	}
	cfg.MaxConns = connections
	maps.Copy(cfg.ConnConfig.RuntimeParams, map[string]string{
		"role": role, "search_path": "conversations", "timezone": "UTC",
	})
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxuuid.Register(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the pool of %s: %w", role, err)
	}
	return pool, nil
}

func (p *program) close() {
	p.endPipeline()
	for _, pool := range []*pgxpool.Pool{p.readers, p.writers} {
		if pool != nil {
			pool.Close()
		}
	}
	if p.conn != nil {
		p.conn.Close()
	}
}
