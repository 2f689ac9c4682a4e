package store_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

func TestRebuildBucketsOnABusThatLostThem(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t)
	db := pgtest.Reopen(t, url)
	w := pgtest.NewWorkspace(t, db)
	route(t, db, w)

	empty := bustest.Server(t)
	cfg := store.Config{Base: service.Base{NATSServer: empty}, DatabaseURL: url}
	require.NoError(t, store.RebuildBuckets(t.Context(), cfg))

	routes, err := bustest.Connect(t, empty).Bucket(t.Context(), event.BucketRoutes)
	require.NoError(t, err)
	_, err = routes.Get(t.Context(), event.RouteKey("phone", "", channel.SMS, w.Phone))
	require.NoError(t, err)
}

func route(t *testing.T, db *postgres.DB, w pgtest.Workspace) {
	t.Helper()
	err := db.InWorkspace(t.Context(), w.ID, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO routes (workspace_id, provider, address) VALUES ($1, 'phone', $2)",
			w.ID.UUID(), w.Phone)
		return err
	})
	require.NoError(t, err)
}
