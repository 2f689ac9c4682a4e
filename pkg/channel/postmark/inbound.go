package postmark

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// oldest is how long ago the sender of a message may say that it was written; the date is in the sender's hand.
const oldest = 7 * 24 * time.Hour

// received is an inbound message. The provider's id is MessageID, that on the wire is among the headers.
type received struct {
	MessageID         string
	From, FromName    string
	FromFull          mailbox
	ToFull            []mailbox
	CcFull            []mailbox
	BccFull           []mailbox
	OriginalRecipient string
	MailboxHash       string
	Subject           string
	Date              string
	TextBody          string
	HTMLBody          string `json:"HtmlBody"`
	Headers           []header
	Attachments       []attachment
}

type mailbox struct{ Email, Name string }

type attachment struct{ Name, Content, ContentType, ContentID string }

func parseInbound(webhook channel.Webhook) (channel.Delivery, error) {
	var read received
	if err := json.Unmarshal(webhook.Body, &read); err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing a message: %w: %w", channel.ErrUnparsable, err)
	}
	inbound := channel.Inbound{
		Kind: channel.Email, ExternalID: read.MessageID, To: read.recipients(), Subject: read.Subject,
		Body: read.TextBody, HTML: read.HTMLBody, OccurredAt: read.writtenAt(webhook.ReceivedAt),
	}
	inbound.From, inbound.FromName = person(cmp.Or(read.FromFull.Email, read.From), cmp.Or(read.FromFull.Name, read.FromName))
	if inbound.ExternalID == "" || inbound.From == "" || len(inbound.To) == 0 {
		return channel.Delivery{}, fmt.Errorf("parsing a message: id, sender or recipient is missing: %w", channel.ErrUnparsable)
	}
	if ids := messageIDs(read.header("Message-ID")); len(ids) > 0 {
		inbound.EmailMessageID = ids[0]
	}
	if parents := messageIDs(read.header("In-Reply-To")); len(parents) > 0 {
		inbound.InReplyTo = parents[0]
	}
	inbound.References = messageIDs(read.header("References"))
	for _, file := range read.Attachments {
		inbound.Media = append(inbound.Media, file.media())
	}
	return channel.Delivery{Inbound: []channel.Inbound{inbound}}, nil
}

// recipients are the address the message came for, then that address with the hash the provider found behind its
// plus sign, in case a forwarding dropped it, then those of the header.
func (r received) recipients() []string {
	all := []string{r.OriginalRecipient}
	local, domain, ok := strings.Cut(r.OriginalRecipient, "@")
	if ok && r.MailboxHash != "" && !strings.Contains(local, "+") {
		all = append(all, local+"+"+r.MailboxHash+"@"+domain)
	}
	for _, listed := range slices.Concat(r.ToFull, r.CcFull, r.BccFull) {
		all = append(all, listed.Email)
	}
	var addresses []string
	for _, text := range all {
		if address, _ := person(text, ""); address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// writtenAt is the date of the message as far as it is likely.
func (r received) writtenAt(receivedAt time.Time) time.Time {
	at, err := mail.ParseDate(r.Date)
	if err != nil || at.After(receivedAt) || at.Before(receivedAt.Add(-oldest)) {
		return receivedAt
	}
	return at.UTC()
}

// header is one header as text; a repeated one is joined.
func (r received) header(wanted string) string {
	var values []string
	for _, listed := range r.Headers {
		if strings.EqualFold(listed.Name, wanted) {
			values = append(values, listed.Value)
		}
	}
	return strings.Join(values, " ")
}

// media is the file itself: it came with the webhook and is to be had nowhere else.
func (a attachment) media() channel.Media {
	file := channel.Media{Filename: a.Name, ContentType: a.ContentType, ContentID: strings.Trim(strings.TrimPrefix(a.ContentID, "cid:"), "<>")}
	if content, err := base64.StdEncoding.DecodeString(a.Content); err == nil {
		file.Content = content
	}
	return file
}

// person splits "Ana <ana@example.com>"; an address that is none stays as it came.
func person(text, otherwise string) (address, fullName string) {
	fullName = otherwise
	if parsed, err := mail.ParseAddress(text); err == nil {
		fullName = cmp.Or(fullName, parsed.Name)
	}
	if address, err := channel.NormalizeAddress(channel.Email, text); err == nil {
		return address, fullName
	}
	return strings.TrimSpace(text), fullName
}

// messageIDs takes a header of message ids apart.
func messageIDs(header string) []string {
	return strings.FieldsFunc(header, func(r rune) bool { return strings.ContainsRune(" \t\r\n,<>", r) })
}
