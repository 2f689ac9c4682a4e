package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// Roles.
const (
	roleOwner  = "conversations_owner"
	roleApp    = "conversations_app"
	roleWriter = "conversations_writer"
	roleRelay  = "conversations_relay"
)

// connectTime bounds the wait for a server that does not answer, unless the connection string says otherwise.
const connectTime = 5 * time.Second

// How long the server lets one statement of a role run, its wait for a lock included. Callers give up earlier; this is
// for a statement whose caller can no longer say so. The owner migrates and rebuilds, which takes as long as it does.
const (
	questionTime = "10s"
	batchTime    = "90s"
	relayTime    = "60s"
)

// schema holds every table.
const schema = "conversations"

// Config says where the database is and how many connections to hold.
type Config struct {
	// URL is a connection string; its user is a superuser, or may create roles and a schema in the database.
	URL string
	// AppConnections answer questions; 0 means 8.
	AppConnections int32
	// WriterConnections project; 0 means 8, one for each lane.
	WriterConnections int32
}

// DB is the database, behind one pool a role. It is safe for concurrent use.
type DB struct {
	url    string
	app    *pgxpool.Pool
	writer *pgxpool.Pool
	relay  *pgxpool.Pool
	gates  [Lanes]chan struct{}
}

// Open prepares the pools. It connects to nothing: a database that is down now may be up for the first query.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	db := &DB{url: cfg.URL}
	for lane := range db.gates {
		db.gates[lane] = make(chan struct{}, 1)
	}
	pools := []struct {
		pool  **pgxpool.Pool
		role  string
		limit int32
		time  string
	}{
		{&db.app, roleApp, orDefault(cfg.AppConnections), questionTime},
		{&db.writer, roleWriter, orDefault(cfg.WriterConnections), batchTime},
		{&db.relay, roleRelay, 2, relayTime},
	}
	for _, want := range pools {
		pool, err := open(ctx, cfg.URL, want.role, want.limit, want.time)
		if err != nil {
			db.Close()
			return nil, err
		}
		*want.pool = pool
	}
	return db, nil
}

// Close closes every connection, waiting for those in use.
func (db *DB) Close() {
	for _, pool := range []*pgxpool.Pool{db.app, db.writer, db.relay} {
		if pool != nil {
			pool.Close()
		}
	}
}

// Ping tells whether the database answers and has been migrated so far that the serving role may enter.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.app.Ping(ctx); err != nil {
		return fmt.Errorf("reaching postgres: %w", err)
	}
	return nil
}

// AsOwner runs fn in a transaction on a connection of its own, as the role that sees every workspace: for rebuilding
// what spans them, never for a question.
func (db *DB) AsOwner(ctx context.Context, fn func(ctx context.Context, tx Tx) error) (err error) {
	cfg, err := pgx.ParseConfig(db.url)
	if err != nil {
		return fmt.Errorf("reading the connection string: %w", err)
	}
	setParameters(cfg, roleOwner)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connecting as %s: %w", roleOwner, err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return onConn(ctx, conn, nil, withTx(fn))
}

func open(ctx context.Context, url, role string, limit int32, statement string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the connection string: %w", err)
	}
	cfg.MaxConns = limit
	cfg.MinConns = 0
	setParameters(cfg.ConnConfig, role)
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = statement
	if role != roleApp {
		setPlanner(cfg.ConnConfig)
	}
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxuuid.Register(conn.TypeMap()) // else each id goes through its text, by way of an error
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the pool of %s: %w", role, err)
	}
	return pool, nil
}

// setPlanner is for roles that look rows up by their keys, a batch at a time, and do nothing else. A plan for any batch
// serves every batch: making one for each costs more than carrying it out. It uses the indexes also while the tables are
// empty and the planner has not heard of what comes in: it is kept as they grow.
func setPlanner(cfg *pgx.ConnConfig) {
	cfg.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	cfg.RuntimeParams["enable_seqscan"] = "off"
}

// setParameters makes the role the session's default: RESET ROLE comes back to it.
func setParameters(cfg *pgx.ConnConfig, role string) {
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTime
	}
	cfg.RuntimeParams["role"] = role
	cfg.RuntimeParams["search_path"] = schema
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["application_name"] = role
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "60s"
}

func orDefault(connections int32) int32 {
	if connections <= 0 {
		return Lanes
	}
	return connections
}
