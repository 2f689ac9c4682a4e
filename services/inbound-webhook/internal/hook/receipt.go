package hook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const (
	// stepCallback is the step of a message's journey that a webhook tells.
	stepCallback = "callback"
	// maxSegments bounds what a provider may count.
	maxSegments = 1_000
)

// reported makes the event of a receipt. Without our message id the store finds the message by the provider's.
func (h *Handler) reported(ctx context.Context, src source, receipt channel.Receipt, route *bucketv1.Route) (bus.Publishing, error) {
	message := &eventv1.MessageReceipt{
		MessageId: receipt.MessageID, Channel: string(receipt.Kind), ExternalId: clean(receipt.ExternalID),
		Status: string(receipt.Status), ProviderStatus: word(receipt.ProviderStatus), Failure: failureOf(receipt.Failure),
		OccurredAt:     timeOf(receipt.OccurredAt, src.webhook.ReceivedAt),
		Attempt:        int32(receipt.Attempt), //nolint:gosec // channel.ParseAttempt bounds it
		EmailMessageId: sentence(receipt.EmailMessageID),
		Segments:       int32(min(max(receipt.Segments, 0), maxSegments)),
	}
	return h.receipt(ctx, src, route, message, receipt.DedupeKey, receipt.Part)
}

// receipt completes an event for RECEIPT. The key names the fact, part is what of the webhook tells it.
func (h *Handler) receipt(
	ctx context.Context, src source, route *bucketv1.Route, message *eventv1.MessageReceipt, key string, part []byte,
) (bus.Publishing, error) {
	ws, err := workspace.ParseID(route.GetWorkspaceId())
	if err != nil {
		return bus.Publishing{}, fmt.Errorf("reading a route: %w", err)
	}
	message.WorkspaceId, message.ChannelAccountId, message.Provider = ws.String(), route.GetChannelAccountId(), src.endpoint.Provider
	message.DedupeKey, message.Step = src.endpoint.Provider+":"+keyOf(key), stepCallback
	if message.Raw, err = h.raw(ctx, ws.String(), src.of(part)); err != nil {
		return bus.Publishing{}, err
	}
	return bus.Publishing{
		Subject: event.ReceiptSubject(ws, channel.Kind(message.GetChannel())),
		ID:      src.endpoint.Provider + ":" + src.endpoint.Account + ":" + keyOf(key),
		Payload: message,
	}, nil
}

// keyOf is the key of a fact, in bounded length.
func keyOf(key string) string {
	key = clean(key)
	if len(key) <= maxWord {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// timeOf is when something happened; otherwise when the provider does not say.
func timeOf(at, otherwise time.Time) *timestamppb.Timestamp {
	if at.IsZero() {
		at = otherwise
	}
	return timestamppb.New(at)
}

// withoutForeignIDs drops ids that cannot be ours: the provider carries back whatever it was given.
func withoutForeignIDs(receipt channel.Receipt) channel.Receipt {
	if !canBeOurs(receipt.WorkspaceID, receipt.MessageID) {
		receipt.WorkspaceID, receipt.MessageID, receipt.Attempt = "", "", 0
	}
	return receipt
}

func canBeOurs(workspaceID, messageID string) bool {
	_, wsErr := workspace.ParseID(workspaceID)
	id, err := uuid.Parse(messageID)
	return err == nil && wsErr == nil && id.String() == messageID
}

func failureOf(failure *channel.Failure) *eventv1.Failure {
	if failure == nil {
		return nil
	}
	return &eventv1.Failure{
		Code: word(failure.Code), ProviderCode: word(failure.ProviderCode), Message: sentence(failure.Message),
		Retryable: failure.Retryable, Remedy: sentence(failure.Remedy),
	}
}
