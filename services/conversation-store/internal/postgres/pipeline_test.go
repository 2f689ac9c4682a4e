package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const writeFact = "INSERT INTO outbox (workspace_id, target, key, payload) VALUES ($1, 'change', $2, '')"

var errRefused = errors.New("refused")

func TestWhatIsDeferredIsCommittedInItsOrder(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	ws := workspace.NewID()
	require.NoError(t, db.ChangeInWorkspace(t.Context(), ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		tx.Defer(writeFact, ws.UUID(), "first")
		tx.Defer(writeFact, ws.UUID(), "second")
		return nil
	}))
	require.Equal(t, []string{"first", "second"}, written(t, db))
}

func TestNothingIsCommittedOfATransactionThatFails(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	ws := workspace.NewID()
	fact := func(ctx context.Context, tx postgres.ChangeTx) error {
		_, err := tx.Exec(ctx, writeFact, ws.UUID(), "sent at once")
		tx.Defer(writeFact, ws.UUID(), "deferred")
		return err
	}
	for name, after := range map[string]func(ctx context.Context, tx postgres.ChangeTx) error{
		"its function": func(context.Context, postgres.ChangeTx) error { return errRefused },
		"what it deferred": func(_ context.Context, tx postgres.ChangeTx) error {
			tx.Defer("SELECT 1 / 0")
			return nil
		},
		"a batch": func(ctx context.Context, tx postgres.ChangeTx) error {
			var batch pgx.Batch
			batch.Queue("SELECT 1 / 0")
			return tx.Send(ctx, &batch)
		},
		"a statement whose error is ignored": func(ctx context.Context, tx postgres.ChangeTx) error {
			_, _ = tx.Exec(ctx, "SELECT 1 / 0")
			return nil
		},
	} {
		err := db.InWorkspaces(t.Context(), []workspace.ID{ws}, func(ctx context.Context, tx postgres.ChangeTx) error {
			if err := fact(ctx, tx); err != nil {
				return err
			}
			return after(ctx, tx)
		})
		require.Error(t, err, name)
		require.Empty(t, written(t, db), name)
	}
	require.NoError(t, db.InWorkspaces(t.Context(), []workspace.ID{ws}, fact), "the connection is of use afterwards")
	require.Len(t, written(t, db), 2)
}

func TestATransactionBeginsWithItsFirstStatement(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	ws := workspace.NewID()
	for name, first := range map[string]func(ctx context.Context, tx postgres.Tx, setting *string) error{
		"query": func(ctx context.Context, tx postgres.Tx, setting *string) error {
			rows, err := tx.Query(ctx, readSetting)
			if err != nil {
				return err
			}
			*setting, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
			return err
		},
		"row": func(ctx context.Context, tx postgres.Tx, setting *string) error {
			return tx.QueryRow(ctx, readSetting).Scan(setting)
		},
		"batch": func(ctx context.Context, tx postgres.Tx, setting *string) error {
			var batch pgx.Batch
			batch.Queue(readSetting).QueryRow(func(row pgx.Row) error { return row.Scan(setting) })
			return tx.Send(ctx, &batch)
		},
	} {
		var setting string
		require.NoError(t, db.InWorkspace(t.Context(), ws, func(ctx context.Context, tx postgres.Tx) error {
			return first(ctx, tx, &setting)
		}), name)
		require.Equal(t, ws.String(), setting, name)
	}
}

const readSetting = "SELECT current_setting('app.current_workspace_id')"

// written are the keys in the outbox.
func written(t *testing.T, db *postgres.DB) []string {
	t.Helper()
	var keys []string
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		rows, err := tx.Query(ctx, "SELECT key FROM outbox ORDER BY id")
		require.NoError(t, err)
		keys, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
	})
	return keys
}
