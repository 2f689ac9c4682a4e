package project

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

// rows are conversations and messages as they are after the batch.
type rows struct {
	conversations []record.Conversation
	messages      []record.Message
}

// queueTold reads the rows the facts will be about in the round trip that writes them. Of what came in the batch itself
// knows the row.
func (w *work) queueTold(batch *pgx.Batch, done *changes) {
	if w.changesOnceMore() {
		return
	}
	threads, messages := map[record.Key]bool{}, map[record.Key]bool{}
	for _, m := range w.messages {
		threads[m.thread()] = true
		if !m.isWhole() {
			messages[m.key()] = true
		}
	}
	for _, o := range w.events {
		if o.message != nil && o.moves() {
			messages[record.Key{Workspace: o.workspace.UUID(), ID: *o.message}] = true
		}
	}
	record.QueueConversations(batch, sorted(threads), &done.told.conversations)
	record.QueueMessages(batch, sorted(messages), &done.told.messages)
}

// changesOnceMore tells that the rows change after the round trip that writes them, or that nobody will be told.
func (w *work) changesOnceMore() bool { return w.isQuiet || w.hasCalls || len(w.consents) > 0 }

// isWhole tells that the row will be what the message says and nothing else, so that it need not be read back.
func (m *message) isWhole() bool { return m.direction == inbound && m.replyToExternalID == "" }

// known are the rows of the new messages that need not be read back. Of two deliveries of one message in a batch nobody
// knows which was written.
func (w *work) known(done *changes) []record.Message {
	if w.changesOnceMore() {
		return nil
	}
	times := make(map[record.Key]int, len(w.messages))
	for _, m := range w.messages {
		times[m.key()]++
	}
	var known []record.Message
	for _, m := range w.messages {
		writtenAt, isNew := done.created[m.key()]
		_, isMoved := done.states[m.key()]
		if isNew && !isMoved && m.isWhole() && times[m.key()] == 1 {
			known = append(known, m.record(writtenAt))
		}
	}
	return known
}

// record is the row of a message that isWhole, written at a time.
func (m *message) record(writtenAt time.Time) record.Message {
	row := record.Message{
		WorkspaceID: m.workspace.UUID(), ID: m.id, ConversationID: m.conversation, Channel: string(m.kind),
		Direction: m.direction, Status: m.status, Attempt: m.attempt, Provider: m.provider, ExternalID: m.externalID,
		From: m.from, To: m.to, Subject: m.subject, Body: m.body, HTML: m.html, FromName: m.fromName, Cc: m.cc, Bcc: m.bcc,
		Automatic: m.automatic, ReplyBody: m.replyBody,
		CreatedAt: m.createdAt.Truncate(time.Microsecond), UpdatedAt: writtenAt, // as PostgreSQL keeps it
	}
	for _, file := range m.attachments {
		row.Attachments = append(row.Attachments, attachmentOf(file))
	}
	return row
}

// rows are those of the keys, in their order; what was not read yet is read now.
func (c *changes) rows(ctx context.Context, tx postgres.ChangeTx, conversations, messages []record.Key) (rows, error) {
	if len(c.refusals) > 0 || len(c.united) > 0 {
		c.told = rows{} // they changed once more
	}
	heldConversations := byKey(c.told.conversations, keyOfConversation)
	heldMessages := byKey(c.told.messages, keyOfMessage)
	var late rows
	var batch pgx.Batch
	record.QueueConversations(&batch, missing(conversations, heldConversations), &late.conversations)
	record.QueueMessages(&batch, missing(messages, heldMessages), &late.messages)
	if batch.Len() > 0 {
		if err := tx.Send(ctx, &batch); err != nil {
			return rows{}, fmt.Errorf("reading what changed: %w", err)
		}
		maps.Copy(heldConversations, byKey(late.conversations, keyOfConversation))
		maps.Copy(heldMessages, byKey(late.messages, keyOfMessage))
	}
	return rows{ordered(conversations, heldConversations), ordered(messages, heldMessages)}, nil
}

func keyOfConversation(c *record.Conversation) record.Key {
	return record.Key{Workspace: c.WorkspaceID, ID: c.ID}
}

func keyOfMessage(m *record.Message) record.Key {
	return record.Key{Workspace: m.WorkspaceID, ID: m.ID}
}

func byKey[T any](items []T, key func(*T) record.Key) map[record.Key]*T {
	held := make(map[record.Key]*T, len(items))
	for i := range items {
		held[key(&items[i])] = &items[i]
	}
	return held
}

func missing[T any](keys []record.Key, held map[record.Key]*T) []record.Key {
	var lacking []record.Key
	for _, key := range keys {
		if held[key] == nil {
			lacking = append(lacking, key)
		}
	}
	return lacking
}

func ordered[T any](keys []record.Key, held map[record.Key]*T) []T {
	found := make([]T, 0, len(keys))
	for _, key := range keys {
		if item := held[key]; item != nil {
			found = append(found, *item)
		}
	}
	return found
}
