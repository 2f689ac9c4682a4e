package sendgrid

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// event is one event of many; its fields are raw because some are numbers once and texts another time.
type event map[string]json.RawMessage

// text is a field as text, empty when it is missing or no simple value.
func (e event) text(field string) string { return textOf(e[field]) }

// textOf reads a JSON text, number or truth value.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	var truth bool
	if json.Unmarshal(raw, &truth) == nil {
		return strconv.FormatBool(truth)
	}
	return ""
}

// events reads a list of events, which may be of several workspaces.
func events(webhook channel.Webhook) (channel.Delivery, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(webhook.Body, &list); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing: it is no list of events: %w: %w", channel.ErrUnparsable, err)
	}
	if len(list) == 0 {
		return channel.Delivery{}, fmt.Errorf("parsing: there is no event: %w", channel.ErrUnparsable)
	}
	var delivery channel.Delivery
	for _, part := range list {
		var one event
		if err := json.Unmarshal(part, &one); err != nil {
			return channel.Delivery{}, fmt.Errorf("parsing: it is no list of events: %w: %w", channel.ErrUnparsable, err)
		}
		word := one.text("event")
		if word == "" {
			return channel.Delivery{}, fmt.Errorf("parsing: an event does not say what it is: %w", channel.ErrUnparsable)
		}
		if !concernsNoMessage(word) {
			receipt := one.receipt(word, webhook)
			receipt.Part = part // the other events may be another workspace's
			delivery.Receipts = append(delivery.Receipts, receipt)
		}
		if suppression, ok := one.suppression(word, webhook, part); ok {
			delivery.Suppressions = append(delivery.Suppressions, suppression)
		}
	}
	return delivery, nil
}

// concernsNoMessage tells the events about a recipient's wishes or the account itself.
func concernsNoMessage(word string) bool {
	switch word {
	case "unsubscribe", "group_unsubscribe", "group_resubscribe", "account_status_change":
		return true
	default:
		return false
	}
}

// receipt is the news of a message. What happens to a copy is kept and moves nothing.
func (e event) receipt(word string, webhook channel.Webhook) channel.Receipt {
	receipt := channel.Receipt{
		Kind: channel.Email, ExternalID: e.externalID(),
		WorkspaceID: e.text(argWorkspace), MessageID: e.text(argMessage),
		Attempt: channel.ParseAttempt(e.text(argAttempt)),
		Status:  statusOf(word), ProviderStatus: word, Failure: e.failure(word),
		OccurredAt: e.occurredAt(webhook), EmailMessageID: email.Bare(e.text("smtp-id")), DedupeKey: e.key(word),
	}
	if e.ofAnother() {
		receipt.Status, receipt.Failure = "", nil
	}
	switch {
	case word == "bounce" && e.text("type") != "":
		receipt.ProviderStatus += "/" + e.text("type")
	case word == "open" && e.text("sg_machine_open") == "true":
		receipt.ProviderStatus += "/machine"
	}
	return receipt
}

// key names the fact.
func (e event) key(word string) string {
	return cmp.Or(e.text("sg_event_id"), e.externalID()+"/"+word+"/"+e.text("timestamp"))
}

func (e event) occurredAt(webhook channel.Webhook) time.Time {
	seconds, err := strconv.ParseInt(e.text("timestamp"), 10, 64)
	if err != nil || seconds <= 0 || seconds >= maxSeconds {
		return webhook.ReceivedAt
	}
	return time.Unix(seconds, 0).UTC()
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253_402_300_800

// externalID is the id the send was accepted under. It begins the id in the event, and is the local part of the
// Message-ID; a late bounce may have the one, the other or neither. An event that has none is named by its own id: it
// finds no message, and does not keep the others from finding theirs.
func (e event) externalID() string {
	whole := e.text("sg_message_id")
	local, _, _ := strings.Cut(email.Bare(e.text("smtp-id")), "@")
	if whole == "" {
		return cmp.Or(local, "event-"+cmp.Or(e.text("sg_event_id"), "unknown"))
	}
	if local != "" && strings.HasPrefix(whole, local+".") {
		return local
	}
	for _, mark := range []string{".filter", ".recvd"} {
		if id, _, found := strings.Cut(whole, mark); found && id != "" {
			return id
		}
	}
	return whole
}

func statusOf(word string) channel.Status {
	return map[string]channel.Status{
		"processed": channel.Sent, "deferred": channel.Sending, "delivered": channel.Delivered,
		"bounce": channel.Bounced, "dropped": channel.Failed, "open": channel.Opened, "click": channel.Clicked,
		"spamreport": channel.Complained,
	}[word]
}

func (e event) failure(word string) *channel.Failure {
	reason := e.text("reason")
	switch word {
	case "bounce":
		failure := channel.NewFailure(channel.CodeBounced, e.text("status"), reason)
		failure.Retryable = e.text("type") == "blocked"
		return failure
	case "dropped":
		return channel.NewFailure(dropped(reason), reason, reason)
	case "spamreport":
		return channel.NewFailure(channel.CodeComplained, "", "")
	default:
		return nil
	}
}

// dropped tells why the provider did not even try.
func dropped(reason string) string {
	for _, known := range []struct{ part, code string }{
		{"unsubscribed", channel.CodeOptedOut},
		{"bounced", channel.CodeSuppressed},
		{"spam reporting", channel.CodeSuppressed},
		{"spam content", channel.CodeFiltered},
		{"quota", channel.CodeQuotaExceeded},
		{"invalid smtpapi", channel.CodeRefused},
		{"invalid", channel.CodeInvalidRecipient},
	} {
		if containsFold(reason, known.part) {
			return known.code
		}
	}
	return channel.CodeProviderFailed
}

func containsFold(text, part string) bool { return strings.Contains(strings.ToLower(text), part) }
