package delivery

import (
	"context"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Steps of a message's journey that the sender takes.
const (
	StepClaimed    = "claimed"
	StepAccepted   = "accepted"
	StepFailed     = "failed"
	StepBlocked    = "blocked"
	StepUnknown    = "unknown"
	StepReconciled = "reconciled"
	// StepAsked: a person had the provider asked, and nothing was learned.
	StepAsked = "asked"
	// StepResolved: a person has decided.
	StepResolved = "resolved"
)

// PublishReceipt tells what became of a message, in the words of its ledger entry. The same news has the same key, so
// that telling it again changes nothing.
func PublishReceipt(ctx context.Context, b *bus.Bus, entry *bucketv1.LedgerEntry, step string) error {
	ws, err := workspace.ParseID(entry.GetWorkspaceId())
	if err != nil {
		return err
	}
	key := entry.GetMessageId() + "." + strconv.Itoa(int(entry.GetAttempt())) + "." + step + "." + entry.GetStatus()
	if step == StepAsked {
		key += strconv.Itoa(int(entry.GetLookups())) // each time is news
	}
	occurred := entry.GetFinishedAt()
	if occurred == nil {
		occurred = entry.GetClaimedAt()
	}
	_, err = b.Publish(ctx, bus.Publishing{
		Subject: event.ReceiptSubject(ws, channel.Kind(entry.GetChannel())),
		ID:      key,
		Payload: &eventv1.MessageReceipt{
			WorkspaceId: entry.GetWorkspaceId(), MessageId: entry.GetMessageId(), Channel: entry.GetChannel(),
			ChannelAccountId: entry.GetChannelAccountId(), Provider: entry.GetProvider(),
			ExternalId: entry.GetExternalId(), Status: entry.GetStatus(), ProviderStatus: entry.GetProviderStatus(),
			Failure: entry.GetFailure(), OccurredAt: occurred, Attempt: entry.GetAttempt(), DedupeKey: key,
			EmailMessageId: entry.GetEmailMessageId(), Step: step, Segments: entry.GetSegments(), Call: callOf(entry, step),
			Resolution: resolutionOf(entry, step),
		},
	})
	return err
}

// resolutionOf is whose word the news is, where it is a person's.
func resolutionOf(entry *bucketv1.LedgerEntry, step string) *eventv1.Resolution {
	switch step {
	case StepReconciled, StepAsked, StepResolved:
		return entry.GetResolution()
	default:
		return nil
	}
}

// callOf is the news of a call that the provider took: the agent's phone rings.
func callOf(entry *bucketv1.LedgerEntry, step string) *eventv1.Call {
	if channel.Kind(entry.GetChannel()) != channel.Call || step != StepAccepted {
		return nil
	}
	return &eventv1.Call{State: string(channel.CallRinging), StartedAt: entry.GetClaimedAt()}
}

// stepOf is the step an ended attempt is told as.
func stepOf(status string) string {
	switch channel.Status(status) { //nolint:exhaustive // whatever else a provider says, it has accepted
	case channel.Failed:
		return StepFailed
	case channel.Blocked:
		return StepBlocked
	case channel.Unknown:
		return StepUnknown
	default:
		return StepAccepted
	}
}

// FailureProto is a failure as events carry it.
func FailureProto(failure channel.Failure) *eventv1.Failure {
	return &eventv1.Failure{
		Code: failure.Code, ProviderCode: storable(failure.ProviderCode), Message: storable(failure.Message),
		Retryable: failure.Retryable, Remedy: storable(failure.Remedy),
	}
}

// maxWords bounds what is kept of one text of a provider.
const maxWords = 2048

// storable makes a provider's text one that can be stored: what has been sent must never fail to be recorded.
func storable(text string) string {
	if len(text) > maxWords {
		text = text[:maxWords]
	}
	return strings.ToValidUTF8(text, "")
}

// SetAccepted writes what the provider answered into an entry.
func SetAccepted(entry *bucketv1.LedgerEntry, accepted channel.Accepted) {
	entry.ExternalId, entry.ProviderStatus = storable(accepted.ExternalID), storable(accepted.ProviderStatus)
	entry.EmailMessageId = storable(accepted.EmailMessageID)
	entry.Segments = int32(min(max(accepted.Segments, 0), maxSegments))
}

// maxSegments is more than any message has.
const maxSegments = 1000

func now() *timestamppb.Timestamp { return timestamppb.Now() }
