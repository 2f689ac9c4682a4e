package account

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	modePlatform = "platform"
	// sandboxMail is where the sandbox's mailboxes live; the top-level domain is reserved for tests (RFC 2606).
	sandboxMail = "mail.sandbox.test"
)

// allocate gives a new workspace its addresses on the platform's accounts and tells the routes bucket.
func (a *Accounts) allocate(ctx context.Context, tx postgres.ChangeTx, s *signUp) error {
	served := map[channel.Kind]bool{}
	for _, account := range a.platform {
		for _, kind := range account.Channels {
			address, err := a.addressFor(ctx, tx, account, kind, s.slug)
			if err != nil {
				return err
			}
			if address == "" {
				continue
			}
			taken, err := a.take(ctx, tx, s, bucket.Route{
				WorkspaceID: s.workspace.UUID(), Channel: string(kind),
				Provider: account.Provider, ProviderAccount: account.Account, Address: address,
				Mode: modePlatform, Sandbox: a.sandbox, DisplayName: s.title, IsDefault: !served[kind],
			})
			if err != nil {
				return err
			}
			served[kind] = served[kind] || taken
		}
	}
	return nil
}

// addressFor is the address a workspace may have on a channel of a platform account; empty when there is none to give.
func (a *Accounts) addressFor(
	ctx context.Context, tx postgres.ChangeTx, account channel.PlatformAccount, kind channel.Kind, slug string,
) (string, error) {
	if !a.sandbox {
		return platformAddress(account, kind)
	}
	switch kind {
	case channel.SMS, channel.Call, channel.WhatsApp:
		number, err := next(ctx, tx, nextPhoneNumber)
		return fmt.Sprintf("+1500%07d", number), err
	case channel.Email:
		number, err := next(ctx, tx, nextMailbox)
		return fmt.Sprintf("%s-%d@%s", slug, number, sandboxMail), err
	case channel.Social, channel.LiveChat:
		return "", nil
	default:
		return "", fmt.Errorf("allocating an address: %w: %q", channel.ErrUnknownKind, kind)
	}
}

func platformAddress(account channel.PlatformAccount, kind channel.Kind) (string, error) {
	configured := account.Addresses[kind]
	if configured == "" {
		return "", nil
	}
	address, err := channel.NormalizeAddress(kind, configured)
	if err != nil {
		return "", fmt.Errorf("reading the platform's %s address of %s: %w", kind, account.Provider, err)
	}
	return address, nil
}

func next(ctx context.Context, tx postgres.ChangeTx, sequence string) (int64, error) {
	var number int64
	if err := tx.QueryRow(ctx, sequence).Scan(&number); err != nil {
		return 0, fmt.Errorf("allocating a number: %w", err)
	}
	return number, nil
}

// take claims the route's address for the workspace; false when another workspace has it.
func (a *Accounts) take(ctx context.Context, tx postgres.ChangeTx, s *signUp, route bucket.Route) (bool, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return false, fmt.Errorf("making a channel account id: %w", err)
	}
	route.ChannelAccountID = id
	_, err = tx.Exec(ctx, createChannelAccount, route.WorkspaceID, id, route.Channel, route.Provider,
		route.ProviderAccount, route.Address, route.Mode, route.Sandbox, route.DisplayName, route.IsDefault)
	if err != nil {
		return false, fmt.Errorf("creating a channel account: %w", err)
	}
	tag, err := tx.Exec(ctx, createRoute, route.WorkspaceID, id, route.Provider, route.ProviderAccount, route.Address)
	if err != nil {
		return false, fmt.Errorf("creating a route: %w", err)
	}
	if tag.RowsAffected() == 0 {
		_, err := tx.Exec(ctx, deleteChannelAccount, id)
		if err != nil {
			return false, fmt.Errorf("giving a channel account back: %w", err)
		}
		return false, nil
	}
	if route.IsDefault {
		_, err := tx.Exec(ctx, createSetting, route.WorkspaceID, route.Channel, route.Mode, route.Provider)
		if err != nil {
			return false, fmt.Errorf("creating a communication setting: %w", err)
		}
	}
	return true, outbox.Put(ctx, tx, s.workspace, event.BucketRoutes, route.Key(), route.Value())
}
