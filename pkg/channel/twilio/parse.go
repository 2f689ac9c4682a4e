package twilio

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxMedia bounds the files of one message; the provider allows ten.
const maxMedia = 32

// prefixWhatsApp is what WhatsApp's addresses begin with.
const prefixWhatsApp = "whatsapp"

// Parse implements channel.Receiver. A webhook about a call, and for now a message of another channel than SMS, is an
// empty Delivery; the news of a message is read on every channel.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	form := strings.TrimSpace(string(webhook.Body))
	if webhook.Method == http.MethodGet {
		at, _, _ := strings.Cut(webhook.URL, "#")
		_, form, _ = strings.Cut(at, "?")
	}
	fields := map[string]string{}
	for _, p := range readPairs(form) {
		if _, repeated := fields[p.name]; !repeated {
			fields[p.name] = strings.ToValidUTF8(p.value, "\uFFFD")
		}
	}
	id := firstOf(fields, "MessageSid", "SmsSid", "SmsMessageSid")
	status := firstOf(fields, "MessageStatus", "SmsStatus", "EventType")
	switch {
	case id == "" && firstOf(fields, "CallSid", "RecordingSid", "TranscriptionSid", "ConferenceSid") != "":
		return channel.Delivery{}, nil
	case id == "":
		return channel.Delivery{}, fmt.Errorf("parsing: no message is named: %w", channel.ErrUnparsable)
	case strings.EqualFold(status, wordReceiving):
		return channel.Delivery{}, nil
	case status == "" || strings.EqualFold(status, wordReceived):
		return parseInbound(webhook, fields, id)
	default:
		return channel.Delivery{Receipts: []channel.Receipt{readReceipt(webhook, fields, id, status)}}, nil
	}
}

func parseInbound(webhook channel.Webhook, fields map[string]string, id string) (channel.Delivery, error) {
	if fields["From"] == "" || fields["To"] == "" {
		return channel.Delivery{}, fmt.Errorf("parsing message %s: sender or recipient is missing: %w", id, channel.ErrUnparsable)
	}
	if kindOf(fields) != channel.SMS {
		return channel.Delivery{}, nil
	}
	inbound := channel.Inbound{
		Kind: channel.SMS, ExternalID: id, Account: fields["AccountSid"],
		From: phone(fields["From"]), To: []string{phone(fields["To"])},
		Body: fields["Body"], OccurredAt: webhook.ReceivedAt, OptOut: fields["OptOutType"],
	}
	for i := range maxMedia {
		n := strconv.Itoa(i)
		if at := fields["MediaUrl"+n]; at != "" {
			inbound.Media = append(inbound.Media, channel.Media{URL: at, ContentType: fields["MediaContentType"+n]})
		}
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

// readReceipt reads the news of a message; our ids are in the query of the URL it came to.
func readReceipt(webhook channel.Webhook, fields map[string]string, id, status string) channel.Receipt {
	known, _ := statusOf(status)
	receipt := channel.Receipt{
		Kind: kindOf(fields), ExternalID: id, Account: fields["AccountSid"], From: phone(bare(fields["From"])),
		Status: known, ProviderStatus: status, OccurredAt: webhook.ReceivedAt, DedupeKey: id + "/" + status,
	}
	text := firstOf(fields, "ErrorMessage", "ChannelStatusMessage")
	if strings.EqualFold(status, wordCanceled) {
		text = cmp.Or(text, "The message was canceled at Twilio before it was sent.")
	}
	receipt.Failure = failureOf(known, fields["ErrorCode"], text)
	channel.ParseCallbackQuery(webhook.URL, &receipt)
	return receipt
}

// kindOf is the channel of a message by the prefix of its addresses.
func kindOf(fields map[string]string) channel.Kind {
	for _, name := range []string{"From", "To"} {
		if prefix, _, ok := strings.Cut(fields[name], ":"); ok && strings.EqualFold(prefix, prefixWhatsApp) {
			return channel.WhatsApp
		}
	}
	return channel.SMS
}

// bare is an address without the prefix of its channel.
func bare(address string) string {
	if prefix, rest, ok := strings.Cut(address, ":"); ok && strings.EqualFold(prefix, prefixWhatsApp) {
		return rest
	}
	return address
}

func firstOf(fields map[string]string, names ...string) string {
	for _, name := range names {
		if fields[name] != "" {
			return fields[name]
		}
	}
	return ""
}

// phone writes a number in the one form; a short code or a name stays as it came.
func phone(text string) string {
	if number, err := channel.NormalizeAddress(channel.SMS, text); err == nil {
		return number
	}
	return text
}
