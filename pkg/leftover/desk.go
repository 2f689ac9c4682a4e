package leftover

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// maxBy is how long the name of who does something may be.
const maxBy = 200

// Kind is a kind of what is left over.
type Kind[E proto.Message] struct {
	// Stream is where it is, New makes an empty event of it.
	Stream string
	New    func() E
	// Done is the action after which nobody has to look at it any more.
	Done string
	// Missing is what an operator is told who asks for one that is not there.
	Missing string
}

// Desk is what operators ask of what is left over, the same for each kind. It is safe for concurrent use.
type Desk[E proto.Message] struct {
	kind Kind[E]
	book *Book
}

// Entry is an event that is left over; Handling is nil while nothing was done with it.
type Entry[E proto.Message] struct {
	ID       uint64
	KeptAt   *timestamppb.Timestamp
	Event    E
	Handling *operatorv1.Handling
}

// Query is a request for a list.
type Query interface {
	// GetAll tells whether what is done is listed too.
	GetAll() bool
	GetSince() *timestamppb.Timestamp
	// GetBefore and GetLimit are as in Book.Page.
	GetBefore() uint64
	GetLimit() int32
}

// OpenDesk opens the desk of a kind.
func OpenDesk[E proto.Message](ctx context.Context, b *bus.Bus, kind Kind[E]) (*Desk[E], error) {
	book, err := Open(ctx, b, kind.Stream)
	if err != nil {
		return nil, err
	}
	return &Desk[E]{kind: kind, book: book}, nil
}

// List reads a page of the wanted entries, as Book.Page does. What cannot be read is left out.
func (d *Desk[E]) List(ctx context.Context, query Query, wanted func(E) bool) (entries []Entry[E], next uint64, err error) {
	_, next, err = d.book.Page(ctx, query.GetBefore(), query.GetLimit(), func(kept Kept) bool {
		entry, err := d.entry(kept)
		isWanted := err == nil && (query.GetAll() || !d.IsDone(entry)) &&
			(query.GetSince() == nil || !kept.Message.Timestamp().Before(query.GetSince().AsTime())) && wanted(entry.Event)
		if isWanted {
			entries = append(entries, entry)
		}
		return isWanted
	})
	if err != nil {
		return nil, 0, err
	}
	return entries, next, nil
}

// Get reads one entry. It returns a *bus.AskError when there is none.
func (d *Desk[E]) Get(ctx context.Context, id uint64) (Entry[E], error) {
	kept, err := d.book.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Entry[E]{}, &bus.AskError{Code: bus.CodeNotFound, Message: d.kind.Missing}
	}
	if err != nil {
		return Entry[E]{}, err
	}
	return d.entry(kept)
}

func (d *Desk[E]) entry(kept Kept) (Entry[E], error) {
	event := d.kind.New()
	if err := kept.Message.Decode(event); err != nil {
		return Entry[E]{}, err
	}
	return Entry[E]{
		ID: kept.Message.Sequence(), KeptAt: timestamppb.New(kept.Message.Timestamp()), Event: event, Handling: kept.Handling,
	}, nil
}

// IsDone tells that nobody has to look at an entry any more.
func (d *Desk[E]) IsDone(entry Entry[E]) bool { return entry.Handling.GetAction() == d.kind.Done }

// Handle keeps what somebody did with an entry, and when: now.
func (d *Desk[E]) Handle(
	ctx context.Context, id uint64, action, by string, fix *operatorv1.Fix,
) (*operatorv1.Handling, error) {
	handling := &operatorv1.Handling{Action: action, By: by, At: timestamppb.New(time.Now()), Fix: fix}
	if err := d.book.Handle(ctx, id, handling); err != nil {
		return nil, err
	}
	return handling, nil
}

// CheckBy refuses, with a *bus.AskError, who does not say who does it.
func CheckBy(by string) error {
	if by == "" || len(by) > maxBy {
		return &bus.AskError{Code: bus.CodeInvalid, Message: "Must say who does it.", Field: "by"}
	}
	return nil
}
