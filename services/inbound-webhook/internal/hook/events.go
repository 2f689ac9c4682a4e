package hook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// source is where a delivery came from.
type source struct {
	endpoint    Endpoint
	description channel.Description
	webhook     channel.Webhook
	// shared tells that the webhook tells several things: they may be of several workspaces, and none may see another's.
	shared bool
	// began is when the work on it began: the files have to be in by a while after that.
	began time.Time
}

// of is the webhook as it concerns one thing that it tells.
func (s source) of(part []byte) channel.Webhook {
	told := s.webhook
	if s.shared || part != nil {
		told.Body = part
	}
	return told
}

// made is what a delivery becomes.
type made struct {
	publishings []bus.Publishing
	// unknown is set when a part of it has no workspace.
	unknown error
	// reply is what a provider hears that asked what to do; nil when none did.
	reply *channel.Reply
}

// add takes the events of one thing, or notes that it has no workspace. Any other error is returned.
func (m *made) add(publishings []bus.Publishing, err error) error {
	if errors.Is(err, errUnknownAddress) {
		m.unknown = errors.Join(m.unknown, err)
		return nil
	}
	m.publishings = append(m.publishings, publishings...)
	return err
}

// events makes all events of a delivery. What they refer to, files and consents, is stored when it returns.
func (h *Handler) events(ctx context.Context, src source, delivery channel.Delivery) (made, error) {
	var all made
	for _, inbound := range delivery.Inbound {
		if err := all.add(h.messages(ctx, src, inbound)); err != nil {
			return made{}, err
		}
	}
	for _, receipt := range delivery.Receipts {
		if err := all.add(h.news(ctx, src, withoutForeignIDs(receipt))); err != nil {
			return made{}, err
		}
	}
	for _, suppression := range delivery.Suppressions {
		if err := all.add(h.suppression(ctx, src, suppression)); err != nil {
			return made{}, err
		}
	}
	for _, told := range delivery.Calls {
		publishings, reply, err := h.call(ctx, src, told)
		if all.reply == nil {
			all.reply = reply
		}
		if err := all.add(publishings, err); err != nil {
			return made{}, err
		}
	}
	return all, nil
}

// messages makes the events of one message, one for each workspace it is for, and of the answers to it. It returns
// errUnknownAddress.
func (h *Handler) messages(ctx context.Context, src source, inbound channel.Inbound) ([]bus.Publishing, error) {
	addressees, err := h.router.addressees(ctx, src.endpoint, inbound)
	if err != nil {
		return nil, fmt.Errorf("asking for the addresses of message %s: %w", inbound.ExternalID, err)
	}
	if len(addressees) == 0 {
		return nil, fmt.Errorf("message %s to %q: %w", inbound.ExternalID, inbound.To, errUnknownAddress)
	}
	if err := complete(ctx, src.endpoint, &inbound); err != nil {
		return nil, err
	}
	var publishings []bus.Publishing
	for _, to := range addressees {
		message, err := h.received(ctx, src, inbound, to)
		if err != nil {
			return nil, err
		}
		answers, err := h.keyword(ctx, src, inbound, to, message)
		if err != nil {
			return nil, fmt.Errorf("acting on a keyword in message %s: %w", inbound.ExternalID, err)
		}
		publishings = append(append(publishings, receivedEvent(src, message)), answers...)
	}
	return publishings, nil
}

// news makes the event of a receipt. It returns errUnknownAddress.
func (h *Handler) news(ctx context.Context, src source, receipt channel.Receipt) ([]bus.Publishing, error) {
	route, ok, err := h.router.ofReceipt(ctx, src.endpoint, receipt)
	if err != nil {
		return nil, fmt.Errorf("asking for the address of a receipt of %s: %w", receipt.ExternalID, err)
	}
	if !ok {
		return nil, fmt.Errorf("receipt of %s for workspace %q: %w", receipt.ExternalID, receipt.WorkspaceID, errUnknownAddress)
	}
	publishing, err := h.reported(ctx, src, receipt, route)
	return []bus.Publishing{publishing}, err
}

// complete fetches what the webhook leaves out, for providers that leave something out. It returns errIncomplete when
// asking again will not help until a person has done something.
func complete(ctx context.Context, endpoint Endpoint, inbound *channel.Inbound) error {
	completer, ok := endpoint.Connection.(channel.Completer)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, completeTimeout)
	defer cancel()
	err := completer.Complete(ctx, inbound)
	if err == nil {
		return nil
	}
	if isTransient(err) {
		return fmt.Errorf("completing message %s: %w", inbound.ExternalID, err)
	}
	return fmt.Errorf("completing message %s: %w: %w", inbound.ExternalID, errIncomplete, err)
}
