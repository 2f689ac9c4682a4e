package meta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// objectWhatsApp is what a webhook of this channel is about.
const objectWhatsApp = "whatsapp_business_account"

// envelope is every webhook of the vendor.
type envelope struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
}

// entry is the news of one account.
type entry struct {
	Account channel.Scalar `json:"id"`
	Changes []change       `json:"changes"`
}

type change struct {
	Field string `json:"field"`
	Value value  `json:"value"`
}

// value is the news of one number of the account. Its lists are read one by one, so that what is odd about one does
// not spoil the others.
type value struct {
	Metadata struct {
		Display string         `json:"display_phone_number"`
		PhoneID channel.Scalar `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts    []contact         `json:"contacts"`
	Messages    []json.RawMessage `json:"messages"`
	Statuses    []json.RawMessage `json:"statuses"`
	Preferences []json.RawMessage `json:"user_preferences"`
}

// contact is a customer of whom the value tells. Who goes by a name has no number, only a business-scoped id.
type contact struct {
	Profile struct {
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"profile"`
	Phone  channel.Scalar `json:"wa_id"`
	Scoped channel.Scalar `json:"user_id"`
}

// problem is an error as the vendor tells it in a webhook.
type problem struct {
	Code    channel.Scalar `json:"code"`
	Title   string         `json:"title"`
	Message string         `json:"message"`
	Data    struct {
		Details string `json:"details"`
	} `json:"error_data"`
}

// Parse implements channel.Receiver. What is no news of a message, on whatever channel, is an empty Delivery.
func (c *connection) Parse(webhook channel.Webhook) (channel.Delivery, error) {
	envelopes, err := readEnvelopes(webhook.Body)
	if err != nil {
		return channel.Delivery{}, err
	}
	delivery := channel.Delivery{}
	for _, one := range envelopes {
		if one.Object != objectWhatsApp {
			continue
		}
		for _, told := range one.Entry {
			for _, changed := range told.Changes {
				read(&delivery, source{account: string(told.Account), value: changed.Value, at: webhook.ReceivedAt})
			}
		}
	}
	return whole(delivery), nil
}

// whole takes the part away from what is all that a webhook tells.
func whole(delivery channel.Delivery) channel.Delivery {
	if len(delivery.Inbound)+len(delivery.Receipts)+len(delivery.Suppressions) > 1 {
		return delivery
	}
	for i := range delivery.Inbound {
		delivery.Inbound[i].Part = nil
	}
	for i := range delivery.Receipts {
		delivery.Receipts[i].Part = nil
	}
	for i := range delivery.Suppressions {
		delivery.Suppressions[i].Part = nil
	}
	return delivery
}

// readEnvelopes reads a webhook, which may come as a list.
func readEnvelopes(body []byte) ([]envelope, error) {
	var envelopes []envelope
	var err error
	if body = bytes.TrimSpace(body); bytes.HasPrefix(body, []byte("[")) {
		err = json.Unmarshal(body, &envelopes)
	} else {
		envelopes = make([]envelope, 1)
		err = json.Unmarshal(body, &envelopes[0])
	}
	if err != nil {
		return nil, fmt.Errorf("parsing: %w: %w", channel.ErrUnparsable, err)
	}
	for _, one := range envelopes {
		if one.Object == "" {
			return nil, fmt.Errorf("parsing: it is about nothing: %w", channel.ErrUnparsable)
		}
	}
	if len(envelopes) == 0 {
		return nil, fmt.Errorf("parsing: it is empty: %w", channel.ErrUnparsable)
	}
	return envelopes, nil
}

// source is where a piece of news stands.
type source struct {
	account string
	value   value
	at      time.Time // when the webhook came
}

// number is our address the news is about.
func (s source) number() string {
	if s.value.Metadata.Display == "" {
		return string(s.value.Metadata.PhoneID)
	}
	return plainNumber(s.value.Metadata.Display)
}

func read(delivery *channel.Delivery, from source) {
	for _, raw := range from.value.Messages {
		delivery.Inbound = append(delivery.Inbound, inboundOf(from, raw))
	}
	for _, raw := range from.value.Statuses {
		delivery.Receipts = append(delivery.Receipts, receiptOf(from, raw))
	}
	for _, raw := range from.value.Preferences {
		delivery.Suppressions = append(delivery.Suppressions, suppressionsOf(from, raw)...)
	}
}

// receiptOf reads the news of a message of ours. What cannot be read names no message.
func receiptOf(from source, raw json.RawMessage) channel.Receipt {
	var told struct {
		ID     string         `json:"id"`
		Status string         `json:"status"`
		At     channel.Scalar `json:"timestamp"`
		Ours   string         `json:"biz_opaque_callback_data"`
		Errors []problem      `json:"errors"`
	}
	if json.Unmarshal(raw, &told) != nil {
		return channel.Receipt{Kind: channel.WhatsApp, Part: raw}
	}
	known, _ := statusOf(told.Status)
	receipt := channel.Receipt{
		Kind: channel.WhatsApp, ExternalID: told.ID, Account: from.account, From: from.number(),
		Status: known, ProviderStatus: told.Status, OccurredAt: timeOf(told.At, from.at),
		DedupeKey: told.ID + "/" + told.Status, Part: raw,
	}
	if known == channel.Failed {
		receipt.Failure = failureOf(told.Errors)
	}
	readOurs(told.Ours, &receipt)
	return receipt
}

// readOurs reads what we gave a message to carry back; a text that is none of ours is taken for an id.
func readOurs(text string, receipt *channel.Receipt) {
	channel.ParseCallbackQuery("?"+text, receipt)
	if receipt.MessageID == "" {
		receipt.MessageID = text
	}
}

// suppressionsOf reads what a customer wants to receive, for each address of the customer.
func suppressionsOf(from source, raw json.RawMessage) []channel.Suppression {
	var told struct {
		Phone  channel.Scalar `json:"wa_id"`
		Scoped channel.Scalar `json:"user_id"`
		Detail string         `json:"detail"`
		Value  string         `json:"value"`
		At     channel.Scalar `json:"timestamp"`
	}
	if json.Unmarshal(raw, &told) != nil || (told.Value != "stop" && told.Value != "resume") {
		return nil
	}
	var suppressions []channel.Suppression
	for _, address := range addressesOf(told.Phone, told.Scoped) {
		suppressions = append(suppressions, channel.Suppression{
			Kind: channel.WhatsApp, Address: address, From: from.number(), Account: from.account,
			OptedOut: told.Value == "stop", Source: channel.SourceUnsubscribe, Reason: told.Detail,
			OccurredAt: timeOf(told.At, from.at), DedupeKey: "preference/" + address + "/" + told.Value + "/" + string(told.At), Part: raw,
		})
	}
	return suppressions
}

// addressesOf are the addresses of a customer, the one that stays the same first: the business-scoped id.
func addressesOf(phone, scoped channel.Scalar) []string {
	var addresses []string
	if scoped != "" {
		addresses = append(addresses, string(scoped))
	}
	if phone != "" {
		addresses = append(addresses, plainNumber(string(phone)))
	}
	return addresses
}

// timeOf reads seconds since 1970.
func timeOf(text channel.Scalar, otherwise time.Time) time.Time {
	const latest = 1 << 40 // in the year 36812
	seconds, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || seconds <= 0 || seconds > latest {
		return otherwise
	}
	return time.Unix(seconds, 0).UTC()
}
