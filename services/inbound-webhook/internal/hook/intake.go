package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/fault"
)

// publishTimeout is how long an acknowledgement may take before the provider is asked to come again.
const publishTimeout = 3 * time.Second

var (
	errUnknownEndpoint = errors.New("no credential belongs to this URL")
	errUnknownAddress  = errors.New("no workspace has this address")
	errLimited         = errors.New("too many unproved requests from this address")
	errIncomplete      = errors.New("the provider does not hand out the message")
	errNoMessage       = errors.New("it concerns no message")
)

// arrival is one request under way.
type arrival struct {
	description channel.Description
	token       string
	remote      netip.Addr
	webhook     channel.Webhook
}

// receive does everything up to the last acknowledgement and returns the answer. An error means that nothing may be
// relied on: the provider has to come again.
func (h *Handler) receive(ctx context.Context, a arrival) (outcome, channel.Reply, error) {
	replies := a.description.Replies
	endpoint, ok := h.endpoints.find(a.description.Name, a.token)
	if !ok {
		return h.apart(ctx, a, reasonUnknownEndpoint, errUnknownEndpoint, replies.BadSignature)
	}
	if err := endpoint.Connection.Verify(a.webhook); err != nil {
		return h.apart(ctx, a, reasonBadSignature, err, replies.BadSignature)
	}
	delivery, unusable, err := parse(endpoint, a.webhook)
	if err != nil {
		return h.apart(ctx, a, reasonUnparsable, err, replies.Unparsable)
	}
	if len(delivery.Inbound) == 0 && len(delivery.Receipts) == 0 {
		return h.apart(ctx, a, reasonNoMessage, errNoMessage, replies.OK)
	}
	publishings, unknown, err := h.events(ctx, endpoint, a.webhook, delivery)
	if errors.Is(err, errIncomplete) {
		_, _, keepErr := h.apart(ctx, a, reasonIncomplete, err, replies.Unavailable)
		return reasonIncomplete, replies.Unavailable, errors.Join(err, keepErr)
	}
	if err != nil {
		return outcomeUnavailable, replies.Unavailable, err
	}
	result := outcomeStored
	if left := errors.Join(unusable, unknown); left != nil {
		reason := reasonUnknownAddress
		if unusable != nil {
			reason = reasonUnparsable
		}
		kept, err := quarantined(a, reason, left)
		if err != nil {
			return outcomeUnavailable, replies.Unavailable, err
		}
		publishings, result = append(publishings, kept), outcome(reason)
		h.logger.WarnContext(ctx, "part of a webhook is kept in quarantine", slog.String("provider", a.description.Name),
			slog.String("reason", reason), slog.String("err", sentence(left.Error())))
	}
	if err := h.publish(ctx, publishings); err != nil {
		return outcomeUnavailable, replies.Unavailable, err
	}
	return result, replies.OK, nil
}

// apart keeps a webhook in quarantine and answers. What is not proved to come from the provider is bounded.
func (h *Handler) apart(ctx context.Context, a arrival, reason string, cause error, reply channel.Reply) (outcome, channel.Reply, error) {
	proved := reason != reasonBadSignature && reason != reasonUnknownEndpoint
	if !proved && (!h.limiter.allow(a.remote, len(a.webhook.Body)) || !h.room.left(ctx)) {
		return outcomeLimited, channel.Reply{}, errLimited
	}
	kept, err := quarantined(a, reason, cause)
	if err != nil {
		return outcomeUnavailable, a.description.Replies.Unavailable, err
	}
	if err := h.publish(ctx, []bus.Publishing{kept}); err != nil {
		return outcomeUnavailable, a.description.Replies.Unavailable, err
	}
	level := slog.LevelWarn
	if reason == reasonNoMessage {
		level = slog.LevelInfo
	}
	h.logger.Log(ctx, level, "webhook is kept in quarantine", slog.String("provider", a.description.Name),
		slog.String("reason", reason), slog.String("err", sentence(cause.Error())))
	return outcome(reason), reply, nil
}

// parse reads a webhook. A parser that panics has met something nobody documented. Of several events those that
// cannot be used are left out, and unusable says why: they do not hold up the others.
func parse(endpoint Endpoint, webhook channel.Webhook) (usable channel.Delivery, unusable, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("parsing: %v: %w", cause, channel.ErrUnparsable)
		}
	}()
	delivery, err := endpoint.Connection.Parse(webhook)
	if err != nil {
		return channel.Delivery{}, nil, err
	}
	for _, inbound := range delivery.Inbound {
		if err := checkID(inbound.ExternalID); err != nil {
			unusable = errors.Join(unusable, err)
			continue
		}
		usable.Inbound = append(usable.Inbound, inbound)
	}
	for _, receipt := range delivery.Receipts {
		if receipt.ExternalID == "" && receipt.MessageID != "" {
			usable.Receipts = append(usable.Receipts, receipt) // ours is enough
			continue
		}
		if err := checkID(receipt.ExternalID); err != nil {
			unusable = errors.Join(unusable, err)
			continue
		}
		usable.Receipts = append(usable.Receipts, receipt)
	}
	if len(usable.Inbound)+len(usable.Receipts) == 0 {
		return usable, nil, unusable
	}
	return usable, unusable, nil
}

// checkID refuses what cannot be the provider's id of a message: without one a repetition would not be recognised.
func checkID(id string) error {
	if id == "" || len(id) > maxWord || id != clean(id) {
		return fmt.Errorf("parsing: a message has no usable id: %w", channel.ErrUnparsable)
	}
	return nil
}

// events makes all events of a delivery. unknown is set when a part of it has no workspace.
func (h *Handler) events(ctx context.Context, endpoint Endpoint, webhook channel.Webhook, delivery channel.Delivery) (publishings []bus.Publishing, unknown, err error) {
	for _, inbound := range delivery.Inbound {
		made, err := h.messages(ctx, endpoint, webhook, inbound)
		if errors.Is(err, errUnknownAddress) {
			unknown = errors.Join(unknown, err)
		} else if err != nil {
			return nil, nil, err
		}
		publishings = append(publishings, made...)
	}
	for _, receipt := range delivery.Receipts {
		told := webhook
		if len(delivery.Receipts) > 1 || receipt.Part != nil {
			told.Body = receipt.Part // the rest may be another workspace's
		}
		made, err := h.news(ctx, endpoint, told, withoutForeignIDs(receipt))
		if errors.Is(err, errUnknownAddress) {
			unknown = errors.Join(unknown, err)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		publishings = append(publishings, made)
	}
	return publishings, unknown, nil
}

// messages makes the events of one message, one for each workspace it is for. It returns errUnknownAddress.
func (h *Handler) messages(ctx context.Context, endpoint Endpoint, webhook channel.Webhook, inbound channel.Inbound) ([]bus.Publishing, error) {
	addressees, err := h.router.addressees(ctx, endpoint, inbound)
	if err != nil {
		return nil, fmt.Errorf("asking for the addresses of message %s: %w", inbound.ExternalID, err)
	}
	if len(addressees) == 0 {
		return nil, fmt.Errorf("message %s to %q: %w", inbound.ExternalID, inbound.To, errUnknownAddress)
	}
	if err := complete(ctx, endpoint, &inbound); err != nil {
		return nil, err
	}
	publishings := make([]bus.Publishing, 0, len(addressees))
	for _, to := range addressees {
		publishing, err := h.received(ctx, endpoint, webhook, inbound, to)
		if err != nil {
			return nil, err
		}
		publishings = append(publishings, publishing)
	}
	return publishings, nil
}

// news makes the event of a receipt. It returns errUnknownAddress.
func (h *Handler) news(ctx context.Context, endpoint Endpoint, webhook channel.Webhook, receipt channel.Receipt) (bus.Publishing, error) {
	route, ok, err := h.router.ofReceipt(ctx, endpoint, receipt)
	if err != nil {
		return bus.Publishing{}, fmt.Errorf("asking for the address of a receipt of %s: %w", receipt.ExternalID, err)
	}
	if !ok {
		return bus.Publishing{}, fmt.Errorf("receipt of %s for workspace %q: %w", receipt.ExternalID, receipt.WorkspaceID, errUnknownAddress)
	}
	return reported(endpoint, webhook, receipt, route)
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
	switch channel.ClassOf(err) { //nolint:exhaustive // the others are decided by a person or never
	case channel.Retryable, channel.RateLimited, channel.Quota, channel.UnknownOutcome:
		return fmt.Errorf("completing message %s: %w", inbound.ExternalID, err)
	default:
		return fmt.Errorf("completing message %s: %w: %w", inbound.ExternalID, errIncomplete, err)
	}
}

// publish returns when every event is acknowledged. One event is refused at once when the bus is busy; several wait
// for their turn, so that a large batch does not fail by its own size.
func (h *Handler) publish(ctx context.Context, publishings []bus.Publishing) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	fault.Point("webhook.before-publish")
	var err error
	if len(publishings) == 1 {
		_, err = h.bus.Publish(ctx, publishings[0])
	} else {
		err = h.bus.PublishAll(ctx, publishings)
	}
	fault.Point("webhook.after-publish")
	return err
}
