package relay

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func TestAPassReadsNoMoreOfTheOutboxThanItTakes(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	pgtest.Fill(t, db) // of an outbox that is empty whenever statistics are taken
	require.NoError(t, db.InRelay(t.Context(), func(ctx context.Context, tx postgres.ChangeTx) error {
		pgtest.RequireKeyed(ctx, t, tx, "take", takeEntries)
		pgtest.RequireKeyed(ctx, t, tx, "delete", deleteEntries)
		return nil
	}))
}
