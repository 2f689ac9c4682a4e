package postmark

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// The kinds of webhooks that are treated apart; the others are status words.
const (
	recordBounce       = "Bounce"
	recordComplaint    = "SpamComplaint"
	recordInbound      = "Inbound"
	recordSubscription = "SubscriptionChange"
)

// event is a webhook about an outbound message. Recipient and Email are the same under the names of different records,
// and so are the three times.
type event struct {
	RecordType   string
	ID           json.Number
	Type         string
	MessageID    string
	Recipient    string
	Email        string
	From         string
	Description  string
	Details      string
	OriginalLink string
	DeliveredAt  string
	BouncedAt    string
	ReceivedAt   string
	Metadata     metadata
}

// metadata is what we sent along. That of other senders on the same server is theirs, whatever its shape.
type metadata map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (m *metadata) UnmarshalJSON(raw []byte) error {
	read := map[string]string{}
	if json.Unmarshal(raw, &read) != nil {
		read = nil
	}
	*m = read
	return nil
}

// Parse implements channel.Receiver. An inbound message has no record type, or says so.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	var kind struct{ RecordType, MessageID string }
	if err := json.Unmarshal(webhook.Body, &kind); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing: it is no event: %w: %w", channel.ErrUnparsable, err)
	}
	switch kind.RecordType {
	case "", recordInbound:
		return parseInbound(webhook)
	case recordSubscription:
		return parseSubscription(webhook)
	}
	var read event
	if err := json.Unmarshal(webhook.Body, &read); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing %s: %w: %w", kind.RecordType, channel.ErrUnparsable, err)
	}
	if read.MessageID == "" {
		return channel.Delivery{}, fmt.Errorf("parsing %s: no message is named: %w", kind.RecordType, channel.ErrUnparsable)
	}
	return read.delivery(webhook.ReceivedAt), nil
}

func (e event) delivery(receivedAt time.Time) channel.Delivery {
	delivery := channel.Delivery{Receipts: []channel.Receipt{e.receipt(receivedAt)}}
	if suppression, ok := e.suppression(receivedAt); ok {
		delivery.Suppressions = append(delivery.Suppressions, suppression)
	}
	return delivery
}

// recipient is whom the event is about; records have it under different names.
func (e event) recipient() string { return cmp.Or(e.Recipient, e.Email) }

// ofAnother tells an event about a copy, which is no news of the message.
func (e event) ofAnother() bool { return email.IsOther(e.Metadata[metaRecipient], e.recipient()) }

// receipt is the news of a message. What happens to a copy is kept and moves nothing.
func (e event) receipt(receivedAt time.Time) channel.Receipt {
	receipt := channel.Receipt{
		Kind: channel.Email, ExternalID: e.MessageID,
		WorkspaceID: e.Metadata[metaWorkspace], MessageID: e.Metadata[metaMessage],
		Attempt: channel.ParseAttempt(e.Metadata[metaAttempt]),
		Status:  e.status(), ProviderStatus: e.word(), Failure: e.failure(),
		OccurredAt:     timeOf(e.at(), receivedAt),
		EmailMessageID: e.MessageID + wireDomain, DedupeKey: e.key(),
	}
	receipt.From, _ = email.Person(e.From)
	if e.ofAnother() {
		receipt.Status, receipt.Failure = "", nil
	}
	return receipt
}

// word is the provider's own word for what happened.
func (e event) word() string {
	if e.RecordType == recordBounce {
		return e.RecordType + "/" + e.Type
	}
	return e.RecordType
}

func (e event) at() string { return cmp.Or(e.DeliveredAt, e.BouncedAt, e.ReceivedAt) }

// key names the fact. Bounces and complaints have an id; of the others the time tells one click from the next.
func (e event) key() string {
	hasID := e.RecordType == recordBounce || e.RecordType == recordComplaint
	if hasID && e.ID != "" && e.ID != "0" {
		return e.RecordType + "/" + e.ID.String()
	}
	return strings.Join([]string{e.word(), e.MessageID, e.recipient(), e.at(), e.OriginalLink}, "/")
}

// status is empty for a bounce that says nothing about the message, such as an automatic answer, and for a word that
// is not known.
func (e event) status() channel.Status {
	return map[string]channel.Status{
		"Delivery": channel.Delivered, "Open": channel.Opened, "Click": channel.Clicked,
		recordComplaint:     channel.Complained,
		"Bounce/HardBounce": channel.Bounced, "Bounce/SoftBounce": channel.Bounced,
		"Bounce/BadEmailAddress": channel.Bounced, "Bounce/SpamNotification": channel.Bounced,
		"Bounce/Blocked": channel.Bounced, "Bounce/DMARCPolicy": channel.Bounced,
		"Bounce/ManuallyDeactivated": channel.Bounced, "Bounce/VirusNotification": channel.Bounced,
		"Bounce/SpamComplaint": channel.Complained,
		"Bounce/Transient":     channel.Sending, "Bounce/DnsError": channel.Sending,
	}[e.word()]
}

func (e event) failure() *channel.Failure {
	code := channel.CodeBounced
	switch e.status() { //nolint:exhaustive // the other states are no bad end
	case channel.Bounced:
	case channel.Complained:
		code = channel.CodeComplained
	default:
		return nil
	}
	switch e.Type {
	case "BadEmailAddress":
		code = channel.CodeInvalidRecipient
	case "SpamNotification", "VirusNotification":
		code = channel.CodeFiltered
	case "ManuallyDeactivated":
		code = channel.CodeSuppressed
	case "DMARCPolicy":
		code = channel.CodeConfiguration // the sender's domain does not vouch for the provider
	}
	failure := channel.NewFailure(code, cmp.Or(e.Type, e.RecordType), cmp.Or(e.Details, e.Description))
	failure.Retryable = failure.Retryable || e.Type == "SoftBounce"
	return failure
}

func timeOf(text string, otherwise time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC()
	}
	return otherwise
}
