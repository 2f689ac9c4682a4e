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
	"github.com/galaxyco-ai/conversations/pkg/email"
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
	StrippedTextReply string
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
	if err := read.sound(); err != nil {
		return channel.Delivery{}, err
	}
	return channel.Delivery{Inbound: []channel.Inbound{read.inbound(webhook.ReceivedAt)}}, nil
}

// sound tells what no message is without.
func (r received) sound() error {
	from, _ := r.sender()
	switch {
	case r.MessageID == "" || from == "" || len(r.recipients()) == 0:
		return fmt.Errorf("parsing a message: id, sender or recipient is missing: %w", channel.ErrUnparsable)
	case len(r.Attachments) > email.MaxParts:
		return fmt.Errorf("parsing a message: %w: %w", email.ErrTooManyParts, channel.ErrUnparsable)
	default:
		return nil
	}
}

func (r received) inbound(receivedAt time.Time) channel.Inbound {
	head := r.head()
	inbound := channel.Inbound{
		Kind: channel.Email, ExternalID: r.MessageID, To: r.recipients(), Subject: r.Subject,
		Body: r.TextBody, HTML: r.HTMLBody, OccurredAt: r.writtenAt(receivedAt), Automatic: email.Automatic(head),
		EmailMessageID: email.MessageID(head.Get("Message-ID")), InReplyTo: email.MessageID(head.Get("In-Reply-To")),
		References: email.MessageIDs(head.All("References")),
	}
	inbound.From, inbound.FromName = r.sender()
	var written []string
	for _, listed := range slices.Concat(r.ToFull, r.CcFull) {
		written = append(written, listed.Email)
	}
	inbound.Cc = email.Without(email.Addresses(written...), append(email.Addresses(r.routes()...), inbound.From)...)
	if reply := strings.TrimSpace(r.StrippedTextReply); reply != "" && reply != strings.TrimSpace(r.TextBody) {
		inbound.ReplyBody = r.StrippedTextReply
	}
	for _, file := range r.Attachments {
		inbound.Media = append(inbound.Media, file.media())
	}
	return inbound
}

func (r received) sender() (address, fullName string) {
	address, fullName = email.Person(cmp.Or(r.FromFull.Email, r.From))
	return address, cmp.Or(r.FromFull.Name, r.FromName, fullName)
}

// head is the header as all e-mail has it.
func (r received) head() email.Header {
	head := email.Header{}
	for _, listed := range r.Headers {
		head.Add(listed.Name, listed.Value)
	}
	return head
}

// routes are the address the message came for, and that address with the hash the provider found behind its plus sign, in
// case a forwarding dropped it.
func (r received) routes() []string {
	local, domain, ok := strings.Cut(r.OriginalRecipient, "@")
	if ok && r.MailboxHash != "" && !strings.Contains(local, "+") {
		return []string{r.OriginalRecipient, local + "+" + r.MailboxHash + "@" + domain}
	}
	return []string{r.OriginalRecipient}
}

// recipients are the addresses the message came for, then those of the header.
func (r received) recipients() []string {
	all := r.routes()
	for _, listed := range slices.Concat(r.ToFull, r.CcFull, r.BccFull) {
		all = append(all, listed.Email)
	}
	return email.Addresses(all...)
}

// writtenAt is the date of the message as far as it is likely.
func (r received) writtenAt(receivedAt time.Time) time.Time {
	at, err := parseDate(r.Date)
	if err != nil || at.After(receivedAt) || at.Before(receivedAt.Add(-oldest)) {
		return receivedAt
	}
	return at.UTC()
}

// media is the file itself: it came with the webhook and is to be had nowhere else.
func (a attachment) media() channel.Media {
	file := channel.Media{
		Filename: email.FileName(a.Name), ContentType: email.MediaType(a.ContentType),
		ContentID: email.Bare(strings.TrimPrefix(a.ContentID, "cid:")),
	}
	if content, err := base64.StdEncoding.DecodeString(a.Content); err == nil {
		file.Content = content
	} else if content, ok := email.FromBase64([]byte(a.Content)); ok {
		file.Content = content
	}
	return file
}

// parseDate reads the date of a message; its list writes it in a form of its own.
func parseDate(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return mail.ParseDate(text) //nolint:wrapcheck // the caller asks whether it is one, not why it is none
}
