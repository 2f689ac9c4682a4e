package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/bare"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

// held is a conversation of one message that is there before anything is measured.
type held struct {
	workspace, account, id, contact, message uuid.UUID
	peer, home, snippet                      string
	at                                       time.Time
}

// fill gives every workspace a conversation with each of its customers, with the ids the services derive.
func fill(ctx context.Context, databaseURL string, homes []tenant.Workspace, customers int) error {
	rows := make([]held, 0, len(homes)*customers)
	begin := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Microsecond)
	for _, home := range homes {
		for n := range customers {
			row, err := newHeld(home.ID, home.Accounts[channel.SMS], bare.Customer(n))
			if err != nil {
				return err
			}
			row.at = begin.Add(time.Duration(n) * time.Minute / 10)
			rows = append(rows, row)
		}
	}
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return copyRows(ctx, tx, rows) })
}

func newHeld(ws workspace.ID, account tenant.Account, peer string) (held, error) {
	row := held{
		workspace: ws.UUID(), message: uuid.New(), peer: peer, home: account.Address,
		snippet: "Good morning, when will the parcel be with me? It was to come yesterday.",
	}
	for id, text := range map[*uuid.UUID]string{
		&row.account: account.ID,
		&row.id:      conversation.DeriveID(ws, channel.SMS, account.ID, peer),
		&row.contact: conversation.DeriveContactID(ws, channel.SMS, peer),
	} {
		var err error
		if *id, err = uuid.Parse(text); err != nil {
			return held{}, fmt.Errorf("reading an id: %w", err)
		}
	}
	return row, nil
}

// copyRows writes the tables in the order in which they refer to one another.
func copyRows(ctx context.Context, tx pgx.Tx, rows []held) error {
	const sms = string(channel.SMS)
	for _, table := range []struct {
		name    string
		columns []string
		values  func(r held) []any
	}{
		{"contacts", []string{"workspace_id", "id", "name"}, func(r held) []any {
			return []any{r.workspace, r.contact, "Customer " + r.peer[len(r.peer)-4:]}
		}},
		{"contact_addresses", []string{"workspace_id", "channel", "address", "contact_id"}, func(r held) []any {
			return []any{r.workspace, sms, r.peer, r.contact}
		}},
		{"conversations", []string{
			"workspace_id", "id", "channel", "channel_account_id", "peer", "contact_id", "snippet", "is_unread",
			"last_message_at", "last_message_id", "last_direction", "last_status", "created_at",
		}, func(r held) []any {
			return []any{
				r.workspace, r.id, sms, r.account, r.peer, r.contact, r.snippet, true, r.at, r.message, "inbound", "received", r.at,
			}
		}},
		{"conversation_messages", []string{
			"workspace_id", "id", "conversation_id", "channel", "channel_account_id", "direction", "status", "status_order",
			"provider", "from_address", "to_address", "body", "created_at",
		}, func(r held) []any {
			return []any{
				r.workspace, r.message, r.id, sms, r.account, "inbound", "received", 1100, "bench", r.peer, r.home, r.snippet, r.at,
			}
		}},
	} {
		source := pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) { return table.values(rows[i]), nil })
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"conversations", table.name}, table.columns, source); err != nil {
			return fmt.Errorf("filling %s: %w", table.name, err)
		}
	}
	if _, err := tx.Exec(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("analysing: %w", err)
	}
	return nil
}
