// Package pgtest gives a test a migrated database and workspaces to put things into.
package pgtest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// Workspace is a workspace with one user and an account for text messages and one for e-mail.
type Workspace struct {
	ID           workspace.ID
	User         uuid.UUID
	SMS, Email   uuid.UUID
	Phone, Inbox string
}

// Open is a database of its own, migrated, until the test ends.
func Open(tb testing.TB) *postgres.DB {
	tb.Helper()
	return Reopen(tb, Migrated(tb))
}

// template is a migrated database that others are copied from, which is faster than migrating each.
//
//nolint:gochecknoglobals // one template for the test binary is the point; it goes with the next binary's clean start
var template struct {
	once sync.Once
	name string
	err  error
}

// Migrated is the URL of a database of its own, migrated.
func Migrated(tb testing.TB) string {
	tb.Helper()
	url := pgservertest.Database(tb)
	template.once.Do(func() { template.name, template.err = makeTemplate(context.WithoutCancel(tb.Context()), url) })
	require.NoError(tb, template.err)
	cfg, err := pgx.ParseConfig(url)
	require.NoError(tb, err)
	name := pgx.Identifier{cfg.Database}.Sanitize()
	cfg.Database = "postgres"
	require.NoError(tb, execute(tb.Context(), cfg, "DROP DATABASE "+name, "CREATE DATABASE "+name+" TEMPLATE "+template.name))
	return url
}

// makeTemplate makes and migrates the template on the server of url.
func makeTemplate(ctx context.Context, url string) (string, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", err
	}
	name := cfg.Database + "_template"
	at := strings.Replace(url, "/"+cfg.Database, "/"+name, 1)
	cfg.Database = "postgres"
	if err := execute(ctx, cfg, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: at})
	if err != nil {
		return "", err
	}
	defer db.Close()
	return name, db.Migrate(ctx)
}

func execute(ctx context.Context, cfg *pgx.ConnConfig, statements ...string) (err error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Reopen opens a database a second time, as another process would.
func Reopen(tb testing.TB, url string) *postgres.DB {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), postgres.Config{URL: url})
	require.NoError(tb, err)
	tb.Cleanup(db.Close)
	return db
}

// NewWorkspace makes a workspace. The addresses are its own.
func NewWorkspace(tb testing.TB, db *postgres.DB) Workspace {
	tb.Helper()
	w := Workspace{ID: workspace.NewID(), User: uuid.New(), SMS: uuid.New(), Email: uuid.New()}
	w.Phone, w.Inbox = "+1500"+w.ID.String(), w.ID.String()+"@mail.sandbox.test"
	require.NoError(tb, db.InWorkspace(tb.Context(), w.ID, func(ctx context.Context, tx postgres.Tx) error {
		var created bool
		err := tx.QueryRow(ctx, "SELECT create_user($1, 'User', $2, 'hash')", w.User, w.User.String()+"@example.com").
			Scan(&created)
		require.NoError(tb, err)
		require.True(tb, created)
		var batch pgx.Batch
		batch.Queue("INSERT INTO workspaces (id, name, slug) VALUES ($1, 'Workspace', $2)", w.ID.UUID(), w.ID.String())
		batch.Queue("INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $2, 'owner')", w.ID.UUID(), w.User)
		const account = `INSERT INTO channel_accounts (workspace_id, id, channel, provider, address, mode, sandbox, is_default)
			VALUES ($1, $2, $3, $4, $5, 'platform', true, true)`
		batch.Queue(account, w.ID.UUID(), w.SMS, "sms", "phone", w.Phone)
		batch.Queue(account, w.ID.UUID(), w.Email, "email", "mail", w.Inbox)
		return tx.Send(ctx, &batch)
	}))
	return w
}

// CopyWorkspaces copies what the streams do not hold: users, workspaces and their channel accounts.
func CopyWorkspaces(tb testing.TB, from, to *postgres.DB) {
	tb.Helper()
	for _, table := range []string{"users", "workspaces", "memberships", "channel_accounts"} {
		var rows []string
		require.NoError(tb, from.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
			found, err := tx.Query(ctx, "SELECT to_jsonb(r)::text FROM "+table+" r")
			require.NoError(tb, err)
			rows, err = pgx.CollectRows(found, pgx.RowTo[string])
			return err
		}))
		require.NoError(tb, to.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
			for _, row := range rows {
				if _, err := tx.Exec(ctx, "INSERT INTO "+table+" SELECT * FROM jsonb_populate_record(NULL::"+table+", $1)", row); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}
