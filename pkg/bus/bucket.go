package bus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a key-value bucket. It is safe for concurrent use.
type Bucket struct {
	bus  *Bus
	name string
	kv   jetstream.KeyValue
}

// Entry is the value of a key.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64
	Created  time.Time
}

// Bucket opens a bucket that Ensure has made.
func (b *Bus) Bucket(ctx context.Context, name string) (*Bucket, error) {
	kv, err := b.js.KeyValue(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%w: opening bucket %s: %w", ErrUnavailable, name, err)
	}
	return &Bucket{bus: b, name: name, kv: kv}, nil
}

// Get reads a key. It returns ErrKeyNotFound when the key is not there.
func (b *Bucket) Get(ctx context.Context, key string) (Entry, error) {
	entry, err := b.kv.Get(ctx, key)
	if err != nil {
		return Entry{}, b.failed("reading", key, err)
	}
	return entryOf(entry), nil
}

// Create writes a key that is not there, and returns its revision. It returns ErrKeyExists when it is.
func (b *Bucket) Create(ctx context.Context, key string, value []byte) (uint64, error) {
	revision, err := b.kv.Create(ctx, key, value)
	if errors.Is(err, jetstream.ErrKeyExists) {
		return 0, fmt.Errorf("%w: %s in %s", ErrKeyExists, key, b.name)
	}
	return revision, b.failed("creating", key, err)
}

// Update writes a key that nobody has written since the revision, and returns the new one. It returns
// ErrRevisionMismatch when somebody has.
func (b *Bucket) Update(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	next, err := b.kv.Update(ctx, key, value, revision)
	return next, b.failed("updating", key, err)
}

// Put writes a key whatever it held, and returns its revision.
func (b *Bucket) Put(ctx context.Context, key string, value []byte) (uint64, error) {
	revision, err := b.kv.Put(ctx, key, value)
	return revision, b.failed("writing", key, err)
}

// Delete removes a key; a key that is not there is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.failed("deleting", key, b.kv.Delete(ctx, key))
}

// DeleteRevision removes a key that nobody has written since the revision. It returns ErrRevisionMismatch when somebody
// has.
func (b *Bucket) DeleteRevision(ctx context.Context, key string, revision uint64) error {
	return b.failed("deleting", key, b.kv.Delete(ctx, key, jetstream.LastRevision(revision)))
}

// Keys lists the keys that match any of the filters (NATS wildcards), or all of them.
func (b *Bucket) Keys(ctx context.Context, filters ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(filters) == 0 {
			filters = []string{">"}
		}
		lister, err := b.kv.ListKeysFiltered(ctx, filters...)
		if err != nil {
			yield("", b.failed("listing", ">", err))
			return
		}
		defer func() { _ = lister.Stop() }()
		for key := range lister.Keys() {
			if !yield(key, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield("", fmt.Errorf("listing keys of %s: %w", b.name, err))
		}
	}
}

// Entries reads every key there is at this moment that matches any of the filters (NATS wildcards), or all of them, with
// its value, in the order of their last writes.
func (b *Bucket) Entries(ctx context.Context, filters ...string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if len(filters) == 0 {
			filters = []string{">"}
		}
		watcher, err := b.kv.WatchFiltered(ctx, filters, jetstream.IgnoreDeletes())
		if err != nil {
			yield(Entry{}, b.failed("reading", ">", err))
			return
		}
		defer func() { _ = watcher.Stop() }()
		for {
			select {
			case <-ctx.Done():
				yield(Entry{}, fmt.Errorf("reading entries of %s: %w", b.name, ctx.Err()))
				return
			case entry := <-watcher.Updates():
				if entry == nil || !yield(entryOf(entry), nil) {
					return
				}
			}
		}
	}
}

func (b *Bucket) failed(doing, key string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrKeyDeleted):
		return fmt.Errorf("%w: %s in %s", ErrKeyNotFound, key, b.name)
	case errors.Is(err, jetstream.ErrKeyRevisionMismatch):
		return fmt.Errorf("%w: %s in %s", ErrRevisionMismatch, key, b.name)
	case errors.Is(err, jetstream.ErrInvalidKey):
		return fmt.Errorf("%s %q in %s: %w", doing, key, b.name, err)
	default:
		return fmt.Errorf("%s %s in %s: %w", doing, key, b.name, publishError(err))
	}
}

func entryOf(entry jetstream.KeyValueEntry) Entry {
	return Entry{Key: entry.Key(), Value: entry.Value(), Revision: entry.Revision(), Created: entry.Created()}
}
