package project

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

var (
	errNameless = errors.New("receipt names no message")
	errNoKey    = errors.New("receipt has no dedupe key")
	errStatus   = errors.New("receipt carries no state of a sent message")
)

// addReceipt reads what became of a message. Its row may come later.
func (w *work) addReceipt(m *bus.Message) error {
	var receipt eventv1.MessageReceipt
	if err := m.Decode(&receipt); err != nil {
		return err
	}
	ws, _, err := address(m, receipt.GetWorkspaceId(), receipt.GetChannel())
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
	w.see(m, ws, subject)
	w.events = append(w.events, told)
	w.keepRaw(ws, "receipt", told.dedupeKey, receipt.GetRaw(), m.Timestamp())
	return nil
}

func occurrenceOf(receipt *eventv1.MessageReceipt) (occurrence, error) {
	status := channel.Status(receipt.GetStatus())
	rank, ok := status.Rank()
	switch {
	case !ok || status == channel.Received:
		return occurrence{}, fmt.Errorf("%w: %q", errStatus, receipt.GetStatus())
	case receipt.GetDedupeKey() == "":
		return occurrence{}, errNoKey
	case receipt.GetMessageId() == "" && receipt.GetExternalId() == "":
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
	failure, err := failureOf(receipt.GetFailure())
	if err != nil {
		return occurrence{}, err
	}
	return occurrence{
		dedupeKey: indexable(clean(receipt.GetDedupeKey())), message: message, account: account,
		provider: clean(receipt.GetProvider()), externalID: optional(indexable(clean(receipt.GetExternalId()))),
		status: string(status), rank: int32(rank), //nolint:gosec // a rank is below 101
		providerStatus: clean(receipt.GetProviderStatus()), step: clean(receipt.GetStep()), attempt: max(receipt.GetAttempt(), 0),
		failure: failure, emailID: reference(receipt.GetEmailMessageId()),
	}, nil
}

func failureOf(failure *eventv1.Failure) (*string, error) {
	if failure == nil {
		return nil, nil //nolint:nilnil // no failure is a good answer
	}
	encoded, err := json.Marshal(record.Failure{
		Code: clean(failure.GetCode()), ProviderCode: clean(failure.GetProviderCode()), Message: clean(failure.GetMessage()),
		Retryable: failure.GetRetryable(), Remedy: clean(failure.GetRemedy()),
	})
	if err != nil {
		return nil, fmt.Errorf("encoding a failure: %w", err)
	}
	text := string(encoded)
	return &text, nil
}
