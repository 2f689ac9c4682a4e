package inbox

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// conversationsScope names the list of conversations in its cursors.
const conversationsScope = "conversations"

// EncodeConversations answers one page, newest first, as the encoding of a ListConversationsResponse. A conversation that
// gets a message while somebody pages moves to the front and is not listed twice.
func (b *Inbox) EncodeConversations(
	ctx context.Context, ws workspace.ID, request *storev1.ListConversationsRequest,
) ([]byte, error) {
	const items, nextCursor = 1, 2
	wanted, err := newFilter(request)
	if err != nil {
		return nil, err
	}
	sql, err := b.statement("list_conversations.sql", wanted.shape())
	if err != nil {
		return nil, err
	}
	writer := record.NewConversationsWriter(items)
	found, err := postgres.Query(ctx, b.db, ws, writer.Write, sql, wanted.args()...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	last := found[min(wanted.limit, len(found))-1]
	answer := writer.Through(last)
	if len(found) > wanted.limit {
		cursor := page.Position{At: last.LastMessageAt, ID: last.ID}.Encode(conversationsScope)
		answer = protowire.AppendString(protowire.AppendTag(answer, nextCursor, protowire.BytesType), cursor)
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
