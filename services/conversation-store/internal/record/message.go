package record

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

//go:embed messages.sql
var selectMessages string

// Message is one row of conversation_messages with its attachments. The tags are the column names to select.
type Message struct {
	WorkspaceID    uuid.UUID    `db:"workspace_id"`
	ID             uuid.UUID    `db:"id"`
	ConversationID uuid.UUID    `db:"conversation_id"`
	Channel        string       `db:"channel"`
	Direction      string       `db:"direction"`
	Status         string       `db:"status"`
	Attempt        int32        `db:"attempt"`
	Provider       string       `db:"provider"`
	ExternalID     *string      `db:"external_id"`
	ProviderStatus string       `db:"provider_status"`
	Failure        *Failure     `db:"failure"`
	From           string       `db:"from_address"`
	To             string       `db:"to_address"`
	Subject        string       `db:"subject"`
	Body           string       `db:"body"`
	HTML           string       `db:"html"`
	SenderID       *uuid.UUID   `db:"sender_id"`
	CreatedAt      time.Time    `db:"created_at"`
	UpdatedAt      time.Time    `db:"updated_at"`
	Attachments    []Attachment `db:"attachments"`
	FromName       string       `db:"from_name"`
	Cc             []string     `db:"cc"`
	Bcc            []string     `db:"bcc"`
	Automatic      bool         `db:"automatic"`
	ReplyBody      string       `db:"reply_body"`
	Segments       int32        `db:"segments"`
	Template       *Template    `db:"template"`
	Call           *Call        `db:"call"`
	ReplyToID      *uuid.UUID   `db:"reply_to_id"`
}

// Failure is the failure column: why a message ended badly and what a person can do about it.
type Failure struct {
	Code         string `json:"code"`
	ProviderCode string `json:"provider_code"`
	Message      string `json:"message"`
	Retryable    bool   `json:"retryable"`
	Remedy       string `json:"remedy"`
}

// Attachment is one row of message_attachments.
type Attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	BlobKey     string `json:"blob_key"`
	ContentID   string `json:"content_id"`
	// MissingReason says why the file is not in the blob store; empty when it is.
	MissingReason string `json:"missing_reason"`
}

// Messages reads the rows that exist, in the order of keys.
func Messages(ctx context.Context, tx postgres.Tx, keys []Key) ([]Message, error) {
	var batch pgx.Batch
	var found []Message
	QueueMessages(&batch, keys, &found)
	if err := send(ctx, tx, &batch); err != nil {
		return nil, err
	}
	return found, nil
}

// QueueMessages reads the rows that exist, in the order of keys, with whatever else the batch asks for.
func QueueMessages(batch *pgx.Batch, keys []Key, found *[]Message) {
	if len(keys) == 0 {
		return
	}
	workspaces, ids := split(keys)
	batch.Queue(selectMessages, workspaces, ids).Query(func(rows pgx.Rows) error {
		var err error
		if *found, err = pgx.AppendRows(make([]Message, 0, len(keys)), rows, collect(same[Message])); err != nil {
			return fmt.Errorf("reading messages: %w", err)
		}
		return nil
	})
}

// Proto is the message as facts and answers carry it.
func (m Message) Proto() *eventv1.Message {
	message := &eventv1.Message{
		Id:             m.ID.String(),
		WorkspaceId:    m.WorkspaceID.String(),
		ConversationId: m.ConversationID.String(),
		Channel:        m.Channel,
		Direction:      m.Direction,
		Status:         m.Status,
		From:           m.From,
		To:             m.To,
		Subject:        m.Subject,
		Body:           m.Body,
		Html:           m.HTML,
		Attachments:    make([]*eventv1.Attachment, 0, len(m.Attachments)),
		Failure:        m.Failure.Proto(),
		SenderId:       textOf(m.SenderID),
		Provider:       m.Provider,
		ProviderStatus: m.ProviderStatus,
		Attempt:        m.Attempt,
		CreatedAt:      timestamppb.New(m.CreatedAt),
		UpdatedAt:      timestamppb.New(m.UpdatedAt),
		FromName:       m.FromName,
		Cc:             m.Cc,
		Bcc:            m.Bcc,
		Automatic:      m.Automatic,
		ReplyBody:      m.ReplyBody,
		Segments:       m.Segments,
		Template:       m.Template.Proto(),
		Call:           m.Call.Proto(m.Status),
		ReplyToId:      textOf(m.ReplyToID),
	}
	if m.ExternalID != nil {
		message.ExternalId = *m.ExternalID
	}
	for _, attachment := range m.Attachments {
		message.Attachments = append(message.Attachments, attachment.Proto())
	}
	return message
}

// Proto is the failure as facts and answers carry it; nil for none.
func (f *Failure) Proto() *eventv1.Failure {
	if f == nil {
		return nil
	}
	return &eventv1.Failure{
		Code: f.Code, ProviderCode: f.ProviderCode, Message: f.Message, Retryable: f.Retryable, Remedy: f.Remedy,
	}
}

// Proto is the attachment as facts and answers carry it.
func (a Attachment) Proto() *eventv1.Attachment {
	return &eventv1.Attachment{
		Id: a.ID, Filename: a.Filename, ContentType: a.ContentType, Size: a.Size, BlobKey: a.BlobKey, ContentId: a.ContentID,
		MissingReason: a.MissingReason,
	}
}
