package resend

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// The words that are treated apart.
const (
	eventReceived     = "email.received"
	eventBounced      = "email.bounced"
	eventComplained   = "email.complained"
	subTypeSuppressed = "Suppressed"
	bouncePermanent   = "Permanent"
)

// event is a webhook of any type.
type event struct {
	Type      string    `json:"type"`
	CreatedAt string    `json:"created_at"`
	Data      eventData `json:"data"`
}

type eventData struct {
	EmailID     string       `json:"email_id"`
	MessageID   string       `json:"message_id"`
	From        string       `json:"from"`
	To          []string     `json:"to"`
	CC          []string     `json:"cc"`
	BCC         []string     `json:"bcc"`
	ReceivedFor []string     `json:"received_for"`
	Subject     string       `json:"subject"`
	CreatedAt   string       `json:"created_at"`
	Tags        tags         `json:"tags"`
	Attachments []attachment `json:"attachments"`
	Bounce      struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		SubType string `json:"subType"`
	} `json:"bounce"`
	Failed struct {
		Reason string `json:"reason"`
	} `json:"failed"`
	Suppressed struct {
		Message string `json:"message"`
		Type    string `json:"type"`
	} `json:"suppressed"`
}

type attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	ContentID   string `json:"content_id"`
	DownloadURL string `json:"download_url"`
}

func (a attachment) media() channel.Media {
	return channel.Media{
		URL: a.DownloadURL, ContentType: email.MediaType(a.ContentType), Filename: email.FileName(a.Filename),
		ContentID: email.Bare(a.ContentID),
	}
}

// tags are written as an object in webhooks and as a list elsewhere.
type tags map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (t *tags) UnmarshalJSON(raw []byte) error {
	read := map[string]string{}
	var list []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	switch {
	case json.Unmarshal(raw, &read) == nil:
	case json.Unmarshal(raw, &list) == nil:
		for _, tag := range list {
			read[tag.Name] = tag.Value
		}
	}
	*t = read // tags of another shape are not ours
	return nil
}

// Parse implements channel.Receiver. Events that concern no e-mail are an empty Delivery.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(webhook.Body, &kind); err != nil || kind.Type == "" {
		return channel.Delivery{}, fmt.Errorf("parsing: it is no event: %w", channel.ErrUnparsable)
	}
	if !strings.HasPrefix(kind.Type, "email.") {
		return channel.Delivery{}, nil
	}
	var read event
	if err := json.Unmarshal(webhook.Body, &read); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing %s: %w: %w", kind.Type, channel.ErrUnparsable, err)
	}
	if read.Data.EmailID == "" {
		return channel.Delivery{}, fmt.Errorf("parsing %s: no e-mail is named: %w", kind.Type, channel.ErrUnparsable)
	}
	if read.Type == eventReceived {
		return read.inbound(webhook)
	}
	delivery := channel.Delivery{Receipts: []channel.Receipt{read.receipt(webhook)}}
	delivery.Suppressions = read.suppressions(delivery.Receipts[0])
	return delivery, nil
}

func (e event) inbound(webhook channel.Webhook) (channel.Delivery, error) {
	inbound, ok := e.Data.inbound(timeOf(webhook.ReceivedAt, e.Data.CreatedAt, e.CreatedAt))
	if !ok {
		return channel.Delivery{}, fmt.Errorf("parsing e-mail %s: sender or recipient is missing: %w", e.Data.EmailID, channel.ErrUnparsable)
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

// inbound is a received e-mail as far as webhooks and lists tell it; false when they do not say from whom or to whom.
func (d eventData) inbound(at time.Time) (channel.Inbound, bool) {
	recipients := slices.Concat(d.ReceivedFor, d.To)
	if len(d.ReceivedFor) == 0 {
		recipients = slices.Concat(recipients, d.CC, d.BCC)
	}
	inbound := channel.Inbound{
		Kind: channel.Email, ExternalID: d.EmailID, To: email.Addresses(recipients...), Subject: d.Subject,
		EmailMessageID: email.Bare(d.MessageID), OccurredAt: at,
	}
	inbound.From, inbound.FromName = email.Person(d.From)
	ours := append(email.Addresses(d.ReceivedFor...), inbound.From)
	if len(d.ReceivedFor) == 0 && len(inbound.To) > 0 {
		ours = append(ours, inbound.To[0])
	}
	inbound.Cc = email.Without(email.Addresses(slices.Concat(d.To, d.CC)...), ours...)
	for _, file := range d.Attachments {
		inbound.Media = append(inbound.Media, file.media())
	}
	return inbound, inbound.From != "" && len(inbound.To) > 0
}

// receipt is the news of a message. What happens to a copy is kept and moves nothing.
func (e event) receipt(webhook channel.Webhook) channel.Receipt {
	id, _, _ := signatureHeaders(webhook)
	receipt := channel.Receipt{
		Kind: channel.Email, ExternalID: e.Data.EmailID,
		WorkspaceID: e.Data.Tags[tagWorkspace], MessageID: e.Data.Tags[tagMessage],
		Attempt: channel.ParseAttempt(e.Data.Tags[tagAttempt]),
		Status:  statusOf(e.Type), ProviderStatus: e.Type, Failure: e.failure(),
		OccurredAt:     timeOf(webhook.ReceivedAt, e.CreatedAt, e.Data.CreatedAt),
		EmailMessageID: email.Bare(e.Data.MessageID),
		DedupeKey:      cmp.Or(id, e.Data.EmailID+"/"+e.Type+"/"+e.CreatedAt),
	}
	receipt.From, _ = email.Person(e.Data.From)
	if e.ofAnother() {
		receipt.Status, receipt.Failure = "", nil
	}
	return receipt
}

func statusOf(eventType string) channel.Status {
	return map[string]channel.Status{
		"email.scheduled": channel.Queued, "email.queued": channel.Queued, "email.sent": channel.Sent,
		"email.delivery_delayed": channel.Sending, "email.delivered": channel.Delivered,
		eventBounced: channel.Bounced, eventComplained: channel.Complained,
		"email.opened": channel.Opened, "email.clicked": channel.Clicked,
		"email.failed": channel.Failed, "email.suppressed": channel.Failed, "email.canceled": channel.Canceled,
	}[eventType]
}

func (e event) failure() *channel.Failure {
	switch e.Type {
	case eventBounced:
		code := strings.Trim(e.Data.Bounce.Type+"/"+e.Data.Bounce.SubType, "/")
		if strings.EqualFold(e.Data.Bounce.SubType, subTypeSuppressed) {
			return channel.NewFailure(channel.CodeSuppressed, code, e.Data.Bounce.Message)
		}
		failure := channel.NewFailure(channel.CodeBounced, code, e.Data.Bounce.Message)
		failure.Retryable = e.Data.Bounce.Type != "" && e.Data.Bounce.Type != bouncePermanent
		return failure
	case eventComplained:
		return channel.NewFailure(channel.CodeComplained, "", "")
	case "email.failed":
		reason := e.Data.Failed.Reason
		if !strings.Contains(reason, " ") {
			return channel.NewFailure(failedCode(reason), reason, "") // a code, and no words for a person
		}
		return channel.NewFailure(channel.CodeProviderFailed, reason, reason)
	case "email.suppressed":
		return channel.NewFailure(channel.CodeSuppressed, e.Data.Suppressed.Type, e.Data.Suppressed.Message)
	default:
		return nil
	}
}

// failedCode reads the provider's reason for a mail that it took and did not send.
func failedCode(reason string) string {
	if strings.Contains(reason, "quota") {
		return channel.CodeQuotaExceeded
	}
	return channel.CodeProviderFailed
}

func timeOf(otherwise time.Time, texts ...string) time.Time {
	for _, text := range texts {
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05.999999999Z07"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC()
			}
		}
	}
	return otherwise
}
