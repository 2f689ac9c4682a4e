package project

import (
	"context"
	_ "embed"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func TestNoStatementReadsMoreThanItsBatch(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	pgtest.Fill(t, db)
	require.NoError(t, db.InWorkspaces(t.Context(), []workspace.ID{workspace.NewID()},
		func(ctx context.Context, tx postgres.ChangeTx) error {
			for name, statement := range map[string]string{
				"contacts": insertContacts, "names": updateNames, "messages": insertMessages, "raw": insertRaw,
				"events": insertEvents, "resolve": resolveEvents, "derive": deriveStates, "refusals": selectRefusals,
				"attachments": insertAttachments, "references": insertReferences, "participants": insertParticipants,
				"threads": selectThreads, "aliases": selectAliases, "insert aliases": insertAliases,
				"known addresses": selectAddresses, "calls": selectCalls, "update calls": updateCalls, "windows": selectWindows,
			} {
				pgtest.RequireKeyed(ctx, t, tx, name, statement)
			}
			return nil
		}))
}
