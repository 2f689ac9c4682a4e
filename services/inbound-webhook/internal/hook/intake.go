package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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
	errIncomplete      = errors.New("the message cannot be had whole")
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
	if handshaker, ok := endpoint.Connection.(channel.Handshaker); ok && a.webhook.Method == http.MethodGet {
		return handshake(handshaker, a)
	}
	if err := endpoint.Connection.Verify(a.webhook); err != nil {
		return h.apart(ctx, a, reasonBadSignature, err, replies.BadSignature)
	}
	return h.proved(ctx, a, endpoint)
}

// proved receives a webhook that is genuine.
func (h *Handler) proved(ctx context.Context, a arrival, endpoint Endpoint) (outcome, channel.Reply, error) {
	replies := a.description.Replies
	delivery, unusable, err := parse(endpoint, a.webhook)
	if err != nil {
		return h.apart(ctx, a, reasonUnparsable, err, replies.Unparsable)
	}
	if sizeOf(delivery) == 0 {
		return h.apart(ctx, a, reasonNoMessage, errNoMessage, replies.OK)
	}
	src := source{
		endpoint: endpoint, description: a.description, webhook: a.webhook, shared: sizeOf(delivery) > 1, began: a.webhook.ReceivedAt,
	}
	made, err := h.events(ctx, src, delivery)
	if errors.Is(err, errIncomplete) {
		_, _, keepErr := h.apart(ctx, a, reasonIncomplete, err, replies.Unavailable)
		return reasonIncomplete, replies.Unavailable, errors.Join(err, keepErr)
	}
	if err != nil {
		return outcomeUnavailable, replies.Unavailable, err
	}
	result := outcomeStored
	if left := errors.Join(unusable, made.unknown); left != nil {
		reason := reasonUnknownAddress
		if unusable != nil {
			reason = reasonUnparsable
		}
		kept, err := h.quarantined(ctx, a, reason, left)
		if err != nil {
			return outcomeUnavailable, replies.Unavailable, err
		}
		made.publishings, result = append(made.publishings, kept), outcome(reason)
		h.logger.WarnContext(ctx, "part of a webhook is kept in quarantine", slog.String("provider", a.description.Name),
			slog.String("reason", reason), slog.String("err", sentence(left.Error())))
	}
	if err := h.publish(ctx, made.publishings); err != nil {
		return outcomeUnavailable, replies.Unavailable, err
	}
	if result == outcomeStored {
		h.recent.add(endpoint, delivery)
	}
	if made.reply != nil {
		return result, *made.reply, nil
	}
	return result, replies.OK, nil
}

// handshake answers the request by which a provider checks that an endpoint is ours. It has no signature; whatever
// else comes this way is denied and not kept.
func handshake(handshaker channel.Handshaker, a arrival) (outcome, channel.Reply, error) {
	reply, ok := handshaker.Handshake(a.webhook)
	if !ok {
		return outcomeDenied, a.description.Replies.BadSignature, nil
	}
	return outcomeHandshake, reply, nil
}

// apart keeps a webhook in quarantine and answers. What is not proved to come from the provider is bounded.
func (h *Handler) apart(ctx context.Context, a arrival, reason string, cause error, reply channel.Reply) (outcome, channel.Reply, error) {
	proved := reason != reasonBadSignature && reason != reasonUnknownEndpoint
	if !proved && !h.admits(ctx, a) {
		return outcomeLimited, channel.Reply{}, errLimited
	}
	kept, err := h.quarantined(ctx, a, reason, cause)
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

// admits tells whether there is room for what is not proved.
func (h *Handler) admits(ctx context.Context, a arrival) bool {
	size := len(a.webhook.Body)
	if !h.limiter.allow(a.remote, size) || !h.room.left(ctx) {
		return false
	}
	return size <= maxRawBody || h.strange.AllowN(h.now(), size)
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
	usable, unusable = usableOf(delivery)
	if sizeOf(usable) == 0 {
		return usable, nil, unusable
	}
	return usable, unusable, nil
}

// usableOf leaves out what cannot be used, and says why.
func usableOf(delivery channel.Delivery) (usable channel.Delivery, unusable error) {
	note := func(err error) bool {
		unusable = errors.Join(unusable, err)
		return err == nil
	}
	for _, inbound := range delivery.Inbound {
		if note(checkID(inbound.ExternalID)) {
			usable.Inbound = append(usable.Inbound, inbound)
		}
	}
	for _, receipt := range delivery.Receipts {
		if note(checkEither(receipt.ExternalID, receipt.MessageID)) {
			usable.Receipts = append(usable.Receipts, receipt)
		}
	}
	for _, told := range delivery.Calls {
		if note(checkEither(told.ExternalID, told.MessageID)) {
			usable.Calls = append(usable.Calls, told)
		}
	}
	for _, suppression := range delivery.Suppressions {
		if note(checkAddress(suppression.Address)) {
			usable.Suppressions = append(usable.Suppressions, suppression)
		}
	}
	return usable, unusable
}

// sizeOf is how many things a delivery tells.
func sizeOf(delivery channel.Delivery) int {
	return len(delivery.Inbound) + len(delivery.Receipts) + len(delivery.Calls) + len(delivery.Suppressions)
}

// checkEither takes an id of ours where the provider does not tell its own.
func checkEither(theirs, ours string) error {
	if theirs == "" && ours != "" {
		return nil
	}
	return checkID(theirs)
}

// checkAddress refuses what no message could have been sent to.
func checkAddress(address string) error {
	if address == "" || len(address) > maxAddress || address != clean(address) {
		return fmt.Errorf("parsing: a suppression has no usable address: %w", channel.ErrUnparsable)
	}
	return nil
}

// checkID refuses what cannot be the provider's id of a message: without one a repetition would not be recognised.
func checkID(id string) error {
	if id == "" || len(id) > maxWord || id != clean(id) {
		return fmt.Errorf("parsing: a message has no usable id: %w", channel.ErrUnparsable)
	}
	return nil
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
