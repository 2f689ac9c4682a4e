// Package consent writes down what customers say with a keyword, so that it holds at once and without the database.
package consent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// maxTries is how often a key that others write at the same time is tried.
const maxTries = 10

var errContended = errors.New("others write it all the time")

// Said is a keyword in a message of a customer.
type Said struct {
	Workspace workspace.ID
	// MessageID is ours; it names the keyword: the same message twice is the same word.
	MessageID string
	Kind      channel.Kind
	// Addresses are those of the customer: all of them want the same.
	Addresses []string
	Keyword   channel.Keyword
	At        time.Time
}

// Heard is what became of it.
type Heard struct {
	// At is when the message came first.
	At time.Time
	// Changed tells that the customer wants something else than before because of this message. Of two that come at the
	// same time one did it.
	Changed bool
}

// Book writes the consent bucket. It is safe for concurrent use, by several processes too.
type Book struct{ consents, ledger *bus.Bucket }

// Open opens the buckets.
func Open(ctx context.Context, connected *bus.Bus) (*Book, error) {
	consents, err := connected.Bucket(ctx, event.BucketConsent)
	if err != nil {
		return nil, fmt.Errorf("opening the consents: %w", err)
	}
	ledger, err := connected.Bucket(ctx, event.BucketLedger)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	return &Book{consents: consents, ledger: ledger}, nil
}

// Knows tells whether the message was heard before: its time is known then, whatever is said of it now.
func (b *Book) Knows(ctx context.Context, said Said) (bool, error) {
	_, err := b.ledger.Get(ctx, event.KeywordKey(said.Workspace, said.MessageID))
	if errors.Is(err, bus.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a keyword: %w", err)
	}
	return true, nil
}

// Hear writes down a STOP or START. A word that is older than what is known changes nothing, and neither does a message
// that was heard before: many providers do not say when a message was written, so that a repetition would look newer.
func (b *Book) Hear(ctx context.Context, said Said) (Heard, error) {
	mark, err := b.mark(ctx, said)
	if err != nil {
		return Heard{}, err
	}
	heard := Heard{At: mark.GetHeardAt().AsTime()}
	for at, address := range said.Addresses {
		changed, err := b.write(ctx, said, address, mark.GetHeardAt())
		if err != nil {
			return Heard{}, err
		}
		heard.Changed = heard.Changed || at == 0 && changed
	}
	return heard, nil
}

// mark remembers the message before anything is changed, so that a second run after a crash ends as the first would
// have.
func (b *Book) mark(ctx context.Context, said Said) (*bucketv1.KeywordMark, error) {
	key := event.KeywordKey(said.Workspace, said.MessageID)
	mark := &bucketv1.KeywordMark{}
	entry, err := b.ledger.Get(ctx, key)
	if err == nil {
		return mark, decode(entry, mark)
	}
	if !errors.Is(err, bus.ErrKeyNotFound) {
		return nil, fmt.Errorf("looking for a keyword: %w", err)
	}
	mark.HeardAt = timestamppb.New(said.At)
	value, err := proto.Marshal(mark)
	if err != nil {
		return nil, fmt.Errorf("encoding a keyword: %w", err)
	}
	_, err = b.ledger.Create(ctx, key, value)
	if errors.Is(err, bus.ErrKeyExists) { // the same webhook twice at once: the first decides
		if entry, err = b.ledger.Get(ctx, key); err == nil {
			return mark, decode(entry, mark)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("remembering a keyword: %w", err)
	}
	return mark, nil
}

// write puts the word into the bucket unless something at least as new is there, and tells whether it is this message
// that brought the address into its state: of several that ask for the same, one is.
func (b *Book) write(ctx context.Context, said Said, address string, at *timestamppb.Timestamp) (bool, error) {
	state := stateOf(said.Keyword)
	if state == "" {
		return false, nil
	}
	key := event.ConsentKey(said.Workspace, said.Kind, address)
	for range maxTries {
		known, revision, err := b.read(ctx, said, address)
		if err != nil {
			return false, err
		}
		if known != nil && !known.GetChangedAt().AsTime().Before(at.AsTime()) {
			return known.GetMessageId() == said.MessageID, nil
		}
		consent := &eventv1.Consent{
			WorkspaceId: said.Workspace.String(), Channel: string(said.Kind), Address: address, State: state,
			Source: channel.SourceKeyword, Reason: reasonOf(said.Keyword), ChangedAt: at, MessageId: said.MessageID,
		}
		if state == cmp.Or(known.GetState(), channel.OptedInState) { // of whom nothing is known may be written to
			consent.MessageId = known.GetMessageId()
		}
		value, err := proto.Marshal(consent)
		if err != nil {
			return false, fmt.Errorf("encoding a consent: %w", err)
		}
		if written, err := b.put(ctx, key, value, revision); written || err != nil {
			return consent.GetMessageId() == said.MessageID, err
		}
	}
	return false, fmt.Errorf("writing a consent: %w", errContended)
}

// put writes a key that nobody else has written since the revision; false when somebody has.
func (b *Book) put(ctx context.Context, key string, value []byte, revision uint64) (bool, error) {
	var err error
	if revision == 0 {
		_, err = b.consents.Create(ctx, key, value)
	} else {
		_, err = b.consents.Update(ctx, key, value, revision)
	}
	if errors.Is(err, bus.ErrKeyExists) || errors.Is(err, bus.ErrRevisionMismatch) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("writing a consent: %w", err)
	}
	return true, nil
}

// read is what is known of an address; nil and 0 when nothing is.
func (b *Book) read(ctx context.Context, said Said, address string) (*eventv1.Consent, uint64, error) {
	entry, err := b.consents.Get(ctx, event.ConsentKey(said.Workspace, said.Kind, address))
	if errors.Is(err, bus.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading a consent: %w", err)
	}
	known := &eventv1.Consent{}
	if decode(entry, known) != nil {
		known = nil // what cannot be read says nothing, and may be written over
	}
	return known, entry.Revision, nil
}

func decode(entry bus.Entry, into proto.Message) error {
	if err := proto.Unmarshal(entry.Value, into); err != nil {
		return fmt.Errorf("decoding %s: %w", entry.Key, err)
	}
	return nil
}

// stateOf is what a keyword asks for; empty when it asks for nothing.
func stateOf(keyword channel.Keyword) string {
	switch keyword { //nolint:exhaustive // the others ask for nothing
	case channel.StopKeyword:
		return channel.OptedOutState
	case channel.StartKeyword:
		return channel.OptedInState
	default:
		return ""
	}
}

func reasonOf(keyword channel.Keyword) string {
	if keyword == channel.StopKeyword {
		return "The customer wrote STOP."
	}
	return "The customer wrote START."
}
