package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// conversationsScope names the list of conversations in its cursors.
const conversationsScope = "conversations"

// ListConversations answers one page, newest first. A conversation that gets a message while somebody pages moves to
// the front and is not listed twice.
func (b *Inbox) ListConversations(
	ctx context.Context, ws workspace.ID, request *storev1.ListConversationsRequest,
) (*storev1.ListConversationsResponse, error) {
	wanted, err := newFilter(request)
	if err != nil {
		return nil, err
	}
	sql, err := b.statement("list_conversations.sql", wanted.shape())
	if err != nil {
		return nil, err
	}
	found, err := postgres.Query(ctx, b.db, ws, record.CollectConversations(), sql, wanted.args()...)
	if err != nil {
		return nil, err
	}
	answer := &storev1.ListConversationsResponse{Items: found}
	if len(found) > wanted.limit {
		answer.Items = found[:wanted.limit]
		last := found[wanted.limit-1]
		id, _ := parseID(last.GetId()) // it was one in the database
		answer.NextCursor = page.Position{At: last.GetLastMessageAt().AsTime(), ID: id}.Encode(conversationsScope)
	}
	return answer, nil
}

// GetConversation answers one conversation.
func (b *Inbox) GetConversation(
	ctx context.Context, ws workspace.ID, request *storev1.GetConversationRequest,
) (*storev1.GetConversationResponse, error) {
	found, err := one(ctx, b, ws, "conversation", request.GetId(), "get_conversation.sql",
		record.CollectConversations())
	if err != nil {
		return nil, err
	}
	return &storev1.GetConversationResponse{Conversation: found}, nil
}

// one reads the row of an id, or refuses it as an id nobody has.
func one[T any](
	ctx context.Context, b *Inbox, ws workspace.ID, what, id, file string, collect pgx.RowToFunc[T],
) (T, error) {
	rows, err := all(ctx, b, ws, what, id, file, collect)
	if err != nil {
		var none T
		return none, err
	}
	return rows[0], nil
}

// all reads the rows of an id, or refuses it as an id nobody has.
func all[T any](
	ctx context.Context, b *Inbox, ws workspace.ID, what, id, file string, collect pgx.RowToFunc[T],
) ([]T, error) {
	key, ok := parseID(id)
	if !ok {
		return nil, refuse.NotFound(what)
	}
	sql, err := b.statement(file, nil)
	if err != nil {
		return nil, err
	}
	rows, err := postgres.Query(ctx, b.db, ws, collect, sql, pgx.NamedArgs{"id": key})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, refuse.NotFound(what)
	}
	return rows, nil
}

// shape chooses the clauses of list_conversations.sql.
func (f filter) shape() any {
	return struct {
		Searching, Channel, Status, AssignedTo, After bool
		Unread, IsUnread, Starred, IsStarred          bool
		Rows                                          int
	}{
		Searching: f.label != nil || f.text != nil,
		Channel:   f.channel != nil, Status: f.status != nil, AssignedTo: f.assignedTo != nil, After: f.after != nil,
		Unread: f.unread != nil, IsUnread: f.unread != nil && *f.unread,
		Starred: f.starred != nil, IsStarred: f.starred != nil && *f.starred,
		Rows: f.rows(),
	}
}

// rows is how many rows are asked for: one more than the page holds at least, to know whether there is a next page. It
// is part of the text, so that it takes few values: with a number that the planner does not know it would make a plan for
// every page.
func (f filter) rows() int {
	for _, size := range []int{10, page.DefaultLimit} {
		if f.limit <= size {
			return size + 1
		}
	}
	return page.MaxLimit + 1
}

// args are the values of list_conversations.sql: none of a list without filters.
func (f filter) args() []any {
	if f == (filter{limit: f.limit}) {
		return nil
	}
	args := pgx.NamedArgs{
		"words": f.text, "label": f.label, "channel": f.channel, "status": f.status,
		"unread": f.unread, "starred": f.starred, "assigned_to": f.assignedTo,
	}
	after(args, f.after)
	return []any{args}
}

func after(args pgx.NamedArgs, p *page.Position) {
	if p == nil {
		args["after_at"], args["after_id"] = nil, uuid.NullUUID{}
		return
	}
	args["after_at"], args["after_id"] = p.At, p.ID
}
