package invariant_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
	"github.com/galaxyco-ai/conversations/services/proof/internal/invariant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/traffic"
)

const (
	patience = 3 * time.Minute
	load     = 8 * time.Second
)

// drive loads a whole system for a while without faults and waits until nothing moves.
func drive(t *testing.T) (*cluster.Cluster, *history.History) {
	t.Helper()
	binaries := filepath.Join(t.TempDir(), "bin")
	require.NoError(t, cluster.Build(t.Context(), binaries))
	system, err := cluster.Start(t.Context(), cluster.Config{
		Binaries: binaries, Directory: t.TempDir(),
		Copies: map[string]int{event.ServiceSender: 2, event.ServiceStore: 2, event.ServiceWebhook: 2},
		Env:    map[string]string{"CONVERSATIONS_SANDBOX_JOURNAL": "200000"},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		require.NoError(t, system.Stop(ctx))
	})
	recorder := history.NewRecorder(nil)
	driver, err := traffic.New(traffic.Config{
		Gateway: system.Gateway(), Sandbox: system.Sandbox(), Workspaces: 2, Rate: 40, Seed: 11, Sockets: 2,
		NATSURL: system.NATSURL(), DatabaseURL: system.DatabaseURL(),
	}, recorder)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, driver.Prepare(ctx))
	loading, stop := context.WithTimeout(ctx, load)
	defer stop()
	require.NoError(t, driver.Run(loading))
	require.NoError(t, driver.Quiet(ctx))
	return system, recorder.History()
}

func TestALoadWithoutFaultsBreaksNothingAndWhatIsPlantedIsFound(t *testing.T) {
	t.Parallel()
	system, seen := drive(t)
	world := invariant.World{
		Gateway: system.Gateway(), Sandbox: system.Sandbox(), NATSURL: system.NATSURL(), DatabaseURL: system.DatabaseURL(), History: seen,
	}
	report, err := invariant.Check(t.Context(), world)
	require.NoError(t, err)
	require.Empty(t, report.Violations)
	require.NotEmpty(t, seen.Records(history.Send))
	require.Greater(t, report.Checked["every accepted send arrived, ended badly with a reason, or is unknown"], 50)

	plant(t, system)
	report, err = invariant.Check(t.Context(), world)
	require.NoError(t, err)
	var broken []string
	for _, wrong := range report.Violations {
		broken = append(broken, wrong.Invariant)
		require.NotEmpty(t, wrong.Story, wrong)
	}
	slices.Sort(broken)
	require.Subset(t, slices.Compact(broken), []string{
		"a state only moves forward", "every accepted send arrived, ended badly with a reason, or is unknown",
		"every committed change is told once and in order", "every webhook answered well is kept once",
		"nothing crosses a workspace", "the final state is what the provider said",
	})
}

// plant spoils the data behind the back of the services.
func plant(t *testing.T, system *cluster.Cluster) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), system.DatabaseURL())
	require.NoError(t, err)
	for _, statement := range []string{
		`DELETE FROM conversations.conversation_messages WHERE id = (
			SELECT id FROM conversations.conversation_messages WHERE direction = 'inbound' AND body LIKE 'm-%' ORDER BY id LIMIT 1)`,
		`DELETE FROM conversations.conversation_messages WHERE id = (
			SELECT id FROM conversations.conversation_messages WHERE direction = 'outbound' AND body LIKE 'm-%' ORDER BY id LIMIT 1)`,
		`UPDATE conversations.conversation_messages SET status = 'sent' WHERE id = (
			SELECT id FROM conversations.conversation_messages WHERE status = 'delivered' AND channel = 'email' ORDER BY id LIMIT 1)`,
		`UPDATE conversations.conversation_messages AS m SET body = o.body FROM conversations.conversation_messages AS o
			WHERE m.id = (SELECT max(id::text)::uuid FROM conversations.conversation_messages WHERE body LIKE 'm-%')
			AND o.id = (SELECT max(id::text)::uuid FROM conversations.conversation_messages
				WHERE body LIKE 'm-%' AND workspace_id <> m.workspace_id)`,
	} {
		done, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
		require.EqualValues(t, 1, done.RowsAffected(), statement)
	}
	require.NoError(t, conn.Close(t.Context()))

	connected, err := nats.Connect(system.NATSURL())
	require.NoError(t, err)
	defer connected.Close()
	js, err := jetstream.New(connected)
	require.NoError(t, err)
	changes, err := js.Stream(t.Context(), event.StreamChange)
	require.NoError(t, err)
	first, err := changes.GetMsg(t.Context(), changes.CachedInfo().State.FirstSeq)
	require.NoError(t, err)
	_, err = js.Publish(t.Context(), first.Subject, first.Data)
	require.NoError(t, err)
}
