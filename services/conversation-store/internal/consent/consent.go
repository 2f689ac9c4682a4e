package consent

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// MaxReason is the longest reason, in characters.
const MaxReason = 500

var (
	//go:embed sql/write.sql
	writeConsents string
	//go:embed sql/share.sql
	selectShared string
	//go:embed sql/touch.sql
	touchConversations string
)

// Change is what an address is said to want from ChangedAt on.
type Change struct {
	Workspace workspace.ID
	Channel   channel.Kind
	// Address is normalised.
	Address string
	// State is channel.OptedOutState or channel.OptedInState, Source one of the sources of package channel.
	State, Source string
	// Reason is for a person.
	Reason string
	// ChangedBy is the user who decided; nil when nobody of the workspace did.
	ChangedBy *uuid.UUID
	ChangedAt time.Time
	// Message is what it follows from; nil when from none.
	Message *uuid.UUID
}

// IsState tells whether a word is a state of a consent.
func IsState(word string) bool { return word == channel.OptedOutState || word == channel.OptedInState }

// IsSource tells whether a word is a source of a consent.
func IsSource(word string) bool {
	return slices.Contains([]string{
		channel.SourceKeyword, channel.SourceProvider, channel.SourceBounce, channel.SourceComplaint,
		channel.SourceUnsubscribe, channel.SourcePerson,
	}, word)
}

// Write records the changes that are newer than what is known and tells the bucket. A customer's other addresses on the
// channel want the same. It returns the conversations that now show something else. The second time changes nothing.
func Write(ctx context.Context, tx postgres.ChangeTx, changes []Change) ([]record.Key, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, writeConsents,
		column(changes, func(c Change) uuid.UUID { return c.Workspace.UUID() }),
		column(changes, func(c Change) string { return string(c.Channel) }),
		column(changes, func(c Change) string { return c.Address }),
		column(changes, func(c Change) string { return c.State }),
		column(changes, func(c Change) string { return c.Source }),
		column(changes, func(c Change) string { return c.Reason }),
		column(changes, func(c Change) *uuid.UUID { return c.ChangedBy }),
		column(changes, func(c Change) time.Time { return c.ChangedAt }),
		column(changes, func(c Change) *uuid.UUID { return c.Message }))
	if err != nil {
		return nil, fmt.Errorf("writing consents: %w", err)
	}
	written, err := pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Consent])
	if err != nil {
		return nil, fmt.Errorf("writing consents: %w", err)
	}
	if len(written) == 0 {
		return nil, nil
	}
	if err := project(ctx, tx, written); err != nil {
		return nil, err
	}
	return touch(ctx, tx, written)
}

// Share returns what the known addresses of customers want, when more of their addresses became known: written again,
// it holds for the new ones too.
func Share(ctx context.Context, tx postgres.ChangeTx, conversations []record.Key) ([]Change, error) {
	if len(conversations) == 0 {
		return nil, nil
	}
	rows, err := tx.Query(ctx, selectShared,
		column(conversations, func(k record.Key) uuid.UUID { return k.Workspace }),
		column(conversations, func(k record.Key) uuid.UUID { return k.ID }))
	if err != nil {
		return nil, fmt.Errorf("reading consents: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Consent])
	if err != nil {
		return nil, fmt.Errorf("reading consents: %w", err)
	}
	changes := make([]Change, 0, len(found))
	for _, row := range found {
		ws, err := workspace.ParseID(row.WorkspaceID.String())
		if err != nil {
			return nil, fmt.Errorf("reading a consent: %w", err)
		}
		changes = append(changes, Change{
			Workspace: ws, Channel: channel.Kind(row.Channel), Address: row.Address, State: row.State, Source: row.Source,
			Reason: row.Reason, ChangedBy: row.ChangedBy, ChangedAt: row.ChangedAt,
		})
	}
	return changes, nil
}

// project tells the bucket.
func project(ctx context.Context, tx postgres.ChangeTx, written []bucket.Consent) error {
	entries := make([]outbox.Entry, 0, len(written))
	for _, row := range written {
		ws, err := workspace.ParseID(row.WorkspaceID.String())
		if err != nil {
			return fmt.Errorf("projecting a consent: %w", err)
		}
		value, err := proto.Marshal(row.Value())
		if err != nil {
			return fmt.Errorf("encoding a consent: %w", err)
		}
		entries = append(entries, outbox.Entry{
			Workspace: ws, Target: event.BucketConsent, Key: row.Key(), Payload: value, Trace: outbox.TraceOf(ctx),
		})
	}
	outbox.Write(tx, entries)
	return nil
}

// touch marks the conversations with these addresses as changed.
func touch(ctx context.Context, tx postgres.ChangeTx, written []bucket.Consent) ([]record.Key, error) {
	rows, err := tx.Query(ctx, touchConversations,
		column(written, func(c bucket.Consent) uuid.UUID { return c.WorkspaceID }),
		column(written, func(c bucket.Consent) string { return c.Channel }),
		column(written, func(c bucket.Consent) string { return c.Address }))
	if err != nil {
		return nil, fmt.Errorf("marking conversations: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record.Key])
	if err != nil {
		return nil, fmt.Errorf("marking conversations: %w", err)
	}
	return keys, nil
}

func column[T, V any](items []T, get func(T) V) []V {
	values := make([]V, len(items))
	for i, item := range items {
		values[i] = get(item)
	}
	return values
}
