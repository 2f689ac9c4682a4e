// Package leftover reads what is left over in a stream, newest first, keeps what operators did with it, and answers what
// they ask of each kind of it alike.
package leftover

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

const (
	defaultPage = 50
	maxPage     = 100
	// maxScan bounds how many messages one page looks at; the next page goes on where it stopped.
	maxScan = 1000
)

// ErrNotFound is returned by Get when the stream holds no such message.
var ErrNotFound = errors.New("nothing is left over under this id")

// Book is what is left over in one stream. It is safe for concurrent use.
type Book struct {
	bus    *bus.Bus
	stream string
	bucket *bus.Bucket
}

// Kept is a message of the stream, and what was done with it; Handling is nil while nothing was.
type Kept struct {
	Message  *bus.Message
	Handling *operatorv1.Handling
}

// Open opens the book of a stream.
func Open(ctx context.Context, b *bus.Bus, stream string) (*Book, error) {
	bucket, err := b.Bucket(ctx, event.BucketHandled)
	if err != nil {
		return nil, fmt.Errorf("opening what was handled: %w", err)
	}
	return &Book{bus: b, stream: stream, bucket: bucket}, nil
}

// Get reads one message by its sequence.
func (b *Book) Get(ctx context.Context, id uint64) (Kept, error) {
	if id == 0 {
		return Kept{}, ErrNotFound
	}
	message, err := b.bus.ReadAt(ctx, b.stream, id)
	if errors.Is(err, bus.ErrKeyNotFound) {
		return Kept{}, fmt.Errorf("%w: %s %d", ErrNotFound, b.stream, id)
	}
	if err != nil {
		return Kept{}, err
	}
	handling, err := b.handling(ctx, id)
	return Kept{Message: message, Handling: handling}, err
}

func (b *Book) handling(ctx context.Context, id uint64) (*operatorv1.Handling, error) {
	entry, err := b.bucket.Get(ctx, event.HandledKey(b.stream, id))
	if errors.Is(err, bus.ErrKeyNotFound) {
		return nil, nil //nolint:nilnil // nothing was done
	}
	if err != nil {
		return nil, err
	}
	handling := &operatorv1.Handling{}
	if err := proto.Unmarshal(entry.Value, handling); err != nil {
		return nil, fmt.Errorf("reading what was done with %s %d: %w", b.stream, id, err)
	}
	return handling, nil
}

// Page reads what is wanted, newest first, below the sequence before; 0 is the newest. next is where the page behind
// begins, 0 when there is none. A page may be short, even empty, and have a next one: one page looks at a bounded
// number of messages.
func (b *Book) Page(
	ctx context.Context, before uint64, limit int32, wanted func(Kept) bool,
) (items []Kept, next uint64, err error) {
	first, last, err := b.bus.Bounds(ctx, b.stream)
	if err != nil {
		return nil, 0, err
	}
	if before == 0 || before > last {
		before = last + 1
	}
	size := sizeOf(limit)
	for scanned := 0; before > first; scanned++ {
		if scanned == maxScan || len(items) == size {
			return items, before, nil
		}
		before--
		kept, err := b.Get(ctx, before)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if wanted(kept) {
			items = append(items, kept)
		}
	}
	return items, 0, nil
}

func sizeOf(limit int32) int {
	if limit <= 0 {
		return defaultPage
	}
	return int(min(limit, maxPage))
}

// Handle keeps what was done with a message.
func (b *Book) Handle(ctx context.Context, id uint64, handling *operatorv1.Handling) error {
	value, err := proto.Marshal(handling)
	if err != nil {
		return fmt.Errorf("writing what was done with %s %d: %w", b.stream, id, err)
	}
	_, err = b.bucket.Put(ctx, event.HandledKey(b.stream, id), value)
	return err
}
