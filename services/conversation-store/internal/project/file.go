package project

import (
	_ "embed"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	//go:embed sql/attachments.sql
	insertAttachments string
	//go:embed sql/references.sql
	insertReferences string
	//go:embed sql/participants.sql
	insertParticipants string
)

// attachment is a row of message_attachments to be.
type attachment struct {
	message  *message
	position int32
	record.Attachment
}

func attachmentOf(file *eventv1.Attachment) record.Attachment {
	return record.Attachment{
		ID: clean(file.GetId()), Filename: clean(file.GetFilename()), ContentType: clean(file.GetContentType()),
		Size: file.GetSize(), BlobKey: clean(file.GetBlobKey()), ContentID: clean(file.GetContentId()),
		MissingReason: clean(file.GetMissingReason()),
	}
}

func (w *work) queueFiles(batch *pgx.Batch) {
	var files []attachment
	for _, m := range w.messages {
		for i, file := range m.attachments {
			files = append(files, attachment{m, int32(i), attachmentOf(file)})
		}
	}
	if len(files) == 0 {
		return
	}
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

// mention is a Message-ID that an e-mail has or refers to, or an address that takes part in it.
type mention struct {
	message *message
	text    string
	isOwn   bool
}

// queueThreads remembers who takes part in e-mails, their Message-IDs, and those they refer to: the message behind one
// may come later or never, and others may refer to it too.
func (w *work) queueThreads(batch *pgx.Batch) {
	var ids, parties []mention
	for _, m := range w.messages {
		if m.kind != channel.Email {
			continue
		}
		if m.emailID != "" {
			ids = append(ids, mention{m, m.emailID, true})
		}
		for _, id := range m.ancestors() {
			ids = append(ids, mention{m, id, false})
		}
		for _, address := range m.participants() {
			parties = append(parties, mention{m, address, false})
		}
	}
	if len(ids) > 0 {
		batch.Queue(insertReferences,
			column(ids, mention.workspace), column(ids, func(x mention) string { return x.text }),
			column(ids, func(x mention) uuid.UUID { return x.message.id }), column(ids, func(x mention) bool { return x.isOwn }))
	}
	if len(parties) > 0 {
		batch.Queue(insertParticipants,
			column(parties, mention.workspace), column(parties, func(x mention) uuid.UUID { return x.message.id }),
			column(parties, func(x mention) string { return x.text }))
	}
}

func (x mention) workspace() uuid.UUID { return x.message.workspace.UUID() }

func (w *work) queueAliases(batch *pgx.Batch, done *changes) {
	var rows []aliasRow
	for _, m := range w.messages {
		rows = slices.Concat(rows, m.aliasRows())
	}
	if len(rows) == 0 {
		return
	}
	batch.Queue(insertAliases,
		column(rows, func(r aliasRow) uuid.UUID { return r.message.workspace.UUID() }),
		column(rows, func(r aliasRow) uuid.UUID { return r.message.id }),
		column(rows, func(r aliasRow) uuid.UUID { return r.id }),
		column(rows, func(r aliasRow) string { return r.address }),
	).Query(func(found pgx.Rows) error {
		var key record.Key
		_, err := pgx.ForEachRow(found, []any{&key.Workspace, &key.ID}, func() error {
			done.united = append(done.united, key)
			return nil
		})
		return err
	})
}
