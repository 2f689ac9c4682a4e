package setting

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// Remove ends the workspace's own credential at a provider. Its addresses are free for others, and the channels that went
// by it go by the platform's account, or by none where the platform has none.
func (s *Settings) Remove(
	ctx context.Context, ws workspace.ID, request *storev1.RemoveCredentialRequest,
) (*storev1.RemoveCredentialResponse, error) {
	err := s.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		gone, ok, err := only(ctx, tx, pgx.RowToStructByName[credential], getCredential, request.GetProvider())
		if err != nil {
			return fmt.Errorf("reading the credential: %w", err)
		}
		if !ok {
			return refuse.NotFound("credential")
		}
		if err := leave(ctx, tx, ws, gone); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, deleteCredential, gone.Provider); err != nil {
			return fmt.Errorf("deleting the credential: %w", err)
		}
		outbox.Delete(ctx, tx, ws, event.BucketCredentials, gone.Key())
		return audit.Write(ctx, tx, ws, request.GetActor(), audit.Entry{Action: "credential.removed", Subject: gone.Provider})
	})
	if err != nil {
		return nil, err
	}
	s.flush(ctx)
	return &storev1.RemoveCredentialResponse{}, nil
}

// leave takes the channel accounts of a credential out of use.
func leave(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, gone credential) error {
	rows, err := tx.Query(ctx, accountsOfCredential, gone.ID)
	if err != nil {
		return fmt.Errorf("reading the channel accounts: %w", err)
	}
	accounts, err := pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Route])
	if err != nil {
		return fmt.Errorf("reading the channel accounts: %w", err)
	}
	if _, err := tx.Exec(ctx, releaseAddresses, gone.ID); err != nil {
		return fmt.Errorf("releasing addresses: %w", err)
	}
	for _, account := range accounts {
		if account.IsDefault {
			if err := fallBack(ctx, tx, ws, account); err != nil {
				return err
			}
		}
		outbox.Delete(ctx, tx, ws, event.BucketRoutes, account.Key())
	}
	return nil
}

// fallBack lets a channel go by the platform's account, or by none.
func fallBack(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, from bucket.Route) error {
	if _, err := tx.Exec(ctx, clearDefault, from.ChannelAccountID); err != nil {
		return fmt.Errorf("switching the channel: %w", err)
	}
	id, provider, err := platformFor(ctx, tx, from.Channel)
	if refuse.IsConflict(err) {
		_, err := tx.Exec(ctx, deleteSetting, from.Channel)
		if err != nil {
			return fmt.Errorf("deleting the setting: %w", err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := switchTo(ctx, tx, ws, from.Channel, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, saveSetting, ws.UUID(), from.Channel, modePlatform, provider); err != nil {
		return fmt.Errorf("writing the setting: %w", err)
	}
	return nil
}
