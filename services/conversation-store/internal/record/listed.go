package record

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// The list is what everybody asks for, again and again. Its rows go from the wire of Postgres to that of the answer: the
// scan of 29 values, the row and the message between the two cost more than Postgres did. What Conversation.Proto makes of
// the same row is the same.

// ConversationsWriter encodes rows of conversations, each as an element of a repeated field. It is for one query.
type ConversationsWriter struct {
	number protowire.Number
	plain  pgx.RowToFunc[*eventv1.Conversation]
	isRead bool // whether the columns were looked at
	isWire bool // whether they are wireColumns
	data   []byte
	row    wireRow
}

// Listed is a conversation that was written.
type Listed struct {
	LastMessageAt time.Time
	ID            uuid.UUID

	end int
}

// NewConversationsWriter makes a ConversationsWriter of the field with the number.
func NewConversationsWriter(number protowire.Number) *ConversationsWriter {
	return &ConversationsWriter{number: number, plain: CollectConversations()}
}

// Through is what was written up to a conversation. Appending to it writes over what follows.
func (w *ConversationsWriter) Through(last Listed) []byte { return w.data[:last.end] }

// Write encodes a row.
func (w *ConversationsWriter) Write(row pgx.CollectableRow) (Listed, error) {
	if !w.isRead {
		w.isRead, w.isWire = true, isWire(row.FieldDescriptions())
	}
	if !w.isWire {
		return w.writePlain(row)
	}
	values := row.RawValues()
	if err := w.row.read(values); err != nil {
		return Listed{}, err
	}
	w.add(w.row.data)
	return Listed{LastMessageAt: timeOf(values[16]), ID: uuid.UUID(values[1]), end: len(w.data)}, nil
}

func (w *ConversationsWriter) writePlain(row pgx.CollectableRow) (Listed, error) {
	conversation, err := w.plain(row)
	if err != nil {
		return Listed{}, err
	}
	encoded, err := proto.Marshal(conversation)
	if err != nil {
		return Listed{}, fmt.Errorf("encoding a conversation: %w", err)
	}
	id, err := uuid.Parse(conversation.GetId())
	if err != nil {
		return Listed{}, fmt.Errorf("reading an id: %w", err)
	}
	w.add(encoded)
	return Listed{LastMessageAt: conversation.GetLastMessageAt().AsTime(), ID: id, end: len(w.data)}, nil
}

func (w *ConversationsWriter) add(encoded []byte) {
	const usual = 51 * 320 // a page of text messages
	if w.data == nil {
		w.data = make([]byte, 0, usual)
	}
	w.data = protowire.AppendBytes(protowire.AppendTag(w.data, w.number, protowire.BytesType), encoded)
}

// wireColumns are the columns of a conversation in the order in which they are selected.
func wireColumns() [29]struct {
	name string
	kind uint32
} {
	const id, text, texts, flag, at = pgtype.UUIDOID, pgtype.TextOID, pgtype.TextArrayOID, pgtype.BoolOID, pgtype.TimestamptzOID
	return [29]struct {
		name string
		kind uint32
	}{
		{"workspace_id", id},
		{"id", id},
		{"channel", text},
		{"channel_account_id", id},
		{"peer", text},
		{"contact_id", id},
		{"contact_name", text},
		{"status", text},
		{"subject", text},
		{"snippet", text},
		{"is_unread", flag},
		{"is_starred", flag},
		{"assigned_to", id},
		{"labels", texts},
		{"tags", texts},
		{"snoozed_until", at},
		{"last_message_at", at},
		{"last_direction", text},
		{"last_status", text},
		{"created_at", at},
		{"updated_at", at},
		{"linked_conversation_id", id},
		{"has_window", flag},
		{"window_expires_at", at},
		{"consent_state", text},
		{"consent_source", text},
		{"consent_reason", text},
		{"consent_changed_by", id},
		{"consent_changed_at", at},
	}
}

// isWire tells whether the columns are wireColumns in their own form; who connects may choose another.
func isWire(columns []pgconn.FieldDescription) bool {
	wanted := wireColumns()
	if len(columns) != len(wanted) {
		return false
	}
	for i, column := range columns {
		isReadable := column.Format == pgx.BinaryFormatCode || wanted[i].kind == pgtype.TextOID // a text is the same in both
		if column.Name != wanted[i].name || column.DataTypeOID != wanted[i].kind || !isReadable {
			return false
		}
	}
	return true
}
