// Package pgservertest gives tests a real PostgreSQL.
//
// The databases of one test binary live on one server, which the binary starts when the first test asks and which ends
// with the binary. Its data lies in a slot below the system's folder for temporary files and is used again by the next
// binary, so that a run leaves no growing rubbish and rarely pays for making a cluster.
package pgservertest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/pgserver"
)

const (
	slots       = 64
	prefix      = "test_"
	dropTimeout = 30 * time.Second
)

//nolint:gochecknoglobals // one server for the test binary is the point; nothing but the binary's end can stop it
var shared struct {
	once   sync.Once
	server *pgserver.Server
	err    error
}

// Database makes an empty database on the server all tests of the binary share, and returns its URL for the superuser.
// It is dropped when the test ends. The server does not flush to disk: a test that kills one uses Server. Roles
// belong to the whole server: a test that needs some makes them if they are not there.
func Database(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() { shared.server, shared.err = takeSlot(context.Background()) })
	if shared.err != nil {
		tb.Fatalf("starting PostgreSQL for the tests: %v", shared.err)
	}
	name := prefix + strings.ToLower(rand.Text()[:16])
	administration := shared.server.URL("postgres")
	if err := execute(tb.Context(), administration, "CREATE DATABASE "+name); err != nil {
		tb.Fatalf("making a database: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTimeout)
		defer cancel()
		if err := execute(ctx, administration, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("dropping the test's database: %v", err)
		}
	})
	return shared.server.URL(name)
}

// Server starts a server for this test alone, as durable as in production, to be paused, killed and restarted.
func Server(tb testing.TB) *pgserver.Server {
	tb.Helper()
	server, err := pgserver.Start(tb.Context(), pgserver.Config{Directory: tb.TempDir()})
	if err != nil {
		tb.Fatalf("starting PostgreSQL for the test: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTimeout)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			tb.Errorf("stopping the test's PostgreSQL: %v", err)
		}
	})
	return server
}

func takeSlot(ctx context.Context) (*pgserver.Server, error) {
	root := filepath.Join(os.TempDir(), "conversations-pgservertest-"+strconv.Itoa(os.Getuid()))
	for slot := range slots {
		directory := filepath.Join(root, strconv.Itoa(slot))
		server, err := start(ctx, directory)
		if errors.Is(err, pgserver.ErrInUse) {
			continue
		}
		if err != nil && !errors.Is(err, pgserver.ErrNotInstalled) {
			// What an earlier binary left is not worth repairing.
			if err := os.RemoveAll(filepath.Join(directory, "data")); err != nil {
				return nil, fmt.Errorf("clearing a slot: %w", err)
			}
			server, err = start(ctx, directory)
		}
		return server, err
	}
	return nil, fmt.Errorf("all %d slots in %s are in use", slots, root)
}

func start(ctx context.Context, directory string) (*pgserver.Server, error) {
	server, err := pgserver.Start(ctx, pgserver.Config{Directory: directory, Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
	}})
	if err != nil {
		return nil, err
	}
	if err := clean(ctx, server.URL("postgres")); err != nil {
		return nil, errors.Join(err, server.Stop(ctx))
	}
	return server, nil
}

// clean removes the databases and roles that an earlier binary left when it was stopped half-way.
func clean(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting to the test server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, leftover := range []struct{ find, drop string }{
		{"SELECT datname FROM pg_database WHERE starts_with(datname::text, '" + prefix + "')", "DROP DATABASE "},
		{"SELECT rolname FROM pg_roles WHERE NOT starts_with(rolname::text, 'pg_') AND rolname <> 'postgres'", "DROP ROLE "},
	} {
		rows, err := conn.Query(ctx, leftover.find)
		if err != nil {
			return fmt.Errorf("looking for leftovers: %w", err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("looking for leftovers: %w", err)
		}
		for _, name := range names {
			if _, err := conn.Exec(ctx, leftover.drop+pgx.Identifier{name}.Sanitize()); err != nil {
				return fmt.Errorf("removing %s: %w", name, err)
			}
		}
	}
	return nil
}

func execute(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting to the test server: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("executing %q: %w", statement, err)
	}
	return nil
}
