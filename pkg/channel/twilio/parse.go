package twilio

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// Parse implements channel.Receiver.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	form := strings.TrimSpace(string(webhook.Body))
	if webhook.Method == http.MethodGet {
		at, _, _ := strings.Cut(webhook.URL, "#")
		_, form, _ = strings.Cut(at, "?")
	}
	fields := channel.FormFields(form)
	id := channel.FirstField(fields, "MessageSid", "SmsSid", "SmsMessageSid")
	status := channel.FirstField(fields, "MessageStatus", "SmsStatus", "EventType")
	switch {
	case id == "" && telephony.IsAboutCall(fields):
		return vendor().ParseCall(webhook, fields)
	case id == "" && fields["ConferenceSid"] != "":
		return channel.Delivery{}, nil
	case id == "":
		return channel.Delivery{}, fmt.Errorf("parsing: no message is named: %w", channel.ErrUnparsable)
	case strings.EqualFold(status, wordReceiving):
		return channel.Delivery{}, nil
	case status == "" || strings.EqualFold(status, wordReceived):
		return parseInbound(fields, id)
	default:
		return channel.Delivery{Receipts: []channel.Receipt{readReceipt(webhook, fields, id, status)}}, nil
	}
}

// readReceipt reads the news of a message; our ids are in the query of the URL it came to.
func readReceipt(webhook channel.Webhook, fields map[string]string, id, status string) channel.Receipt {
	kind := telephony.KindOf(fields["From"], fields["To"])
	receipt := receiptOf(kind, id, status, fields["ErrorCode"], channel.FirstField(fields, "ErrorMessage", "ChannelStatusMessage"))
	receipt.Account, receipt.From = fields["AccountSid"], telephony.Plain(kind, fields["From"])
	receipt.OccurredAt, receipt.Segments = webhook.ReceivedAt, telephony.Segments(kind, fields["NumSegments"])
	channel.ParseCallbackQuery(webhook.URL, &receipt)
	return receipt
}

// receiptOf is the news of a message by the provider's word for its state, from a webhook or a list.
func receiptOf(kind channel.Kind, id, status, code, text string) channel.Receipt {
	if strings.EqualFold(status, wordCanceled) {
		text = cmp.Or(text, "The message was canceled at Twilio before it was sent.")
	}
	return vendor().Receipt(kind, id, status, code, text)
}
