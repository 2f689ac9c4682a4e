package signalwire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// Parse implements channel.Receiver. It reads the form and JSON payloads of the compatibility API and the JSON
// payloads of the REST API.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	body := bytes.TrimSpace(webhook.Body)
	if bytes.HasPrefix(body, []byte("{")) {
		return parseJSON(webhook, body)
	}
	form := string(body)
	if webhook.Method == http.MethodGet {
		_, query, _ := strings.Cut(webhook.URL, "?")
		form, _, _ = strings.Cut(query, "#")
	}
	fields := channel.FormFields(form)
	return parseFields(webhook, fields)
}

// parseFields reads a webhook of the compatibility API.
func parseFields(webhook channel.Webhook, fields map[string]string) (channel.Delivery, error) {
	id, status := channel.FirstField(fields, "MessageSid", "SmsSid", "SmsMessageSid"), channel.FirstField(fields, "MessageStatus", "SmsStatus")
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
		return parseInboundFields(fields, id)
	}
	receipt := newReceipt(webhook, id, status, fields["ErrorCode"], fields["ErrorMessage"])
	receipt.Account, receipt.From = fields["AccountSid"], telephony.Phone(fields["From"])
	receipt.Segments = telephony.Segments(channel.SMS, fields["NumSegments"])
	return channel.Delivery{Receipts: []channel.Receipt{receipt}}, nil
}

// parseInboundFields reads a customer's message. When it was written is not told; see WrittenAt.
func parseInboundFields(fields map[string]string, id string) (channel.Delivery, error) {
	from, to := telephony.Phone(fields["From"]), telephony.Phone(fields["To"])
	if from == "" || to == "" {
		return channel.Delivery{}, fmt.Errorf("parsing message %s: sender or recipient is missing: %w", id, channel.ErrUnparsable)
	}
	inbound := channel.Inbound{
		Kind: channel.SMS, ExternalID: id, Account: fields["AccountSid"], From: from, To: []string{to},
		Body: fields["Body"], Media: telephony.MediaOf(fields),
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

// newReceipt reads what every status webhook has in common; our ids are in the query of the URL it came to.
func newReceipt(webhook channel.Webhook, id, status, code, text string) channel.Receipt {
	receipt := vendor().Receipt(channel.SMS, id, status, code, text)
	receipt.OccurredAt = webhook.ReceivedAt
	channel.ParseCallbackQuery(webhook.URL, &receipt)
	return receipt
}

// restWebhook is every JSON payload: a status of the REST API, an inbound message of a number with a SWML resource,
// and the sign of a call.
type restWebhook struct {
	ID           string                    `json:"id"`
	Account      string                    `json:"project_id"`
	Status       string                    `json:"status"`
	Direction    string                    `json:"direction"`
	From         string                    `json:"from"`
	To           string                    `json:"to"`
	Kind         string                    `json:"kind"`
	Body         said                      `json:"body"`
	ErrorCode    channel.Scalar            `json:"error_code"`
	ErrorMessage string                    `json:"error_message"`
	Timestamp    string                    `json:"timestamp"`
	Ours         map[string]channel.Scalar `json:"custom_variables"`
	Media        []restMedia               `json:"media"`
	Message      *restInbound              `json:"message"`
	Call         json.RawMessage           `json:"call"`
	CallID       string                    `json:"call_id"`
	Event        string                    `json:"event"`
	EventType    string                    `json:"event_type"`
	Params       json.RawMessage           `json:"params"`
}

type restInbound struct {
	ID        string      `json:"message_id"`
	Account   string      `json:"project_id"`
	From      string      `json:"from"`
	To        string      `json:"to"`
	Kind      string      `json:"kind"`
	Body      said        `json:"body"`
	Media     []restMedia `json:"media"`
	Timestamp string      `json:"timestamp"`
}

type restMedia struct {
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
}

func parseJSON(webhook channel.Webhook, body []byte) (channel.Delivery, error) {
	if fields, ok := compatFields(body); ok {
		return parseFields(webhook, fields)
	}
	var payload restWebhook
	if err := json.Unmarshal(body, &payload); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing: %w: %w", channel.ErrUnparsable, err)
	}
	switch {
	case payload.Message != nil:
		return payload.Message.read()
	case payload.ID != "" && payload.Status != "":
		return payload.read(webhook)
	case len(payload.Call) > 0, payload.CallID != "", strings.HasPrefix(payload.Event+payload.EventType, "call"):
		return channel.Delivery{}, nil
	default:
		return channel.Delivery{}, fmt.Errorf("parsing: no message is named: %w", channel.ErrUnparsable)
	}
}

// compatFields reads the compatibility API's fields written as JSON; ok is false when the payload has none of them.
func compatFields(body []byte) (fields map[string]string, ok bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		return nil, false
	}
	fields = make(map[string]string, len(raw))
	for key, value := range raw {
		var text channel.Scalar
		if value[0] != '{' && value[0] != '[' && json.Unmarshal(value, &text) == nil {
			fields[key] = string(text)
		}
	}
	return fields, channel.FirstField(fields, "MessageSid", "SmsSid", "CallSid", "RecordingSid", "TranscriptionSid") != ""
}

func (m *restInbound) read() (channel.Delivery, error) {
	kind := kindOf(m.Kind, m.From, m.To)
	from, to := telephony.Plain(kind, m.From), telephony.Plain(kind, m.To)
	if m.ID == "" || from == "" || to == "" {
		return channel.Delivery{}, fmt.Errorf("parsing message %q: id, sender or recipient is missing: %w", m.ID, channel.ErrUnparsable)
	}
	inbound := channel.Inbound{
		Kind: kind, ExternalID: m.ID, Account: m.Account, From: from, To: []string{to},
		Body: string(m.Body), OccurredAt: timeOf(m.Timestamp, time.Time{}),
	}
	for _, file := range m.Media[:min(len(m.Media), telephony.MaxMedia)] {
		inbound.Media = append(inbound.Media, channel.Media{URL: file.URL, ContentType: file.ContentType})
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

func (p restWebhook) read(webhook channel.Webhook) (channel.Delivery, error) {
	switch strings.ToLower(p.Status) {
	case wordReceiving:
		return channel.Delivery{}, nil
	case wordReceived:
		return (&restInbound{
			ID: p.ID, Account: p.Account, From: p.From, To: p.To, Kind: p.Kind, Body: p.Body, Media: p.Media, Timestamp: p.Timestamp,
		}).read()
	}
	receipt := newReceipt(webhook, p.ID, p.Status, string(p.ErrorCode), p.ErrorMessage)
	receipt.Kind = kindOf(p.Kind, p.From, p.To)
	receipt.Account, receipt.From = p.Account, telephony.Plain(receipt.Kind, p.From)
	receipt.OccurredAt = timeOf(p.Timestamp, webhook.ReceivedAt)
	if receipt.MessageID == "" {
		receipt.WorkspaceID, receipt.MessageID = string(p.Ours["workspace_id"]), string(p.Ours["message_id"])
		receipt.Attempt = channel.ParseAttempt(string(p.Ours["attempt"]))
	}
	return channel.Delivery{Receipts: []channel.Receipt{receipt}}, nil
}

func timeOf(text string, otherwise time.Time) time.Time {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return otherwise
}
