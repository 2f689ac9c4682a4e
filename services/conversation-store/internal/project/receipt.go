package project

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	errNameless = errors.New("receipt names no message")
	errNoKey    = errors.New("receipt has no dedupe key")
	errStatus   = errors.New("receipt carries no state of a sent message")
	errConsent  = errors.New("receipt carries no consent we know")
)

// addReceipt reads what became of a message, and what its recipient wants from now on. The message's row may come later.
func (w *work) addReceipt(m *bus.Message) error {
	var receipt eventv1.MessageReceipt
	if err := m.Decode(&receipt); err != nil {
		return err
	}
	ws, kind, err := address(m, receipt.GetWorkspaceId(), receipt.GetChannel())
	if err != nil {
		return err
	}
	told, err := occurrenceOf(&receipt)
	if err != nil {
		return bus.Permanent(err)
	}
	told.workspace = ws
	told.occurredAt = timeOr(receipt.GetOccurredAt(), m.Timestamp())
	subject := uuid.Nil
	if told.message != nil {
		subject = *told.message
	}
	if wanted := receipt.GetConsent(); wanted != nil {
		change, err := consentOf(wanted, ws, kind, told.occurredAt)
		if err != nil {
			return bus.Permanent(err)
		}
		change.Message = told.message
		w.consents = append(w.consents, change)
	}
	w.see(m, ws, subject)
	if told.message != nil || told.externalID != nil {
		w.events = append(w.events, told)
		w.hasCalls = w.hasCalls || kind == channel.Call
	}
	w.keepRaw(ws, "receipt", told.dedupeKey, receipt.GetRaw(), m.Timestamp())
	return nil
}

// occurrenceOf is the event a receipt tells of. One without a state moves nothing: the provider's word is one we do not
// know, or the news is of a call or of a consent.
func occurrenceOf(receipt *eventv1.MessageReceipt) (occurrence, error) {
	status := channel.Status(receipt.GetStatus())
	rank, ok := status.Rank()
	switch {
	case (!ok && status != "") || status == channel.Received:
		return occurrence{}, fmt.Errorf("%w: %q", errStatus, receipt.GetStatus())
	case receipt.GetDedupeKey() == "":
		return occurrence{}, errNoKey
	case receipt.GetMessageId() == "" && receipt.GetExternalId() == "" && receipt.GetConsent() == nil:
		return occurrence{}, errNameless
	}
	message, err := optionalID(receipt.GetMessageId())
	if err != nil {
		return occurrence{}, err
	}
	account, err := optionalID(receipt.GetChannelAccountId())
	if err != nil {
		return occurrence{}, err
	}
	return occurrence{
		dedupeKey: indexable(clean(receipt.GetDedupeKey())), message: message, account: account,
		provider: clean(receipt.GetProvider()), externalID: optional(indexable(clean(receipt.GetExternalId()))),
		status: string(status), rank: int32(rank), //nolint:gosec // a rank is below 101
		providerStatus: clean(receipt.GetProviderStatus()), step: clean(receipt.GetStep()), attempt: max(receipt.GetAttempt(), 0),
		failure: failureOf(receipt.GetFailure()), emailID: reference(receipt.GetEmailMessageId()),
		segments: max(receipt.GetSegments(), 0), call: callOf(receipt.GetCall()),
		resolution: resolutionOf(receipt.GetResolution()),
	}, nil
}

func resolutionOf(resolution *eventv1.Resolution) *string {
	if resolution == nil {
		return nil
	}
	return encoded(record.Resolution{
		Decision: clean(resolution.GetDecision()), UserID: clean(resolution.GetUserId()),
		APIKeyID: clean(resolution.GetApiKeyId()),
	})
}

func failureOf(failure *eventv1.Failure) *string {
	if failure == nil {
		return nil
	}
	return encoded(record.Failure{
		Code: clean(failure.GetCode()), ProviderCode: clean(failure.GetProviderCode()), Message: clean(failure.GetMessage()),
		Retryable: failure.GetRetryable(), Remedy: clean(failure.GetRemedy()),
	})
}

// consentOf is what a provider says an address wants. A word that we do not know is refused: a guess would either hold
// back what somebody wants or send what somebody does not want.
func consentOf(wanted *eventv1.Consent, ws workspace.ID, kind channel.Kind, at time.Time) (consent.Change, error) {
	if name := wanted.GetChannel(); name != "" {
		known, err := channel.ParseKind(name)
		if err != nil {
			return consent.Change{}, err
		}
		kind = known
	}
	change := consent.Change{
		Workspace: ws, Channel: kind, Address: addressOf(kind, wanted.GetAddress()), State: wanted.GetState(),
		Source: wanted.GetSource(), Reason: cut(line(clean(wanted.GetReason())), consent.MaxReason),
		ChangedAt: timeOr(wanted.GetChangedAt(), at),
	}
	if change.Source == "" {
		change.Source = channel.SourceProvider
	}
	if change.Address == "" || !consent.IsState(change.State) || !consent.IsSource(change.Source) {
		return consent.Change{}, fmt.Errorf("%w: %q, %q", errConsent, change.State, change.Source)
	}
	return change, nil
}
