// Package rebuild writes the projection buckets anew from the database: what should be there is put where it differs,
// what should not be there is removed. It is for a bus whose buckets were lost or are doubted. Everything keeps running
// meanwhile, and running it twice changes nothing.
package rebuild

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"slices"

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
	//go:embed sql/credentials.sql
	selectCredentials string
	//go:embed sql/access.sql
	selectAccess string
	//go:embed sql/consent.sql
	selectConsent string
	//go:embed sql/windows.sql
	selectWindows string
	//go:embed sql/calls.sql
	selectCalls string
)

// breath is how many keys are looked at before the transaction that holds the relay back is touched, so that the
// database does not take it for forgotten.
const breath = 1000

// entries is what a bucket should hold, by key.
type entries map[string][]byte

// Count says what was done to one bucket.
type Count struct {
	Bucket string
	// Put were missing or wrong, Removed should not have been there, Left were right, or newer than the rows.
	Put, Removed, Left int
}

// Buckets rebuilds the projection buckets of these names, or every one when none is named. The relay stands still
// meanwhile: an entry it published before is in the rows that are read here, and one it publishes afterwards comes on
// top of them.
func Buckets(ctx context.Context, db *postgres.DB, b *bus.Bus, logger *slog.Logger, names ...string) ([]Count, error) {
	var counts []Count
	err := db.InRelay(ctx, func(ctx context.Context, relay postgres.ChangeTx) error {
		if err := hold(ctx, relay); err != nil {
			return err
		}
		wanted, err := load(ctx, db, names)
		if err != nil {
			return err
		}
		for _, spec := range event.Buckets() {
			if !spec.Projection || !concerns(names, spec.Name) {
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
func load(ctx context.Context, db *postgres.DB, names []string) (map[string]entries, error) {
	sources := map[string]func(context.Context, postgres.Tx) (entries, error){
		event.BucketRoutes:      from[bucket.Route](selectRoutes),
		event.BucketCredentials: from[bucket.Credential](selectCredentials),
		event.BucketAccess:      from[bucket.Access](selectAccess),
		event.BucketConsent:     from[bucket.Consent](selectConsent),
		event.BucketWindows:     from[bucket.Window](selectWindows),
		event.BucketCalls:       from[bucket.CallSettings](selectCalls),
		event.BucketPlans:       from[bucket.Terms](bucket.SelectTerms),
	}
	wanted := map[string]entries{}
	err := db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return fmt.Errorf("beginning to read: %w", err)
		}
		for name, read := range sources {
			if !concerns(names, name) {
				continue
			}
			var err error
			if wanted[name], err = read(ctx, tx); err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
		}
		return nil
	})
	return wanted, err
}

// concerns tells whether a bucket is meant when these are named.
func concerns(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

// projected is a row that knows its entry.
type projected[V proto.Message] interface {
	Key() string
	Value() V
}

func from[R projected[V], V proto.Message](sql string) func(context.Context, postgres.Tx) (entries, error) {
	return func(ctx context.Context, tx postgres.Tx) (entries, error) {
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
			value, err := proto.MarshalOptions{Deterministic: true}.Marshal(row.Value())
			if err != nil {
				return nil, err
			}
			wanted[row.Key()] = value
		}
		return wanted, nil
	}
}

// rebuilder makes one bucket what it should be.
type rebuilder struct {
	relay  postgres.Tx
	wanted entries
	count  Count
	seen   int
}

func (r *rebuilder) run(ctx context.Context, b *bus.Bus) error {
	opened, err := b.Bucket(ctx, r.count.Bucket)
	if err != nil {
		return err
	}
	surplus, err := r.compare(ctx, opened)
	if err != nil {
		return err
	}
	for _, key := range surplus {
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

// compare takes out of what is wanted what is there already, for every put wakes everybody who follows the bucket, and
// returns the keys that should not be there. Nobody is forgotten who said STOP: a consent that the rows do not know yet
// stays.
func (r *rebuilder) compare(ctx context.Context, opened *bus.Bucket) (surplus []string, err error) {
	for held, err := range opened.Entries(ctx) {
		if err != nil {
			return nil, err
		}
		value, ok := r.wanted[held.Key]
		switch {
		case ok && bytes.Equal(held.Value, value):
			delete(r.wanted, held.Key)
			r.count.Left++
		case !ok && r.count.Bucket != event.BucketConsent:
			surplus = append(surplus, held.Key)
		case !ok:
			r.count.Left++
		}
		if err := r.breathe(ctx); err != nil {
			return nil, err
		}
	}
	return surplus, nil
}

func (r *rebuilder) put(ctx context.Context, opened *bus.Bucket, key string, value []byte) error {
	if r.count.Bucket == event.BucketConsent {
		written, err := bucket.PutConsent(ctx, opened, key, value)
		if err == nil && !written {
			r.count.Left++
			return nil
		}
		if err != nil {
			return err
		}
	} else if _, err := opened.Put(ctx, key, value); err != nil {
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
	return hold(ctx, r.relay)
}

// hold takes the turn of the relay, which its transaction has from its first statement on, and shows that it still has it.
func hold(ctx context.Context, relay postgres.Tx) error {
	if _, err := relay.Exec(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("holding the relay back: %w", err)
	}
	return nil
}
