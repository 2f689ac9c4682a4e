package postgres_test

import (
	"context"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func TestMigrate(t *testing.T) {
	t.Parallel()

	t.Run("by several processes at once", func(t *testing.T) {
		t.Parallel()
		database := pgservertest.Database(t)
		var processes sync.WaitGroup
		for range 4 {
			db := pgtest.Reopen(t, database)
			processes.Go(func() {
				require.NoError(t, db.Migrate(t.Context()))
				require.NoError(t, db.Ping(t.Context()))
			})
		}
		processes.Wait()
	})

	t.Run("by an ordinary role that may make roles and a schema", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Reopen(t, ordinaryUser(t, pgservertest.Server(t).URL("postgres")))
		require.NoError(t, db.Migrate(t.Context()))
		require.NoError(t, db.Migrate(t.Context()), "a second time does nothing")
		ws := pgtest.NewWorkspace(t, db)
		require.NoError(t, among(db, ws.ID)(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
			_, err := tx.Exec(ctx, "SELECT id FROM conversations")
			return err
		}))
	})

	t.Run("is told apart from a database that is away", func(t *testing.T) {
		t.Parallel()
		db := pgtest.Reopen(t, "postgres://postgres@127.0.0.1:1/postgres")
		require.True(t, postgres.Unavailable(db.Migrate(t.Context())))
		require.True(t, postgres.Unavailable(db.Ping(t.Context())))
	})
}

func TestNoStatementRunsForEver(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	ws := pgtest.NewWorkspace(t, db)
	limit := func(tx postgres.Tx) (text string) {
		require.NoError(t, tx.QueryRow(t.Context(), "SHOW statement_timeout").Scan(&text))
		return text
	}
	require.NoError(t, db.InWorkspace(t.Context(), ws.ID, func(_ context.Context, tx postgres.Tx) error {
		require.Equal(t, "10s", limit(tx))
		return nil
	}))
	require.NoError(t, db.InWorkspaces(t.Context(), []workspace.ID{ws.ID}, func(_ context.Context, tx postgres.ChangeTx) error {
		require.Equal(t, "90s", limit(tx))
		return nil
	}))
	require.NoError(t, db.InRelay(t.Context(), func(_ context.Context, tx postgres.ChangeTx) error {
		require.Equal(t, "1min", limit(tx))
		return nil
	}))
	err := db.WithoutWorkspace(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)")
		return err
	})
	require.True(t, postgres.Unavailable(err), err)
}

// ordinaryUser makes a login that owns nothing but may make roles and schemas, as managed databases give it.
func ordinaryUser(t *testing.T, address string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	for _, statement := range []string{
		"CREATE ROLE ordinary LOGIN CREATEROLE NOSUPERUSER PASSWORD 'secret'",
		"GRANT CREATE ON DATABASE postgres TO ordinary",
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
	ordinary, err := url.Parse(address)
	require.NoError(t, err)
	ordinary.User = url.UserPassword("ordinary", "secret")
	return ordinary.String()
}
