package project

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	//go:embed sql/contacts.sql
	insertContacts string
	//go:embed sql/names.sql
	updateNames string
	//go:embed sql/messages.sql
	insertMessages string
	//go:embed sql/raw.sql
	insertRaw string
	//go:embed sql/events.sql
	insertEvents string
	//go:embed sql/resolve.sql
	resolveEvents string
	//go:embed sql/derive.sql
	deriveStates string
)

// changes is what a batch really changed.
type changes struct {
	// conversations tells for each whether it is new.
	conversations map[record.Key]bool
	// created tells for each message that is new when its row was written.
	created map[record.Key]time.Time
	// states tells for each message whether its state moved, or only what is known of it.
	states map[record.Key]bool
	// united are the conversations of customers of whom another address became known.
	united []record.Key
	// told are the rows that the facts will be about, as far as that was known beforehand.
	told rows
	// refusals are messages that an address refused for good or somebody complained about.
	refusals []refusal
}

// write sends every statement in one round trip and gathers what they changed.
func (w *work) write(ctx context.Context, tx postgres.ChangeTx) (*changes, error) {
	done := &changes{
		conversations: map[record.Key]bool{}, created: map[record.Key]time.Time{}, states: map[record.Key]bool{},
	}
	var batch pgx.Batch
	w.queuePeople(&batch)
	w.queueMessages(&batch, done)
	w.queueUsage(&batch)
	w.queueFiles(&batch)
	w.queueThreads(&batch)
	w.queueAliases(&batch, done)
	w.queueRaw(&batch)
	w.queueEvents(&batch, done)
	w.queueTold(&batch, done)
	if batch.Len() == 0 {
		return done, nil
	}
	if err := tx.Send(ctx, &batch); err != nil {
		return nil, fmt.Errorf("writing %d messages and %d events: %w", len(w.messages), len(w.events), err)
	}
	return done, nil
}

// person is an address of somebody who takes part in a conversation.
type person struct {
	message       *message
	address, name string
}

func (w *work) queuePeople(batch *pgx.Batch) {
	if len(w.messages) == 0 {
		return
	}
	people := make([]person, 0, len(w.messages))
	for _, m := range w.messages {
		people = append(people, person{m, m.peer, m.peerName})
		for _, alias := range m.aliases {
			people = append(people, person{m, alias, m.peerName})
		}
	}
	var (
		workspaces = column(people, func(p person) uuid.UUID { return p.message.workspace.UUID() })
		contacts   = column(people, func(p person) uuid.UUID { return p.message.contact })
		channels   = column(people, func(p person) string { return string(p.message.kind) })
		addresses  = column(people, func(p person) string { return p.address })
		names      = column(people, func(p person) string { return p.name })
	)
	batch.Queue(insertContacts, workspaces, contacts, channels, addresses, names)
	if slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		batch.Queue(updateNames, workspaces, channels, addresses, names)
	}
}

func (w *work) queueMessages(batch *pgx.Batch, done *changes) {
	if len(w.messages) == 0 {
		return
	}
	ms := w.messages
	batch.Queue(insertMessages,
		column(ms, func(m *message) uuid.UUID { return m.workspace.UUID() }),
		column(ms, func(m *message) uuid.UUID { return m.id }),
		column(ms, func(m *message) uuid.UUID { return m.conversation }),
		column(ms, func(m *message) string { return string(m.kind) }),
		column(ms, func(m *message) uuid.UUID { return m.account }),
		column(ms, func(m *message) string { return m.direction }),
		column(ms, func(m *message) string { return m.status }),
		column(ms, func(m *message) int32 { return m.order }),
		column(ms, func(m *message) int32 { return m.attempt }),
		column(ms, func(m *message) string { return m.provider }),
		column(ms, func(m *message) string { return m.mode }),
		column(ms, func(m *message) *string { return m.externalID }),
		column(ms, func(m *message) string { return m.from }),
		column(ms, func(m *message) string { return m.fromName }),
		column(ms, func(m *message) string { return m.to }),
		column(ms, func(m *message) string { return m.subject }),
		column(ms, func(m *message) string { return m.body }),
		column(ms, func(m *message) string { return m.html }),
		column(ms, func(m *message) string { return m.replyTo }),
		column(ms, func(m *message) string { return m.emailID }),
		column(ms, func(m *message) string { return m.inReplyTo }),
		column(ms, func(m *message) string { return strings.Join(m.references, " ") }),
		column(ms, func(m *message) *uuid.UUID { return m.sender }),
		column(ms, func(m *message) time.Time { return m.createdAt }),
		column(ms, func(m *message) string { return m.peer }),
		column(ms, func(m *message) string { return m.snippet }),
		column(ms, func(m *message) string { return strings.Join(m.cc, "\n") }),
		column(ms, func(m *message) string { return strings.Join(m.bcc, "\n") }),
		column(ms, func(m *message) bool { return m.automatic }),
		column(ms, func(m *message) bool { return m.answersKeyword }),
		column(ms, func(m *message) string { return m.replyBody }),
		column(ms, func(m *message) *string { return m.template }),
		column(ms, func(m *message) *string { return m.callRequest }),
		column(ms, func(m *message) string { return m.replyToExternalID }),
		column(ms, func(m *message) *uuid.UUID { return m.linked }),
		column(ms, func(m *message) bool { return m.hasWindow }),
		column(ms, func(m *message) *time.Time { return m.windowEnd }),
	).Query(done.noteMessages)
}

// noteMessages notes the messages that are new, and the conversations they were carried into.
func (c *changes) noteMessages(rows pgx.Rows) error {
	var entity string
	var key record.Key
	var isNew bool
	var writtenAt *time.Time
	_, err := pgx.ForEachRow(rows, []any{&entity, &key.Workspace, &key.ID, &isNew, &writtenAt}, func() error {
		if writtenAt == nil {
			c.conversations[key] = isNew
		} else {
			c.created[key] = *writtenAt
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what was written: %w", err)
	}
	return nil
}

func (w *work) queueRaw(batch *pgx.Batch) {
	if len(w.raws) == 0 {
		return
	}
	batch.Queue(insertRaw,
		column(w.raws, func(r rawPayload) uuid.UUID { return r.workspace.UUID() }),
		column(w.raws, func(r rawPayload) string { return r.kind }),
		column(w.raws, func(r rawPayload) string { return r.reference }),
		column(w.raws, func(r rawPayload) string { return clean(r.payload.GetMethod()) }),
		column(w.raws, func(r rawPayload) string { return clean(r.payload.GetUrl()) }),
		column(w.raws, func(r rawPayload) string { return clean(strings.Join(r.payload.GetHeaders(), "\n")) }),
		column(w.raws, func(r rawPayload) []byte { return append([]byte{}, r.payload.GetBody()...) }),
		column(w.raws, func(r rawPayload) time.Time { return r.receivedAt }),
		column(w.raws, func(r rawPayload) string { return clean(r.payload.GetBodyBlobKey()) }))
}

// told names the messages that the events of the batch are about: by our id or by the provider's.
func (w *work) told() (
	workspaces pgtype.FlatArray[uuid.UUID], messages pgtype.FlatArray[*uuid.UUID], externalIDs pgtype.FlatArray[*string],
) {
	return column(w.events, func(o occurrence) uuid.UUID { return o.workspace.UUID() }),
		column(w.events, func(o occurrence) *uuid.UUID { return o.message }),
		column(w.events, func(o occurrence) *string { return o.externalID })
}

func (w *work) queueEvents(batch *pgx.Batch, done *changes) {
	if len(w.events) == 0 {
		return
	}
	told, listed := w.events, []occurrence(nil)
	if slices.ContainsFunc(told, occurrence.isListed) {
		told = slices.DeleteFunc(slices.Clone(w.events), occurrence.isListed)
		listed = slices.DeleteFunc(slices.Clone(w.events), func(o occurrence) bool { return !o.isListed() })
	}
	queueInserts(batch, told, false)
	queueInserts(batch, listed, true) // after what the batch itself has from webhooks
	if !slices.ContainsFunc(w.events, occurrence.moves) {
		return
	}
	workspaces, messages, externalIDs := w.told()
	batch.Queue(resolveEvents, workspaces, externalIDs)
	batch.Queue(deriveStates, workspaces, messages, workspaces, externalIDs).Query(func(rows pgx.Rows) error {
		return eachChange(rows, done.noteState)
	})
	batch.Queue(selectRefusals, workspaces, messages, externalIDs).Query(func(rows pgx.Rows) error {
		var err error
		done.refusals, err = pgx.CollectRows(rows, pgx.RowToStructByName[refusal])
		return err
	})
}

// queueInserts adds events. Of those that were read in a provider's list only those are added that are news.
func queueInserts(batch *pgx.Batch, es []occurrence, areListed bool) {
	if len(es) == 0 {
		return
	}
	batch.Queue(insertEvents,
		column(es, func(o occurrence) uuid.UUID { return o.workspace.UUID() }),
		column(es, func(o occurrence) string { return o.dedupeKey }),
		column(es, func(o occurrence) *uuid.UUID { return o.message }),
		column(es, func(o occurrence) *uuid.UUID { return o.account }),
		column(es, func(o occurrence) string { return o.provider }),
		column(es, func(o occurrence) *string { return o.externalID }),
		column(es, func(o occurrence) string { return o.status }),
		column(es, func(o occurrence) int32 { return o.rank }),
		column(es, func(o occurrence) string { return o.providerStatus }),
		column(es, func(o occurrence) string { return o.step }),
		column(es, func(o occurrence) int32 { return o.attempt }),
		column(es, func(o occurrence) *string { return o.failure }),
		column(es, func(o occurrence) string { return o.emailID }),
		column(es, func(o occurrence) time.Time { return o.occurredAt }),
		column(es, func(o occurrence) int32 { return o.segments }),
		column(es, func(o occurrence) *string { return o.call }),
		column(es, func(o occurrence) *string { return o.resolution }),
		areListed)
}

// noteState notes that a message changed, and whether its state moved, or that a conversation did.
func (c *changes) noteState(entity string, key record.Key, moved bool) {
	if entity == entityMessage {
		c.states[key] = c.states[key] || moved
	} else if _, known := c.conversations[key]; !known {
		c.conversations[key] = false
	}
}

func eachChange(rows pgx.Rows, handle func(entity string, key record.Key, flag bool)) error {
	var entity string
	var key record.Key
	var flag bool
	_, err := pgx.ForEachRow(rows, []any{&entity, &key.Workspace, &key.ID, &flag}, func() error {
		handle(entity, key, flag)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading what changed: %w", err)
	}
	return nil
}

// column is an array that pgx encodes without reflection.
func column[T, V any](items []T, get func(T) V) pgtype.FlatArray[V] {
	values := make(pgtype.FlatArray[V], len(items))
	for i, item := range items {
		values[i] = get(item)
	}
	return values
}
