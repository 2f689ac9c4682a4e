package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// maxPageBytes bounds the texts of one page. An answer travels in one message of the bus, which takes 8 MiB.
const maxPageBytes = 3 << 20

// listedMessage is a message of a page.
type listedMessage struct {
	record.Message

	// RowsFound is how many messages the page and what is left out of it have together.
	RowsFound int `db:"rows_found"`
}

// messageShape chooses the clauses of list_messages.sql.
type messageShape struct{ Unknown, After bool }

// ListMessages answers one page of a conversation, or of the messages whose outcome is unknown, newest first.
func (b *Inbox) ListMessages(
	ctx context.Context, ws workspace.ID, request *storev1.ListMessagesRequest,
) (*storev1.ListMessagesResponse, error) {
	if request.GetConversationId() == "" && request.GetStatus() == string(channel.Unknown) {
		return b.listMessages(ctx, ws, "messages:unknown", nil, request)
	}
	id, ok := parseID(request.GetConversationId())
	if !ok || request.GetStatus() != "" {
		return nil, refuse.NotFound("conversation")
	}
	answer, err := b.listMessages(ctx, ws, "messages:"+id.String(), &id, request)
	if err != nil || len(answer.GetItems()) > 0 {
		return answer, err
	}
	return answer, b.mustHave(ctx, ws, id.String())
}

// listMessages lists those of a conversation; of nil, those whose outcome is unknown.
func (b *Inbox) listMessages(
	ctx context.Context, ws workspace.ID, scope string, id *uuid.UUID, request *storev1.ListMessagesRequest,
) (*storev1.ListMessagesResponse, error) {
	limit, behind, err := page.Of(scope, request.GetLimit(), request.GetCursor())
	if err != nil {
		return nil, err
	}
	sql, err := b.statement("list_messages.sql", messageShape{Unknown: id == nil, After: behind != nil})
	if err != nil {
		return nil, err
	}
	args := pgx.NamedArgs{"id": id, "rows": limit + 1, "bytes": maxPageBytes}
	after(args, behind)
	found, err := postgres.Query(ctx, b.db, ws, pgx.RowToStructByName[listedMessage], sql, args)
	if err != nil || len(found) == 0 {
		return &storev1.ListMessagesResponse{}, err
	}
	answer := &storev1.ListMessagesResponse{Items: make([]*eventv1.Message, 0, len(found))}
	if found[0].RowsFound > len(found) || len(found) > limit {
		found = found[:min(limit, len(found))]
		last := found[len(found)-1]
		answer.NextCursor = page.Position{At: last.CreatedAt, ID: last.ID}.Encode(scope)
	}
	for _, message := range found {
		answer.Items = append(answer.Items, message.Proto())
	}
	return answer, nil
}

// mustHave tells an empty page from a conversation nobody has.
func (b *Inbox) mustHave(ctx context.Context, ws workspace.ID, id string) error {
	_, err := one(ctx, b, ws, "conversation", id, "has_conversation.sql", pgx.RowTo[bool])
	return err
}

// GetMessage answers one message.
func (b *Inbox) GetMessage(
	ctx context.Context, ws workspace.ID, request *storev1.GetMessageRequest,
) (*storev1.GetMessageResponse, error) {
	found, err := one(ctx, b, ws, "message", request.GetId(), "get_message.sql", pgx.RowToStructByName[record.Message])
	if err != nil {
		return nil, err
	}
	return &storev1.GetMessageResponse{Message: found.Proto()}, nil
}
