// Package ledger keeps the life of every message at the sender: who may call the provider, and what came of it. A
// write compares revisions, so that of two processes only one claims.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// The states of an entry.
const (
	// Claimed: the provider may be called at this moment, or was when the process died.
	Claimed = "claimed"
	// Waiting: nothing went out; the message is to be tried again.
	Waiting = "waiting"
	// Done: the attempt has ended, as the entry's status says.
	Done = "done"
	// Unknown: the provider was called and nobody knows what came of it.
	Unknown = "unknown"
	// Decided: a person has decided about an unknown outcome, and that is to be told. It is Done afterwards.
	Decided = "decided"
)

// ErrTaken is returned by Write when somebody else has written the entry since it was read.
var ErrTaken = errors.New("ledger entry was written by someone else")

// Record is an entry as it was read or written. The zero Record is a message nobody has claimed.
type Record struct {
	Entry    *bucketv1.LedgerEntry
	Revision uint64
}

// Ledger is safe for concurrent use.
type Ledger struct{ bucket *bus.Bucket }

// Open opens the ledger.
func Open(ctx context.Context, b *bus.Bus) (*Ledger, error) {
	bucket, err := b.Bucket(ctx, event.BucketLedger)
	if err != nil {
		return nil, err
	}
	return &Ledger{bucket: bucket}, nil
}

// Read finds the entry of a message; the zero Record when there is none.
func (l *Ledger) Read(ctx context.Context, ws workspace.ID, messageID string) (Record, error) {
	entry, err := l.bucket.Get(ctx, event.LedgerKey(ws, messageID))
	if errors.Is(err, bus.ErrKeyNotFound) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, err
	}
	return decode(entry)
}

// Write replaces what was read with entry, and returns what is there now. It returns ErrTaken when somebody else was
// faster.
func (l *Ledger) Write(ctx context.Context, read Record, entry *bucketv1.LedgerEntry) (Record, error) {
	data, err := proto.Marshal(entry)
	if err != nil {
		return Record{}, fmt.Errorf("encoding a ledger entry: %w", err)
	}
	key := entry.GetWorkspaceId() + "." + entry.GetMessageId()
	var revision uint64
	if read.Revision == 0 {
		revision, err = l.bucket.Create(ctx, key, data)
	} else {
		revision, err = l.bucket.Update(ctx, key, data, read.Revision)
	}
	if errors.Is(err, bus.ErrKeyExists) || errors.Is(err, bus.ErrRevisionMismatch) {
		return Record{}, fmt.Errorf("%w: %w", ErrTaken, err)
	}
	if err != nil {
		return Record{}, err
	}
	return Record{Entry: entry, Revision: revision}, nil
}

// Unfinished lists the entries that are claimed, unknown or decided.
func (l *Ledger) Unfinished(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for entry, err := range l.bucket.Entries(ctx) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			if record, unfinished := unfinishedOf(entry); unfinished && !yield(record, nil) {
				return
			}
		}
	}
}

// unfinishedOf leaves out what is no message, such as a lease, and what is not ours to finish; an entry that cannot be
// read must not hide the others.
func unfinishedOf(entry bus.Entry) (Record, bool) {
	ws, _, _ := strings.Cut(entry.Key, ".")
	if _, err := workspace.ParseID(ws); err != nil {
		return Record{}, false
	}
	record, err := decode(entry)
	state := record.Entry.GetState()
	return record, err == nil && (state == Claimed || state == Unknown || state == Decided)
}

func decode(entry bus.Entry) (Record, error) {
	record := Record{Entry: &bucketv1.LedgerEntry{}, Revision: entry.Revision}
	if err := proto.Unmarshal(entry.Value, record.Entry); err != nil {
		return Record{}, fmt.Errorf("decoding ledger entry %s: %w", entry.Key, err)
	}
	return record, nil
}
