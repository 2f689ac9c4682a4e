package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

const (
	stopTimeout  = time.Minute
	readyTimeout = time.Minute
	// drainTimeout bounds how long a backlog may take.
	drainTimeout = 2 * time.Minute
	// drainPoll is how often it is asked how much of a backlog is left.
	drainPoll = 5 * time.Millisecond

	bareDatabase = "bare"
	unlimited    = "1000000"
)

var (
	errMissing = errors.New("rows are missing in the database")
	errSlow    = errors.New("the backlog does not go down in time")
)

// rig is a running system with workspaces in it, and the bare program beside it on the same NATS and Postgres.
type rig struct {
	cfg     Config
	extent  extent
	cluster *cluster.Cluster
	homes   []tenant.Workspace
	bare    *bare.Process
	conn    *nats.Conn
	js      jetstream.JetStream
	texts   *texts
	// accepted counts the texts that inbound-webhook took.
	accepted int
	// lasting tells that NATS writes to the disk before it acknowledges, which few requests a second pass.
	lasting bool
}

func newRig(ctx context.Context, cfg Config, durability Durability, folder string) (*rig, error) {
	r := &rig{cfg: cfg, extent: cfg.extent(), lasting: durability == Always}
	var err error
	r.cluster, err = cluster.Start(ctx, cluster.Config{
		Binaries: cfg.Binaries, Directory: folder, NATS: durability.jetStream(),
		// What one measures here is no single caller.
		Env: map[string]string{
			"CONVERSATIONS_GATEWAY_REQUESTS_PER_SECOND": unlimited, "CONVERSATIONS_GATEWAY_REQUEST_BURST": unlimited,
			"CONVERSATIONS_GATEWAY_MAX_SOCKETS": unlimited, "CONVERSATIONS_PPROF": strconv.FormatBool(cfg.Profiles != ""),
			"CONVERSATIONS_LOG_LEVEL": "warn",
		},
		Postgres: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"},
	})
	if err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.stop(ctx))
	}
	return r, nil
}

// prepare makes the workspaces and their conversations, and a copy of the database for the bare program.
func (r *rig) prepare(ctx context.Context) error {
	var err error
	if r.conn, err = nats.Connect(r.cluster.NATSURL(), nats.Name("bench")); err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	if r.js, err = jetstream.New(r.conn); err != nil {
		return fmt.Errorf("opening JetStream: %w", err)
	}
	r.homes, err = tenant.Fill(ctx, tenant.Place{
		Gateway: r.cluster.Gateway(), NATSURL: r.cluster.NATSURL(), DatabaseURL: r.cluster.DatabaseURL(),
	}, r.extent.workspaces)
	if err != nil {
		return err
	}
	if err := fill(ctx, r.cluster.DatabaseURL(), r.homes, r.extent.customers); err != nil {
		return err
	}
	r.texts = newTexts(r.cluster.Webhook(), r.homes, r.extent.customers)
	for _, service := range []string{event.ServiceSender, event.ServiceStore} {
		if err := r.end(ctx, service); err != nil {
			return err
		}
	}
	databaseURL, err := copyDatabase(ctx, r.cluster.DatabaseURL())
	if err != nil {
		return err
	}
	r.bare, err = bare.Start(ctx, bare.Config{
		NATSURL: r.cluster.NATSURL(), DatabaseURL: databaseURL, Homes: bareHomes(r.homes), Customers: r.extent.customers,
	})
	if err != nil {
		return err
	}
	return r.beginStore(ctx)
}

func bareHomes(homes []tenant.Workspace) []bare.Home {
	converted := make([]bare.Home, len(homes))
	for i, home := range homes {
		account := home.Accounts[channel.SMS]
		converted[i] = bare.Home{ID: home.ID.UUID(), Account: uuid.MustParse(account.ID), Address: account.Address}
	}
	return converted
}

// copyDatabase copies the store's database, rows and roles' rights and all. Nobody may be connected to it.
func copyDatabase(ctx context.Context, databaseURL string) (string, error) {
	address, err := url.Parse(databaseURL)
	if err != nil {
		return "", fmt.Errorf("reading the address of the database: %w", err)
	}
	original := strings.TrimPrefix(address.Path, "/")
	address.Path = "/template1"
	statement := "CREATE DATABASE " + bareDatabase + " TEMPLATE " + pgx.Identifier{original}.Sanitize()
	if err := execute(ctx, address.String(), statement); err != nil {
		return "", fmt.Errorf("copying the database: %w", err)
	}
	address.Path = "/" + bareDatabase
	return address.String(), nil
}

// tidy does now what the database would do some time later about what was written before, so that none of it falls into
// what is measured next.
func (r *rig) tidy(ctx context.Context) error {
	for _, database := range []string{"", bareDatabase} {
		address, err := url.Parse(r.cluster.DatabaseURL())
		if err != nil {
			return fmt.Errorf("reading the address of the database: %w", err)
		}
		if database != "" {
			address.Path = "/" + database
		}
		if err := execute(ctx, address.String(), "VACUUM (ANALYZE)", "CHECKPOINT"); err != nil {
			return fmt.Errorf("tidying the database: %w", err)
		}
	}
	return nil
}

// execute runs the statements, each by itself.
func execute(ctx context.Context, databaseURL string, statements ...string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// end ends a service as an installation does.
func (r *rig) end(ctx context.Context, service string) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return r.process(service).Terminate(ctx)
}

// beginStore starts the store again and waits until it is ready. While it runs it does nothing.
func (r *rig) beginStore(ctx context.Context) error {
	store := r.process(event.ServiceStore)
	if err := store.Start(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return store.Ready(ctx)
}

// process is the only copy of a service.
func (r *rig) process(service string) *cluster.Process { return r.cluster.Of(service)[0] }

// host is where a service itself listens.
func (r *rig) host(service string) string {
	return strings.TrimPrefix(r.process(service).URL(), "http://")
}

func (r *rig) stop(ctx context.Context) error {
	var problems []error
	if r.bare != nil {
		problems = append(problems, r.bare.Stop())
	}
	if r.conn != nil {
		r.conn.Close()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return errors.Join(append(problems, r.cluster.Stop(ctx))...)
}

//go:embed sql/count.sql
var countTexts string

// check tells whether every text that was accepted is in the database.
func (r *rig) check(ctx context.Context) error {
	if r.accepted == 0 {
		return nil
	}
	if err := r.beginStore(ctx); err != nil {
		return err
	}
	if _, err := r.drained(ctx, r.inbound()...); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, r.cluster.DatabaseURL())
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var found int
	if err := conn.QueryRow(ctx, countTexts, textPrefix).Scan(&found); err != nil {
		return fmt.Errorf("counting rows: %w", err)
	}
	if found < r.accepted {
		return fmt.Errorf("%w: %d texts were accepted, %d are there", errMissing, r.accepted, found)
	}
	return nil
}
