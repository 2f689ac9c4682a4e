package invariant

import (
	"context"
	_ "embed" // for the queries
	"fmt"

	"github.com/jackc/pgx/v5"
)

var (
	//go:embed messages.sql
	messagesSQL string
	//go:embed events.sql
	eventsSQL string
	//go:embed conversations.sql
	conversationsSQL string
)

// readDatabase reads the rows as somebody who is bound by no policy.
func (e *evidence) readDatabase(ctx context.Context, w World) error {
	conn, err := pgx.Connect(ctx, w.DatabaseURL)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // only read from
	if e.messages, err = rowsOf(ctx, conn, messagesSQL, func(row pgx.CollectableRow) (m message, err error) {
		err = row.Scan(&m.Workspace, &m.ID, &m.Conversation, &m.Channel, &m.Direction, &m.Status, &m.Order, &m.Attempt, &m.Provider,
			&m.ExternalID, &m.From, &m.To, &m.Body, &m.Failure, &m.Segments, &m.Automatic, &m.CreatedAt, &m.Files)
		return m, err
	}); err != nil {
		return fmt.Errorf("reading the messages: %w", err)
	}
	if e.events, err = rowsOf(ctx, conn, eventsSQL, func(row pgx.CollectableRow) (o occurrence, err error) {
		err = row.Scan(&o.Workspace, &o.Message, &o.Status, &o.Step, &o.ExternalID, &o.Key, &o.Rank, &o.Attempt, &o.At)
		return o, err
	}); err != nil {
		return fmt.Errorf("reading what became of them: %w", err)
	}
	if e.conversations, err = rowsOf(ctx, conn, conversationsSQL, func(row pgx.CollectableRow) (c thread, err error) {
		err = row.Scan(&c.Workspace, &c.ID, &c.Channel, &c.Peer, &c.Last, &c.Newest)
		return c, err
	}); err != nil {
		return fmt.Errorf("reading the conversations: %w", err)
	}
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM conversations.outbox").Scan(&e.outbox); err != nil {
		return fmt.Errorf("counting the outbox: %w", err)
	}
	return nil
}

func rowsOf[T any](ctx context.Context, conn *pgx.Conn, query string, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it reads
	}
	return pgx.CollectRows(rows, scan)
}
