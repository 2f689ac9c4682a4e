package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed roles.sql
var ensureRoles string

// versionTable is where the applied migrations are written down.
const versionTable = "schema_version"

// roleTries is how often the roles are tried again when another database of the same server makes them just now.
const roleTries = 5

// Migrate makes the roles and the schema and brings the tables up to date. Several processes may do so at once.
func (db *DB) Migrate(ctx context.Context) error {
	if err := ensureRolesAndSchema(ctx, db.url); err != nil {
		return err
	}
	cfg, err := pgx.ParseConfig(db.url)
	if err != nil {
		return fmt.Errorf("reading the connection string: %w", err)
	}
	setParameters(cfg, roleOwner)
	return migrate(ctx, cfg, math.MaxInt64)
}

// migrate applies the migrations up to version that have not been applied yet.
func migrate(ctx context.Context, cfg *pgx.ConnConfig, version int64) (err error) {
	connections := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, connections.Close()) }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("making the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, connections, files,
		goose.WithTableName(versionTable), goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}

func ensureRolesAndSchema(ctx context.Context, url string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting to postgres: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for try := 1; ; try++ {
		_, err = conn.Exec(ctx, ensureRoles)
		if err == nil {
			return nil
		}
		if try == roleTries || !concurrentRole(err) {
			return fmt.Errorf("making the roles and the schema: %w", err)
		}
	}
}

// concurrentRole recognises that another session wrote the same row of a catalogue.
func concurrentRole(err error) bool {
	failed, ok := errors.AsType[*pgconn.PgError](err)
	const (
		internal        = "XX000" // "tuple concurrently updated"
		uniqueViolation = "23505"
		duplicateObject = "42710"
		duplicateSchema = "42P06"
	)
	return ok && (failed.Code == internal || failed.Code == uniqueViolation ||
		failed.Code == duplicateObject || failed.Code == duplicateSchema)
}
