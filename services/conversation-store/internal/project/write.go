package project

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	//go:embed sql/contacts.sql
	insertContacts string
	//go:embed sql/addresses.sql
	insertAddresses string
	//go:embed sql/names.sql
	updateNames string
	//go:embed sql/messages.sql
	insertMessages string
	//go:embed sql/attachments.sql
	insertAttachments string
	//go:embed sql/references.sql
	insertReferences string
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
	created       map[record.Key]bool
	// states tells for each message whether its state moved, or only what is known of it.
	states map[record.Key]bool
}

// write sends every statement in one round trip and gathers what they changed.
func (w *work) write(ctx context.Context, tx postgres.ChangeTx) (*changes, error) {
	done := &changes{
		conversations: map[record.Key]bool{}, created: map[record.Key]bool{}, states: map[record.Key]bool{},
	}
	var batch pgx.Batch
	w.queueMessages(&batch, done)
	w.queueFiles(&batch)
	w.queueEvents(&batch, done)
	if batch.Len() == 0 {
		return done, nil
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("writing %d messages and %d events: %w", len(w.messages), len(w.events), err)
	}
	return done, nil
}

func (w *work) queueMessages(batch *pgx.Batch, done *changes) {
	if len(w.messages) == 0 {
		return
	}
	ms := w.messages
	var (
		workspaces = column(ms, func(m *message) uuid.UUID { return m.workspace.UUID() })
		ids        = column(ms, func(m *message) uuid.UUID { return m.id })
		channels   = column(ms, func(m *message) string { return m.channel })
		peers      = column(ms, func(m *message) string { return m.peer })
		names      = column(ms, func(m *message) string { return m.peerName })
		contacts   = column(ms, func(m *message) uuid.UUID { return m.contact })
	)
	batch.Queue(insertContacts, workspaces, contacts, channels, peers, names)
	batch.Queue(insertAddresses, workspaces, contacts, channels, peers)
	batch.Queue(updateNames, workspaces, channels, peers, names)
	batch.Queue(insertMessages, workspaces, ids,
		column(ms, func(m *message) uuid.UUID { return m.conversation }), channels,
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
		peers,
		column(ms, func(m *message) string { return m.snippet }),
	).Query(func(rows pgx.Rows) error {
		return eachChange(rows, func(entity string, key record.Key, isNew bool) {
			if entity == entityConversation {
				done.conversations[key] = isNew
			} else {
				done.created[key] = true
			}
		})
	})
}

// attachment is a row of message_attachments to be.
type attachment struct {
	message  *message
	position int32
	record.Attachment
}

func (w *work) queueFiles(batch *pgx.Batch) {
	var files []attachment
	var letters []*message
	for _, m := range w.messages {
		for i, file := range m.attachments {
			files = append(files, attachment{m, int32(i), record.Attachment{
				ID: clean(file.GetId()), Filename: clean(file.GetFilename()), ContentType: clean(file.GetContentType()),
				Size: file.GetSize(), BlobKey: clean(file.GetBlobKey()), ContentID: clean(file.GetContentId()),
				MissingReason: clean(file.GetMissingReason()),
			}})
		}
		if m.emailID != "" {
			letters = append(letters, m)
		}
	}
	if len(files) > 0 {
		batch.Queue(insertAttachments,
			column(files, func(f attachment) uuid.UUID { return f.message.workspace.UUID() }),
			column(files, func(f attachment) uuid.UUID { return f.message.id }),
			column(files, func(f attachment) int32 { return f.position }),
			column(files, func(f attachment) string { return f.ID }),
			column(files, func(f attachment) string { return f.Filename }),
			column(files, func(f attachment) string { return f.ContentType }),
			column(files, func(f attachment) int64 { return f.Size }),
			column(files, func(f attachment) string { return f.BlobKey }),
			column(files, func(f attachment) string { return f.ContentID }),
			column(files, func(f attachment) string { return f.MissingReason }))
	}
	if len(letters) > 0 {
		batch.Queue(insertReferences,
			column(letters, func(m *message) uuid.UUID { return m.workspace.UUID() }),
			column(letters, func(m *message) string { return m.emailID }),
			column(letters, func(m *message) uuid.UUID { return m.id }))
	}
	if len(w.raws) > 0 {
		batch.Queue(insertRaw,
			column(w.raws, func(r rawPayload) uuid.UUID { return r.workspace.UUID() }),
			column(w.raws, func(r rawPayload) string { return r.kind }),
			column(w.raws, func(r rawPayload) string { return r.reference }),
			column(w.raws, func(r rawPayload) string { return clean(r.payload.GetMethod()) }),
			column(w.raws, func(r rawPayload) string { return clean(r.payload.GetUrl()) }),
			column(w.raws, func(r rawPayload) string { return clean(strings.Join(r.payload.GetHeaders(), "\n")) }),
			column(w.raws, func(r rawPayload) []byte { return append([]byte{}, r.payload.GetBody()...) }),
			column(w.raws, func(r rawPayload) time.Time { return r.receivedAt }))
	}
}

func (w *work) queueEvents(batch *pgx.Batch, done *changes) {
	if len(w.events) == 0 {
		return
	}
	es := w.events
	workspaces := column(es, func(o occurrence) uuid.UUID { return o.workspace.UUID() })
	messages := column(es, func(o occurrence) *uuid.UUID { return o.message })
	externalIDs := column(es, func(o occurrence) *string { return o.externalID })
	batch.Queue(insertEvents, workspaces,
		column(es, func(o occurrence) string { return o.dedupeKey }), messages,
		column(es, func(o occurrence) *uuid.UUID { return o.account }),
		column(es, func(o occurrence) string { return o.provider }), externalIDs,
		column(es, func(o occurrence) string { return o.status }),
		column(es, func(o occurrence) int32 { return o.rank }),
		column(es, func(o occurrence) string { return o.providerStatus }),
		column(es, func(o occurrence) string { return o.step }),
		column(es, func(o occurrence) int32 { return o.attempt }),
		column(es, func(o occurrence) *string { return o.failure }),
		column(es, func(o occurrence) string { return o.emailID }),
		column(es, func(o occurrence) time.Time { return o.occurredAt }))
	batch.Queue(resolveEvents, workspaces, externalIDs)
	batch.Queue(deriveStates, workspaces, messages, workspaces, externalIDs).Query(func(rows pgx.Rows) error {
		return eachChange(rows, func(entity string, key record.Key, moved bool) {
			if entity == entityMessage {
				done.states[key] = moved
			} else if _, known := done.conversations[key]; !known {
				done.conversations[key] = false
			}
		})
	})
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

func column[T, V any](items []T, get func(T) V) []V {
	values := make([]V, len(items))
	for i, item := range items {
		values[i] = get(item)
	}
	return values
}
