package account

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/callsetting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// settle gives a workspace what it needs from the start: addresses, what it may use, and what is done with
// calls.
func (a *Accounts) settle(ctx context.Context, tx postgres.ChangeTx, to home) error {
	if err := a.allocate(ctx, tx, to); err != nil {
		return err
	}
	if _, err := plans.Tell(ctx, tx, to.id); err != nil {
		return err
	}
	return callsetting.Begin(ctx, tx, to.id)
}

// Complete gives the workspaces there are what new ones get: the channels that the platform has got since they were
// made. The second time changes nothing.
func (a *Accounts) Complete(ctx context.Context) error {
	homes, err := a.incomplete(ctx)
	if err != nil {
		return err
	}
	for _, to := range homes {
		err := a.db.ChangeInWorkspace(ctx, to.id, func(ctx context.Context, tx postgres.ChangeTx) error {
			return a.settle(ctx, tx, to)
		})
		if err != nil {
			return fmt.Errorf("completing the channels of workspace %s: %w", to.id, err)
		}
	}
	if len(homes) > 0 {
		a.flush(ctx)
	}
	return nil
}

func (a *Accounts) incomplete(ctx context.Context) ([]home, error) {
	var providers, accounts, channels []string
	for _, o := range a.offers() {
		providers, accounts = append(providers, o.account.Provider), append(accounts, o.account.Account)
		channels = append(channels, string(o.kind))
	}
	var homes []home
	err := a.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, listIncomplete, providers, accounts, channels, a.sandbox)
		if err != nil {
			return fmt.Errorf("reading workspaces: %w", err)
		}
		var id string
		var to home
		_, err = pgx.ForEachRow(rows, []any{&id, &to.title, &to.slug}, func() error {
			var err error
			if to.id, err = workspace.ParseID(id); err != nil {
				return fmt.Errorf("reading a workspace: %w", err)
			}
			homes = append(homes, to)
			return nil
		})
		return err
	})
	return homes, err
}
