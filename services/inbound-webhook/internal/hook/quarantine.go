package hook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Reasons for keeping a webhook apart.
const (
	reasonBadSignature    = "bad_signature"
	reasonUnparsable      = "unparsable"
	reasonUnknownAddress  = "unknown_address"
	reasonUnknownEndpoint = "unknown_endpoint"
	// reasonIncomplete is for a message whose body the provider refuses to hand out, for example to a key that may
	// not read: it is kept here, and the provider is asked to come again.
	reasonIncomplete = "incomplete"
	// reasonNoMessage is for a genuine webhook that tells nothing we have a place for: it is kept so that nothing is
	// lost when we have one.
	reasonNoMessage = "no_message"
)

// quarantined makes the event of a webhook that is kept whole. Exactly the same request twice is kept once.
func (h *Handler) quarantined(ctx context.Context, a arrival, reason string, cause error) (bus.Publishing, error) {
	raw, err := h.raw(ctx, "quarantine/"+a.description.Name, a.webhook)
	if err != nil {
		return bus.Publishing{}, err
	}
	kept := &eventv1.WebhookQuarantined{
		Provider: a.description.Name, Token: clean(a.token), Reason: reason, Detail: sentence(cause.Error()), Raw: raw,
	}
	same := proto.CloneOf(kept)
	same.Raw.ReceivedAt = nil
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(same)
	if err != nil {
		return bus.Publishing{}, fmt.Errorf("encoding a webhook: %w", err)
	}
	sum := sha256.Sum256(content)
	return bus.Publishing{
		Subject: event.QuarantineSubject(a.description.Name), ID: hex.EncodeToString(sum[:]), Payload: kept,
	}, nil
}
