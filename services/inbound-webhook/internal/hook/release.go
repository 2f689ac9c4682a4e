package hook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
)

// ErrStays is returned by Release for a webhook that has no way through yet.
var ErrStays = errors.New("it stays in quarantine")

// Release lets a quarantined webhook through as if it came now: the same proof, the same parser, the same routes, and
// the same ids and keys, so that a second release changes nothing. body is what arrived. Only what never was proved has
// to be proved now; what was is held up by its age alone. It returns how many events it became; with ErrStays the rest
// of it is still held up.
func (h *Handler) Release(
	ctx context.Context, kept *eventv1.WebhookQuarantined, body []byte, fix *operatorv1.Fix,
) (events int, err error) {
	webhook := webhookOf(kept.GetRaw(), body)
	if fix.Body != nil {
		webhook.Body = fix.GetBody()
	}
	endpoint, err := h.admitted(kept, webhook, fix)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrStays, err)
	}
	description, _ := h.endpoints.describe(kept.GetProvider())
	delivery, unusable, err := parse(endpoint, webhook)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrStays, err)
	}
	if sizeOf(delivery) == 0 {
		return 0, fmt.Errorf("%w: %w", ErrStays, errNoMessage)
	}
	src := source{endpoint: endpoint, description: description, webhook: webhook, shared: sizeOf(delivery) > 1, began: h.now()}
	made, err := h.events(ctx, src, delivery)
	if errors.Is(err, errIncomplete) {
		return 0, fmt.Errorf("%w: %w", ErrStays, err)
	}
	if err != nil {
		return 0, err
	}
	if len(made.publishings) > 0 {
		if err := h.publish(ctx, made.publishings); err != nil {
			return 0, err
		}
	}
	if left := errors.Join(unusable, made.unknown); left != nil {
		return len(made.publishings), fmt.Errorf("%w: %w", ErrStays, left)
	}
	return len(made.publishings), nil
}

// admitted is the credential by which a webhook may come in.
func (h *Handler) admitted(
	kept *eventv1.WebhookQuarantined, webhook channel.Webhook, fix *operatorv1.Fix,
) (Endpoint, error) {
	endpoint, ok := h.endpoints.find(kept.GetProvider(), kept.GetToken())
	if !ok && fix.GetTrusted() {
		endpoint, ok = h.endpoints.find(kept.GetProvider(), "")
	}
	if !ok {
		return endpoint, errUnknownEndpoint
	}
	endpoint.assigned = fix.GetWorkspaceId()
	if fix.GetTrusted() || wasProved(kept.GetReason()) {
		return endpoint, nil
	}
	return endpoint, endpoint.Connection.Verify(webhook)
}

// wasProved tells whether a webhook that is kept for a reason was genuine when it came.
func wasProved(reason string) bool {
	return reason != reasonBadSignature && reason != reasonUnknownEndpoint
}

// webhookOf is the request as it arrived, but for the password that some providers prove themselves with.
func webhookOf(raw *eventv1.RawPayload, body []byte) channel.Webhook {
	header := http.Header{}
	for _, line := range raw.GetHeaders() {
		if name, value, ok := strings.Cut(line, ": "); ok {
			header.Add(name, value)
		}
	}
	return channel.Webhook{
		Method: raw.GetMethod(), URL: raw.GetUrl(), Header: header, Body: body, ReceivedAt: raw.GetReceivedAt().AsTime(),
	}
}
