package hook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// stepCallback is the step of a message's journey that a webhook tells.
const stepCallback = "callback"

// reported makes the event of a receipt. Without our message id the store finds the message by the provider's.
func reported(endpoint Endpoint, webhook channel.Webhook, receipt channel.Receipt, route *bucketv1.Route) (bus.Publishing, error) {
	ws, err := workspace.ParseID(route.GetWorkspaceId())
	if err != nil {
		return bus.Publishing{}, fmt.Errorf("reading a route: %w", err)
	}
	message := &eventv1.MessageReceipt{
		WorkspaceId: ws.String(), MessageId: receipt.MessageID, Channel: string(receipt.Kind),
		ChannelAccountId: route.GetChannelAccountId(), Provider: endpoint.Provider,
		ExternalId: clean(receipt.ExternalID), Status: string(receipt.Status), ProviderStatus: word(receipt.ProviderStatus),
		Failure: failureOf(receipt.Failure), OccurredAt: timestamppb.New(receipt.OccurredAt),
		Attempt:        int32(receipt.Attempt), //nolint:gosec // channel.ParseAttempt bounds it
		DedupeKey:      endpoint.Provider + ":" + keyOf(receipt),
		EmailMessageId: sentence(receipt.EmailMessageID), Step: stepCallback, Raw: rawOf(webhook),
	}
	if receipt.OccurredAt.IsZero() {
		message.OccurredAt = timestamppb.New(webhook.ReceivedAt)
	}
	return bus.Publishing{
		Subject: event.ReceiptSubject(ws, receipt.Kind),
		ID:      endpoint.Provider + ":" + endpoint.Account + ":" + keyOf(receipt),
		Payload: message,
	}, nil
}

// keyOf is the key of a receipt's fact, in bounded length.
func keyOf(receipt channel.Receipt) string {
	key := clean(receipt.DedupeKey)
	if len(key) <= maxWord {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// withoutForeignIDs drops ids that cannot be ours: the provider carries back whatever it was given.
func withoutForeignIDs(receipt channel.Receipt) channel.Receipt {
	_, wsErr := workspace.ParseID(receipt.WorkspaceID)
	if id, err := uuid.Parse(receipt.MessageID); err != nil || wsErr != nil || id.String() != receipt.MessageID {
		receipt.WorkspaceID, receipt.MessageID, receipt.Attempt = "", "", 0
	}
	return receipt
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
