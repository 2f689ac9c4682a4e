package record

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func TestRowsAreReadByTheirKeys(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	pgtest.Fill(t, db)
	require.NoError(t, db.InWorkspaces(t.Context(), []workspace.ID{workspace.NewID()},
		func(ctx context.Context, tx postgres.ChangeTx) error {
			pgtest.RequireKeyed(ctx, t, tx, "conversations", selectConversations)
			pgtest.RequireKeyed(ctx, t, tx, "messages", selectMessages)
			return nil
		}))
}
