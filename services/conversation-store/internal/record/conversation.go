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

//go:embed conversations.sql
var selectConversations string

// Key names a row of a tenant table.
type Key struct{ Workspace, ID uuid.UUID }

// Conversation is one row of conversations with its contact. The tags are the column names to select.
type Conversation struct {
	WorkspaceID      uuid.UUID  `db:"workspace_id"`
	ID               uuid.UUID  `db:"id"`
	Channel          string     `db:"channel"`
	ChannelAccountID uuid.UUID  `db:"channel_account_id"`
	Peer             string     `db:"peer"`
	ContactID        uuid.UUID  `db:"contact_id"`
	ContactName      string     `db:"contact_name"`
	Status           string     `db:"status"`
	Subject          string     `db:"subject"`
	Snippet          string     `db:"snippet"`
	IsUnread         bool       `db:"is_unread"`
	IsStarred        bool       `db:"is_starred"`
	AssignedTo       *uuid.UUID `db:"assigned_to"`
	Labels           []string   `db:"labels"`
	Tags             []string   `db:"tags"`
	SnoozedUntil     *time.Time `db:"snoozed_until"`
	LastMessageAt    time.Time  `db:"last_message_at"`
	LastDirection    string     `db:"last_direction"`
	LastStatus       string     `db:"last_status"`
	CreatedAt        time.Time  `db:"created_at"`
	UpdatedAt        time.Time  `db:"updated_at"`

	LinkedConversationID *uuid.UUID `db:"linked_conversation_id"`
	HasWindow            bool       `db:"has_window"`
	WindowExpiresAt      *time.Time `db:"window_expires_at"`
	// What the peer wants; ConsentState is nil while nothing is known.
	ConsentState     *string    `db:"consent_state"`
	ConsentSource    string     `db:"consent_source"`
	ConsentReason    string     `db:"consent_reason"`
	ConsentChangedBy *uuid.UUID `db:"consent_changed_by"`
	ConsentChangedAt *time.Time `db:"consent_changed_at"`
}

// Conversations reads the rows that exist, in the order of keys.
func Conversations(ctx context.Context, tx postgres.Tx, keys []Key) ([]Conversation, error) {
	var batch pgx.Batch
	var found []Conversation
	QueueConversations(&batch, keys, &found)
	if err := send(ctx, tx, &batch); err != nil {
		return nil, err
	}
	return found, nil
}

// QueueConversations reads the rows that exist, in the order of keys, with whatever else the batch asks for.
func QueueConversations(batch *pgx.Batch, keys []Key, found *[]Conversation) {
	if len(keys) == 0 {
		return
	}
	workspaces, ids := split(keys)
	batch.Queue(selectConversations, workspaces, ids).Query(func(rows pgx.Rows) error {
		var err error
		if *found, err = pgx.AppendRows(make([]Conversation, 0, len(keys)), rows, collect(same[Conversation])); err != nil {
			return fmt.Errorf("reading conversations: %w", err)
		}
		return nil
	})
}

// Proto is the conversation as facts and answers carry it.
func (c Conversation) Proto() *eventv1.Conversation {
	return &eventv1.Conversation{
		Id:               c.ID.String(),
		WorkspaceId:      c.WorkspaceID.String(),
		Channel:          c.Channel,
		ChannelAccountId: c.ChannelAccountID.String(),
		Status:           c.Status,
		Subject:          c.Subject,
		Snippet:          c.Snippet,
		Contact:          &eventv1.Contact{Id: c.ContactID.String(), Name: c.ContactName, Address: c.Peer},
		IsUnread:         c.IsUnread,
		IsStarred:        c.IsStarred,
		AssignedTo:       textOf(c.AssignedTo),
		Labels:           c.Labels,
		Tags:             c.Tags,
		LastMessageAt:    timestamppb.New(c.LastMessageAt),
		SnoozedUntil:     stampOf(c.SnoozedUntil),
		CreatedAt:        timestamppb.New(c.CreatedAt),
		UpdatedAt:        timestamppb.New(c.UpdatedAt),
		LastDirection:    c.LastDirection,
		LastStatus:       c.LastStatus,

		LinkedConversationId: textOf(c.LinkedConversationID),
		HasWindow:            c.HasWindow,
		WindowExpiresAt:      stampOf(c.WindowExpiresAt),
		Consent:              c.consent(),
	}
}

func (c Conversation) consent() *eventv1.Consent {
	if c.ConsentState == nil {
		return nil
	}
	return &eventv1.Consent{
		WorkspaceId: c.WorkspaceID.String(), Channel: c.Channel, Address: c.Peer, State: *c.ConsentState,
		Source: c.ConsentSource, Reason: c.ConsentReason, ChangedBy: textOf(c.ConsentChangedBy),
		ChangedAt: stampOf(c.ConsentChangedAt),
	}
}

func split(keys []Key) (workspaces, ids []uuid.UUID) {
	workspaces, ids = make([]uuid.UUID, len(keys)), make([]uuid.UUID, len(keys))
	for i, key := range keys {
		workspaces[i], ids[i] = key.Workspace, key.ID
	}
	return workspaces, ids
}

func textOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

func stampOf(at *time.Time) *timestamppb.Timestamp {
	if at == nil {
		return nil
	}
	return timestamppb.New(*at)
}
