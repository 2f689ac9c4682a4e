// Package rebuild writes the projection buckets anew from the database: what should be there is put where it differs,
// what should not be there is removed. It is for a bus whose buckets were lost or are doubted. Everything keeps running
// meanwhile, and running it twice changes nothing.
package rebuild

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

var (
	//go:embed sql/routes.sql
	selectRoutes string
	//go:embed sql/access.sql
	selectAccess string
	//go:embed sql/consent.sql
	selectConsent string
)

// breath is how many keys are looked at before the transaction that holds the relay back is touched, so that the
// database does not take it for forgotten.
const breath = 1000

// entries is what a bucket should hold, by key.
type entries map[string][]byte

// Count says what was done to one bucket.
type Count struct {
	Bucket string
	// Put were missing or wrong, Removed should not have been there, Left were right.
	Put, Removed, Left int
}

// Buckets rebuilds every projection bucket. The relay stands still meanwhile: an entry it published before is in the
// rows that are read here, and one it publishes afterwards comes on top of them.
func Buckets(ctx context.Context, db *postgres.DB, b *bus.Bus, logger *slog.Logger) ([]Count, error) {
	var counts []Count
	err := db.InRelay(ctx, func(ctx context.Context, relay pgx.Tx) error {
		wanted, err := load(ctx, db)
		if err != nil {
			return err
		}
		for _, spec := range event.Buckets() {
			if !spec.Projection {
				continue
			}
			r := rebuilder{relay: relay, wanted: wanted[spec.Name], count: Count{Bucket: spec.Name}}
			if err := r.run(ctx, b); err != nil {
				return fmt.Errorf("rebuilding %s: %w", spec.Name, err)
			}
			counts = append(counts, r.count)
			logger.InfoContext(ctx, "bucket rebuilt", slog.String("bucket", spec.Name), slog.Int("put", r.count.Put),
				slog.Int("removed", r.count.Removed), slog.Int("left", r.count.Left))
		}
		return nil
	})
	return counts, err
}

// load reads what every bucket should hold at one instant. A bucket that nothing is projected into yet has no entry
// here: it should be empty.
func load(ctx context.Context, db *postgres.DB) (map[string]entries, error) {
	wanted := map[string]entries{}
	err := db.AsOwner(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return fmt.Errorf("beginning to read: %w", err)
		}
		var err error
		if wanted[event.BucketRoutes], err = read[bucket.Route](ctx, tx, selectRoutes); err != nil {
			return fmt.Errorf("reading routes: %w", err)
		}
		if wanted[event.BucketAccess], err = read[bucket.Access](ctx, tx, selectAccess); err != nil {
			return fmt.Errorf("reading access: %w", err)
		}
		if wanted[event.BucketConsent], err = read[bucket.OptOut](ctx, tx, selectConsent); err != nil {
			return fmt.Errorf("reading consent: %w", err)
		}
		return nil
	})
	return wanted, err
}

// projected is a row that knows its entry.
type projected[V proto.Message] interface {
	Key() string
	Value() V
}

func read[R projected[V], V proto.Message](ctx context.Context, tx pgx.Tx, sql string) (entries, error) {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[R])
	if err != nil {
		return nil, err
	}
	wanted := make(entries, len(found))
	for _, row := range found {
		value, err := proto.Marshal(row.Value())
		if err != nil {
			return nil, err
		}
		wanted[row.Key()] = value
	}
	return wanted, nil
}

// rebuilder makes one bucket what it should be.
type rebuilder struct {
	relay  pgx.Tx
	wanted entries
	count  Count
	seen   int
}

func (r *rebuilder) run(ctx context.Context, b *bus.Bus) error {
	opened, err := b.Bucket(ctx, r.count.Bucket)
	if err != nil {
		return err
	}
	for key, err := range opened.Keys(ctx) {
		if err != nil {
			return err
		}
		if _, ok := r.wanted[key]; ok {
			continue
		}
		if err := opened.Delete(ctx, key); err != nil {
			return err
		}
		r.count.Removed++
		if err := r.breathe(ctx); err != nil {
			return err
		}
	}
	for key, value := range r.wanted {
		if err := r.put(ctx, opened, key, value); err != nil {
			return err
		}
		if err := r.breathe(ctx); err != nil {
			return err
		}
	}
	return nil
}

// put leaves an entry that is right as it is: every put wakes everybody who follows the bucket.
func (r *rebuilder) put(ctx context.Context, opened *bus.Bucket, key string, value []byte) error {
	held, err := opened.Get(ctx, key)
	switch {
	case err == nil && bytes.Equal(held.Value, value):
		r.count.Left++
		return nil
	case err != nil && !errors.Is(err, bus.ErrKeyNotFound):
		return err
	}
	if _, err := opened.Put(ctx, key, value); err != nil {
		return err
	}
	r.count.Put++
	return nil
}

func (r *rebuilder) breathe(ctx context.Context) error {
	r.seen++
	if r.seen%breath != 0 {
		return nil
	}
	if _, err := r.relay.Exec(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("holding the relay back: %w", err)
	}
	return nil
}
