package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	modePlatform = "platform"
	// sandboxMail is where the sandbox's mailboxes live; the top-level domain is reserved for tests (RFC 2606).
	sandboxMail = "mail.sandbox.test"
)

// offer is a channel of a platform account.
type offer struct {
	account channel.PlatformAccount
	kind    channel.Kind
}

// home is a workspace that is given addresses.
type home struct {
	id          workspace.ID
	title, slug string
}

// holding is what a workspace has on the platform's accounts already.
type holding struct {
	// served are the channels with a default account, numbers the phone number at each account.
	served  map[channel.Kind]bool
	numbers map[string]string
	held    map[string]bool
}

func (o offer) key() string { return o.number() + "/" + string(o.kind) }

// number is the key of the one number that a workspace of the sandbox has at an account.
func (o offer) number() string { return o.account.Provider + "/" + o.account.Account }

// allocate gives a workspace the addresses on the platform's accounts that it has not, and tells the routes bucket. Of
// several accounts that serve a channel the preferred one is the default, else the first.
func (a *Accounts) allocate(ctx context.Context, tx postgres.ChangeTx, to home) error {
	has, err := holdingOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, offer := range a.offers() {
		if has.held[offer.key()] {
			continue
		}
		address, err := a.addressFor(ctx, tx, offer, to.slug, has.numbers)
		if err != nil {
			return err
		}
		if address == "" {
			continue
		}
		taken, err := a.take(ctx, tx, to.id, bucket.Route{
			WorkspaceID: to.id.UUID(), Channel: string(offer.kind),
			Provider: offer.account.Provider, ProviderAccount: offer.account.Account, Address: address,
			Mode: modePlatform, Sandbox: a.sandbox, DisplayName: to.title, IsDefault: !has.served[offer.kind],
		})
		if err != nil {
			return err
		}
		has.served[offer.kind] = has.served[offer.kind] || taken
	}
	return nil
}

func holdingOf(ctx context.Context, tx postgres.ChangeTx) (*holding, error) {
	rows, err := tx.Query(ctx, listChannelAccounts)
	if err != nil {
		return nil, fmt.Errorf("reading channel accounts: %w", err)
	}
	has := &holding{served: map[channel.Kind]bool{}, numbers: map[string]string{}, held: map[string]bool{}}
	var o offer
	var address string
	var isDefault bool
	_, err = pgx.ForEachRow(rows, []any{&o.account.Provider, &o.account.Account, &o.kind, &address, &isDefault}, func() error {
		has.held[o.key()] = true
		has.served[o.kind] = has.served[o.kind] || isDefault
		if o.kind != channel.Email {
			has.numbers[o.number()] = address
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading channel accounts: %w", err)
	}
	return has, nil
}

// offers lists what the platform has, the preferred accounts of each channel first.
func (a *Accounts) offers() []offer {
	var preferred, others []offer
	for _, account := range a.platform {
		for _, kind := range account.Channels {
			switch o := (offer{account, kind}); {
			case a.isUnfinished(o):
			case a.preferred[kind] == account.Provider:
				preferred = append(preferred, o)
			default:
				others = append(others, o)
			}
		}
	}
	return append(preferred, others...)
}

// isUnfinished tells that the provider calls the channel an experiment, and that the operator has not asked for it by
// setting an address.
func (a *Accounts) isUnfinished(o offer) bool {
	return slices.Contains(a.experimental[o.account.Provider], o.kind) && o.account.Addresses[o.kind] == ""
}

// addressFor is the address a workspace may have on a channel of a platform account; empty when there is none to give.
// In the sandbox a workspace has one number at an account, whatever the channel: people text and call the same one.
func (a *Accounts) addressFor(
	ctx context.Context, tx postgres.ChangeTx, o offer, slug string, numbers map[string]string,
) (string, error) {
	if !a.sandbox {
		return platformAddress(o)
	}
	switch o.kind {
	case channel.SMS, channel.Call, channel.WhatsApp:
		if numbers[o.number()] == "" {
			number, err := next(ctx, tx, nextPhoneNumber)
			if err != nil {
				return "", err
			}
			numbers[o.number()] = fmt.Sprintf("+1500%07d", number)
		}
		return numbers[o.number()], nil
	case channel.Email:
		number, err := next(ctx, tx, nextMailbox)
		return fmt.Sprintf("%s-%d@%s", slug, number, sandboxMail), err
	case channel.Social, channel.LiveChat:
		return "", nil
	default:
		return "", fmt.Errorf("allocating an address: %w: %q", channel.ErrUnknownKind, o.kind)
	}
}

// platformAddress is the platform's own address on a channel. Calls come from the number that texts come from, unless
// there is another.
func platformAddress(o offer) (string, error) {
	configured := o.account.Addresses[o.kind]
	if configured == "" && o.kind == channel.Call {
		configured = o.account.Addresses[channel.SMS]
	}
	if configured == "" {
		return "", nil
	}
	address, err := channel.NormalizeAddress(o.kind, configured)
	if err != nil {
		return "", fmt.Errorf("reading the platform's %s address of %s: %w", o.kind, o.account.Provider, err)
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

// Claim takes an address at a provider's account for the workspace; false when another workspace has it.
func Claim(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, provider, account, address string) (bool, error) {
	var taken bool
	if err := tx.QueryRow(ctx, takeAddress, ws.UUID(), provider, account, address).Scan(&taken); err != nil {
		return false, fmt.Errorf("claiming an address: %w", err)
	}
	return taken, nil
}

// take makes a channel account of the route; false when another workspace has its address.
func (a *Accounts) take(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, route bucket.Route) (bool, error) {
	taken, err := Claim(ctx, tx, ws, route.Provider, route.ProviderAccount, route.Address)
	if err != nil || !taken {
		return false, err
	}
	route.ChannelAccountID, err = uuid.NewV7()
	if err != nil {
		return false, fmt.Errorf("making a channel account id: %w", err)
	}
	_, err = tx.Exec(ctx, createChannelAccount, route.WorkspaceID, route.ChannelAccountID, route.Channel, route.Provider,
		route.ProviderAccount, route.Address, route.Mode, route.Sandbox, route.DisplayName, route.IsDefault)
	if err != nil {
		return false, fmt.Errorf("creating a channel account: %w", err)
	}
	if route.IsDefault {
		_, err := tx.Exec(ctx, createSetting, route.WorkspaceID, route.Channel, route.Mode, route.Provider)
		if err != nil {
			return false, fmt.Errorf("creating a communication setting: %w", err)
		}
	}
	return true, outbox.Put(ctx, tx, ws, event.BucketRoutes, route.Key(), route.Value())
}
