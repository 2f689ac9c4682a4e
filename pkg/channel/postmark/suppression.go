package postmark

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// subscription is the news that the provider holds everything to an address back, or lets it through again.
type subscription struct {
	MessageStream     string
	Recipient         string
	Origin            string
	SuppressSending   *bool
	SuppressionReason string
	ChangedAt         string
	Metadata          metadata
}

func parseSubscription(webhook channel.Webhook) (channel.Delivery, error) {
	var read subscription
	if err := json.Unmarshal(webhook.Body, &read); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing a subscription change: %w: %w", channel.ErrUnparsable, err)
	}
	address, _ := email.Person(read.Recipient)
	if address == "" || read.SuppressSending == nil {
		return channel.Delivery{}, fmt.Errorf("parsing a subscription change: the recipient or the change is missing: %w", channel.ErrUnparsable)
	}
	optedOut := *read.SuppressSending
	return channel.Delivery{Suppressions: []channel.Suppression{{
		Kind: channel.Email, Address: address, WorkspaceID: read.Metadata[metaWorkspace], OptedOut: optedOut,
		Source: read.source(), Reason: read.inWords(),
		OccurredAt: timeOf(read.ChangedAt, webhook.ReceivedAt),
		DedupeKey:  fmt.Sprintf("%s/%s/%s/%s/%t", recordSubscription, read.MessageStream, address, read.ChangedAt, optedOut),
	}}}, nil
}

// source tells who decided: a mail server, the recipient, or somebody at the provider.
func (s subscription) source() string {
	switch {
	case s.SuppressionReason == "HardBounce":
		return channel.SourceBounce
	case s.SuppressionReason == "SpamComplaint":
		return channel.SourceComplaint
	case s.Origin == "Recipient":
		return channel.SourceUnsubscribe
	default:
		return channel.SourceProvider
	}
}

// inWords says what the provider has only a word for.
func (s subscription) inWords() string {
	switch {
	case !*s.SuppressSending:
		return "The address may be written to again."
	case s.source() == channel.SourceBounce:
		return "A message to the address bounced for good."
	case s.source() == channel.SourceComplaint:
		return "The recipient reported a message as spam."
	case s.source() == channel.SourceUnsubscribe:
		return "The recipient unsubscribed."
	default:
		return "The address was put on the list of suppressed addresses."
	}
}

// suppression is what a bounce, a complaint or a request to be left alone says of the address; false when it says nothing.
func (e event) suppression(receivedAt time.Time) (channel.Suppression, bool) {
	address, _ := email.Person(e.recipient())
	source := map[string]string{
		"Bounce/HardBounce": channel.SourceBounce, "Bounce/BadEmailAddress": channel.SourceBounce,
		"Bounce/ManuallyDeactivated": channel.SourceProvider,
		"Bounce/SpamComplaint":       channel.SourceComplaint, recordComplaint: channel.SourceComplaint,
		"Bounce/Unsubscribe": channel.SourceUnsubscribe,
	}[e.word()]
	if source == "" || address == "" {
		return channel.Suppression{}, false
	}
	suppression := channel.Suppression{
		Kind: channel.Email, Address: address, WorkspaceID: e.Metadata[metaWorkspace], OptedOut: true, Source: source,
		Reason: cmp.Or(e.Description, e.word()), OccurredAt: timeOf(e.at(), receivedAt), DedupeKey: e.key() + "/suppression",
	}
	suppression.From, _ = email.Person(e.From)
	return suppression, true
}
