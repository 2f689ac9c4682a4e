package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// UpdateConversation changes what a person may change and tells the others. Asking twice for the same changes nothing
// the second time and tells nobody.
func (b *Inbox) UpdateConversation(
	ctx context.Context, ws workspace.ID, request *storev1.UpdateConversationRequest,
) (*storev1.UpdateConversationResponse, error) {
	id, ok := parseID(request.GetId())
	if !ok {
		return nil, refuse.NotFound("conversation")
	}
	asked, err := newChange(request, b.now())
	if err != nil {
		return nil, err
	}
	var (
		answer  *eventv1.Conversation
		changed bool
	)
	err = b.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		conversation, err := b.load(ctx, tx, ws, id)
		if err != nil {
			return err
		}
		if changed = asked.apply(&conversation); changed {
			conversation.UpdatedAt = b.after(conversation.UpdatedAt)
			err = b.save(ctx, tx, conversation, asked.assignedTo != nil)
		}
		answer = conversation.Proto()
		return err
	})
	if err != nil {
		return nil, err
	}
	if changed {
		b.flush(ctx)
	}
	return &storev1.UpdateConversationResponse{Conversation: answer}, nil
}

// after is the time of a change to what was last changed at before: later, whatever the clocks of two processes say.
// Readers keep the newest they have seen.
func (b *Inbox) after(before time.Time) time.Time {
	now := b.now().UTC().Truncate(time.Microsecond)
	if now.After(before) {
		return now
	}
	return before.Add(time.Microsecond)
}

// load reads the conversation in the transaction that changes it. The lane the transaction holds keeps others from
// changing it meanwhile.
func (b *Inbox) load(
	ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, id uuid.UUID,
) (record.Conversation, error) {
	sql, err := b.statement("find_conversation.sql", nil)
	if err != nil {
		return record.Conversation{}, err
	}
	if err := tx.QueryRow(ctx, sql, pgx.NamedArgs{"id": id}).Scan(&id); err != nil {
		return record.Conversation{}, fmt.Errorf("finding conversation %s: %w", id, err)
	}
	found, err := record.Conversations(ctx, tx, []record.Key{{Workspace: ws.UUID(), ID: id}})
	if err != nil {
		return record.Conversation{}, err
	}
	if len(found) == 0 {
		return record.Conversation{}, refuse.NotFound("conversation")
	}
	return found[0], nil
}

func (b *Inbox) save(ctx context.Context, tx postgres.ChangeTx, c record.Conversation, newAssignee bool) error {
	if newAssignee && c.AssignedTo != nil {
		if err := b.checkMember(ctx, tx, *c.AssignedTo); err != nil {
			return err
		}
	}
	sql, err := b.statement("update_conversation.sql", nil)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sql, pgx.NamedArgs{
		"id": c.ID, "status": c.Status, "is_unread": c.IsUnread, "is_starred": c.IsStarred, "assigned_to": c.AssignedTo,
		"labels": c.Labels, "tags": c.Tags, "snoozed_until": c.SnoozedUntil, "updated_at": c.UpdatedAt,
	})
	if err != nil {
		return fmt.Errorf("updating conversation %s: %w", c.ID, err)
	}
	return outbox.Change(ctx, tx, &eventv1.Change{
		WorkspaceId: c.WorkspaceID.String(), Entity: "conversation", Verb: "updated", EntityId: c.ID.String(),
		OccurredAt: timestamppb.New(c.UpdatedAt), Data: &eventv1.Change_Conversation{Conversation: c.Proto()},
	})
}

func (b *Inbox) checkMember(ctx context.Context, tx postgres.ChangeTx, user uuid.UUID) error {
	sql, err := b.statement("is_member.sql", nil)
	if err != nil {
		return err
	}
	var member bool
	if err := tx.QueryRow(ctx, sql, pgx.NamedArgs{"id": user}).Scan(&member); err != nil {
		return fmt.Errorf("finding a member: %w", err)
	}
	if !member {
		return errAssignee()
	}
	return nil
}

// apply makes the change and tells whether anything is different now.
func (c change) apply(to *record.Conversation) bool {
	changed := set(&to.Status, c.status)
	changed = set(&to.IsUnread, c.unread) || changed
	changed = set(&to.IsStarred, c.starred) || changed
	changed = setList(&to.Labels, c.labels) || changed
	changed = setList(&to.Tags, c.tags) || changed
	if c.assignedTo != nil {
		changed = setOptional(&to.AssignedTo, *c.assignedTo, *c.assignedTo == uuid.Nil, equal[uuid.UUID]) || changed
	}
	if c.snoozedUntil != nil {
		changed = setOptional(&to.SnoozedUntil, *c.snoozedUntil, c.snoozedUntil.IsZero(), time.Time.Equal) || changed
	}
	return changed
}

func set[T comparable](to *T, value *T) bool {
	if value == nil || *to == *value {
		return false
	}
	*to = *value
	return true
}

func setList(to *[]string, value *[]string) bool {
	if value == nil || slices.Equal(*to, *value) {
		return false
	}
	*to = *value
	return true
}

// setOptional sets what may be absent; clearing takes it away.
func setOptional[T any](to **T, value T, clearing bool, same func(T, T) bool) bool {
	switch {
	case clearing && *to == nil, !clearing && *to != nil && same(**to, value):
		return false
	case clearing:
		*to = nil
	default:
		*to = &value
	}
	return true
}

func equal[T comparable](a, b T) bool { return a == b }
