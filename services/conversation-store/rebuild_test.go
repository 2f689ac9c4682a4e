package store_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
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

func TestAStartRenewsWhatIsLookedUpWhenSomethingArrives(t *testing.T) {
	t.Parallel()
	s := surround(t, pgservertest.Database(t))
	route(t, s.db, s.ws)
	routes, err := s.bus.Bucket(t.Context(), event.BucketRoutes)
	require.NoError(t, err)
	const stale = "phone.-.keyed.as.before"
	_, err = routes.Put(t.Context(), stale, []byte("stale"))
	require.NoError(t, err)
	calls, err := s.bus.Bucket(t.Context(), event.BucketCalls)
	require.NoError(t, err)

	cfg := store.Config{DatabaseURL: s.url, Address: "127.0.0.1:0", ReadConnections: 2, WriteConnections: 2}
	cfg.NATSServer = s.nats
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- store.Run(ctx, cfg) }()
	has := func(bucket *bus.Bucket, key string) bool {
		_, err := bucket.Get(t.Context(), key)
		return err == nil
	}
	require.Eventually(t, func() bool {
		return has(routes, event.RouteKey("phone", "", channel.SMS, s.ws.Phone)) && !has(routes, stale) &&
			has(calls, event.CallSettingsKey(s.ws.ID))
	}, patience, tick)
	cancel()
	require.NoError(t, ignoreCanceled(<-ended))
}

func route(t *testing.T, db *postgres.DB, w pgtest.Workspace) {
	t.Helper()
	err := db.InWorkspace(t.Context(), w.ID, func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO routes (workspace_id, provider, address) VALUES ($1, 'phone', $2)",
			w.ID.UUID(), w.Phone)
		return err
	})
	require.NoError(t, err)
}
