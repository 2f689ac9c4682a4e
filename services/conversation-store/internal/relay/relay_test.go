package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/relay"
)

type bundle struct {
	db    *postgres.DB
	bus   *bus.Bus
	ws    pgtest.Workspace
	relay *relay.Relay
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.Open(t), bus: bustest.New(t)}
	b.ws = pgtest.NewWorkspace(t, b.db)
	b.relay = b.newRelay()
	return b
}

func (b *bundle) newRelay() *relay.Relay {
	return relay.New(b.db, b.bus, slog.New(slog.DiscardHandler))
}

// change commits facts about the entities, in one transaction.
func (b *bundle) change(t *testing.T, entities ...string) {
	t.Helper()
	require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.ChangeTx) error {
		for _, entity := range entities {
			err := outbox.Change(ctx, tx, &eventv1.Change{
				WorkspaceId: b.ws.ID.String(), Entity: "message", Verb: "sent", EntityId: entity,
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// told is what CHANGE holds, oldest first.
func (b *bundle) told(t *testing.T) []string {
	t.Helper()
	first, last, err := b.bus.Bounds(t.Context(), event.StreamChange)
	require.NoError(t, err)
	entities := []string{}
	for sequence := first; sequence <= last; sequence++ {
		message, err := b.bus.ReadAt(t.Context(), event.StreamChange, sequence)
		require.NoError(t, err)
		change := &eventv1.Change{}
		require.NoError(t, message.Decode(change))
		entities = append(entities, change.GetEntityId())
	}
	return entities
}

func (b *bundle) waiting(t *testing.T) (messageIDs []uuid.UUID) {
	t.Helper()
	require.NoError(t, b.db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, "SELECT message_id FROM outbox ORDER BY id")
		require.NoError(t, err)
		messageIDs, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		return err
	}))
	return messageIDs
}

func TestFlush(t *testing.T) {
	t.Parallel()

	t.Run("publishes in the order of the commits, more than one pass of them", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var want []string
		for i := range 1100 {
			want = append(want, fmt.Sprint("m", i))
		}
		b.change(t, want...)
		require.NoError(t, b.relay.Flush(t.Context()))
		require.Equal(t, want, b.told(t))
		require.Empty(t, b.waiting(t))
	})

	t.Run("publishes in their order what one transaction tells, in as few rows as hold it", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var facts []outbox.Fact
		var want []string
		for i := range 1150 {
			want = append(want, fmt.Sprint("m", i))
			facts = append(facts, outbox.Fact{Change: &eventv1.Change{
				WorkspaceId: b.ws.ID.String(), Entity: "message", Verb: "sent", EntityId: want[i],
			}})
		}
		require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(_ context.Context, tx postgres.ChangeTx) error {
			return outbox.Tell(tx, facts)
		}))
		require.Len(t, b.waiting(t), 12)
		require.NoError(t, b.relay.Flush(t.Context()))
		require.Equal(t, want, b.told(t))
		require.Empty(t, b.waiting(t))
	})

	t.Run("begins another row where the facts are large", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		large := outbox.Fact{Change: &eventv1.Change{
			WorkspaceId: b.ws.ID.String(), Entity: "message", Verb: "sent",
			Data: &eventv1.Change_Message{Message: &eventv1.Message{Body: strings.Repeat("x", 200<<10)}},
		}}
		require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(_ context.Context, tx postgres.ChangeTx) error {
			return outbox.Tell(tx, slices.Repeat([]outbox.Fact{large}, 5))
		}))
		require.Len(t, b.waiting(t), 3)
		require.NoError(t, b.relay.Flush(t.Context()))
		require.Len(t, b.told(t), 5)
	})

	t.Run("publishes a fact that was written as a row of its own", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		payload, err := proto.Marshal(&eventv1.Change{WorkspaceId: b.ws.ID.String(), EntityId: "before"})
		require.NoError(t, err)
		subject := event.ChangeSubject(b.ws.ID, "message", "sent")
		require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(_ context.Context, tx postgres.ChangeTx) error {
			tx.Defer("INSERT INTO outbox (workspace_id, target, key, payload) VALUES ($1, 'change', $2, $3)",
				b.ws.ID.UUID(), subject, payload)
			return nil
		}))
		b.change(t, "after")
		require.NoError(t, b.relay.Flush(t.Context()))
		require.Equal(t, []string{"before", "after"}, b.told(t))
	})

	t.Run("returns when what its caller committed is published, also with others flushing", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		other := b.newRelay()
		var writers sync.WaitGroup
		for writer := range 20 {
			writers.Go(func() {
				entity := fmt.Sprint("w", writer)
				b.change(t, entity)
				flushing := b.relay
				if writer%2 == 0 {
					flushing = other
				}
				require.NoError(t, flushing.Flush(t.Context()))
				require.Contains(t, b.told(t), entity)
			})
		}
		writers.Wait()
		require.Len(t, b.told(t), 20, "each once")
	})

	t.Run("lets no bucket that cannot be written hold back facts and other buckets", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var want []string
		put := func(bucket, key string) {
			require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.ChangeTx) error {
				return outbox.Put(ctx, tx, b.ws.ID, bucket, key, &bucketv1.Route{WorkspaceId: b.ws.ID.String()})
			}))
		}
		put("nobody", "first")
		put("nobody", "second")
		for i := range 1100 {
			want = append(want, fmt.Sprint("m", i))
		}
		b.change(t, want...)
		put(event.BucketRoutes, "route")
		require.Error(t, b.relay.Flush(t.Context()))
		require.Equal(t, want, b.told(t))
		require.Len(t, b.waiting(t), 2)
		routes, err := b.bus.Bucket(t.Context(), event.BucketRoutes)
		require.NoError(t, err)
		_, err = routes.Get(t.Context(), "route")
		require.NoError(t, err)
		b.change(t, "late")
		require.Error(t, b.relay.Flush(t.Context()))
		require.Equal(t, append(want, "late"), b.told(t))
	})

	t.Run("keeps what it cannot publish, and publishes it later", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.change(t, "a")
		gone := bustest.Connect(t, bustest.Server(t)) // a server that has no streams
		require.Error(t, relay.New(b.db, gone, slog.New(slog.DiscardHandler)).Flush(t.Context()))
		require.Len(t, b.waiting(t), 1)
		require.NoError(t, b.relay.Flush(t.Context()))
		require.Equal(t, []string{"a"}, b.told(t))
	})

	t.Run("does not repeat what a relay published that died long ago", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.change(t, "a", "b", "c")
		stream, err := b.bus.JetStream().Stream(t.Context(), event.StreamChange)
		require.NoError(t, err)
		forgetful := stream.CachedInfo().Config
		forgetful.Duplicates = 100 * time.Millisecond
		_, err = b.bus.JetStream().UpdateStream(t.Context(), forgetful)
		require.NoError(t, err)
		// The dead one published the first two, and the stream has forgotten their ids since.
		for i, id := range b.waiting(t)[:2] {
			entity := string(rune('a' + i))
			b.publish(t, id.String()+"-0", entity)
			require.Eventually(t, func() bool { return !b.publish(t, "probe"+id.String(), "probe") }, time.Second, 150*time.Millisecond)
		}
		require.NoError(t, b.relay.Flush(t.Context()))
		facts := map[string]int{}
		for _, entity := range b.told(t) {
			facts[entity]++
		}
		delete(facts, "probe")
		require.Equal(t, map[string]int{"a": 1, "b": 1, "c": 1}, facts)
	})
}

// publish stores a fact under an id and tells whether the stream knew the id.
func (b *bundle) publish(t *testing.T, id, entity string) bool {
	t.Helper()
	ack, err := b.bus.Publish(t.Context(), bus.Publishing{
		Subject: event.ChangeSubject(b.ws.ID, "message", "sent"), ID: id,
		Payload: &eventv1.Change{WorkspaceId: b.ws.ID.String(), EntityId: entity},
	})
	require.NoError(t, err)
	return ack.Duplicate
}

func TestBucketEntriesFollowTheirTransactions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const key = "key"
	write := func(fn func(ctx context.Context, tx postgres.ChangeTx) error) {
		require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, fn))
	}
	put := func(id string) func(ctx context.Context, tx postgres.ChangeTx) error {
		return func(ctx context.Context, tx postgres.ChangeTx) error {
			return outbox.Put(ctx, tx, b.ws.ID, event.BucketAccess, key, &bucketv1.Principal{Id: id})
		}
	}
	bucket, err := b.bus.Bucket(t.Context(), event.BucketAccess)
	require.NoError(t, err)

	write(put("first"))
	write(put("second"))
	require.NoError(t, b.relay.Flush(t.Context()))
	entry, err := bucket.Get(t.Context(), key)
	require.NoError(t, err)
	require.Contains(t, string(entry.Value), "second")

	write(func(ctx context.Context, tx postgres.ChangeTx) error {
		outbox.Delete(ctx, tx, b.ws.ID, event.BucketAccess, key)
		return nil
	})
	require.NoError(t, b.relay.Flush(t.Context()))
	_, err = bucket.Get(t.Context(), key)
	require.ErrorIs(t, err, bus.ErrKeyNotFound)

	failed := b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.ChangeTx) error {
		require.NoError(t, put("never")(ctx, tx))
		return context.DeadlineExceeded
	})
	require.ErrorIs(t, failed, context.DeadlineExceeded)
	require.NoError(t, b.relay.Flush(t.Context()))
	_, err = bucket.Get(t.Context(), key)
	require.ErrorIs(t, err, bus.ErrKeyNotFound, "what was rolled back is not published")
}

func TestFactsOfOneWorkspaceAreToldInTheOrderTheirTransactionsCommit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const writers, each = 8, 25
	require.NoError(t, b.db.InWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE workspaces SET name = '0'")
		return err
	}))
	var working sync.WaitGroup
	for range writers {
		working.Go(func() {
			for range each {
				require.NoError(t, b.db.ChangeInWorkspace(t.Context(), b.ws.ID, func(ctx context.Context, tx postgres.ChangeTx) error {
					// The number follows the order of the commits, because the row is locked until then.
					var number string
					err := tx.QueryRow(ctx, "UPDATE workspaces SET name = (name::int + 1)::text RETURNING name").Scan(&number)
					if err != nil {
						return err
					}
					return outbox.Change(ctx, tx, &eventv1.Change{
						WorkspaceId: b.ws.ID.String(), Entity: "message", Verb: "sent", EntityId: number,
					})
				}))
				require.NoError(t, b.relay.Flush(t.Context()))
			}
		})
	}
	working.Wait()
	told := b.told(t)
	require.Len(t, told, writers*each)
	for i, entity := range told {
		require.Equal(t, strconv.Itoa(i+1), entity)
	}
}
