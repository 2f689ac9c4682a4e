package relay_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
)

// TestWhatAKilledServerForgotOfThePassIsNotToldTwice: a pass that empties the outbox ends before it is on the disk.
func TestWhatAKilledServerForgotOfThePassIsNotToldTwice(t *testing.T) {
	t.Parallel()
	server := pgservertest.Server(t)
	superuser, err := pgx.Connect(t.Context(), server.URL("postgres"))
	require.NoError(t, err)
	for _, sql := range []string{"ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()"} { // flush nothing unasked
		_, err = superuser.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	require.NoError(t, superuser.Close(t.Context()))
	b := &bundle{db: pgtest.Reopen(t, server.URL("postgres")), bus: bustest.New(t)}
	require.NoError(t, b.db.Migrate(t.Context()))
	b.ws = pgtest.NewWorkspace(t, b.db)
	b.relay = b.newRelay()
	b.change(t, "one", "two")
	require.NoError(t, b.relay.Flush(t.Context()))
	require.Empty(t, b.waiting(t))

	require.NoError(t, server.Kill())
	require.NoError(t, server.Restart(t.Context()))
	b.db = pgtest.Reopen(t, server.URL("postgres"))
	require.Len(t, b.waiting(t), 2, "the pass was flushed, and the test shows nothing")
	b.change(t, "three")
	b.relay = b.newRelay()
	require.NoError(t, b.relay.Flush(t.Context()))
	require.Empty(t, b.waiting(t))
	require.Equal(t, []string{"one", "two", "three"}, b.told(t))
}
