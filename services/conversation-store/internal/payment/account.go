package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// account is a workspace as Stripe knows it, its columns by name.
type account struct {
	CustomerID, Method, CheckoutID string
	CheckoutAt                     *time.Time
}

// accountOf reads a workspace's account; ok tells whether it has one.
func accountOf(ctx context.Context, db *postgres.DB, ws workspace.ID) (found account, ok bool, err error) {
	all, err := postgres.Query(ctx, db, ws, pgx.RowToStructByName[account],
		"SELECT customer_id, method, checkout_id, checkout_at FROM payment_accounts")
	if err != nil {
		return account{}, false, fmt.Errorf("reading the payment account: %w", err)
	}
	if len(all) == 0 {
		return account{}, false, nil
	}
	return all[0], true, nil
}

// customerOf is a workspace's account; it becomes a customer when it is none yet.
func customerOf(ctx context.Context, db *postgres.DB, s *Stripe, ws workspace.ID) (account, error) {
	found, ok, err := accountOf(ctx, db, ws)
	if err != nil || ok {
		return found, err
	}
	var name, email string
	err = db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		const who = `SELECT w.name, COALESCE((SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id
			WHERE m.workspace_id = w.id AND m.role = 'owner' ORDER BY m.created_at LIMIT 1), '') FROM workspaces w WHERE w.id = $1`
		err := tx.QueryRow(ctx, who, ws.UUID()).Scan(&name, &email)
		if errors.Is(err, pgx.ErrNoRows) { // it owes although it is gone
			name, err = ws.String(), nil
		}
		return err
	})
	if err != nil {
		return account{}, fmt.Errorf("reading who pays: %w", err)
	}
	id, err := s.customer(ctx, ws, name, email)
	if err != nil {
		return account{}, err
	}
	err = db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		_, err := tx.Exec(ctx, "INSERT INTO payment_accounts (workspace_id, customer_id) VALUES ($1, $2) ON CONFLICT (workspace_id) DO NOTHING",
			ws.UUID(), id)
		return err
	})
	if err != nil {
		return account{}, fmt.Errorf("keeping the payment account: %w", err)
	}
	found, _, err = accountOf(ctx, db, ws)
	return found, err
}
