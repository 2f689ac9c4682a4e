package hook

import (
	"context"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// suppression makes the event of what a provider says of an address. It returns errUnknownAddress: neither our address
// nor an id of ours tells whose customer it is.
func (h *Handler) suppression(ctx context.Context, src source, told channel.Suppression) ([]bus.Publishing, error) {
	if _, err := workspace.ParseID(told.WorkspaceID); err != nil {
		told.WorkspaceID = ""
	}
	route, ok, err := h.router.ofReceipt(ctx, src.endpoint, channel.Receipt{
		Kind: told.Kind, Account: told.Account, From: told.From, WorkspaceID: told.WorkspaceID,
	})
	if err != nil {
		return nil, fmt.Errorf("asking for the address of a suppression: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("suppression for workspace %q: %w", told.WorkspaceID, errUnknownAddress)
	}
	state := channel.OptedInState
	if told.OptedOut {
		state = channel.OptedOutState
	}
	at := timeOf(told.OccurredAt, src.webhook.ReceivedAt)
	key := "suppression:" + told.DedupeKey
	if told.DedupeKey == "" {
		key += fmt.Sprintf("%s/%s/%s/%d", told.Address, state, told.Source, at.AsTime().UnixMilli())
	}
	publishing, err := h.receipt(ctx, src, route, &eventv1.MessageReceipt{
		Channel: string(told.Kind), OccurredAt: at,
		Consent: &eventv1.Consent{
			WorkspaceId: route.GetWorkspaceId(), Channel: string(told.Kind), Address: told.Address, State: state,
			Source: sourceOf(told.Source), Reason: sentence(told.Reason), ChangedAt: at,
		},
	}, key, told.Part)
	return []bus.Publishing{publishing}, err
}

// sourceOf is who says so, as far as we know the word; else the provider does.
func sourceOf(source string) string {
	switch source {
	case channel.SourceBounce, channel.SourceComplaint, channel.SourceUnsubscribe:
		return source
	default:
		return channel.SourceProvider
	}
}
