package resend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"strconv"
	"strings"

	sdk "github.com/resend/resend-go/v2"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// noSubject and noText stand where a message has no subject and no text: the API takes none without.
const (
	noSubject = "(no subject)"
	noText    = " "
)

// Tags carry our ids through the provider and back.
const (
	tagWorkspace = "workspace_id"
	tagMessage   = "message_id"
	tagAttempt   = "attempt"
	// tagRecipient marks the one recipient whose events are the message's.
	tagRecipient = "recipient"
)

// letter is a request to send. It is our own, because the SDK writes the bytes of a file as a list of numbers, four times
// their size.
type letter struct {
	From        string            `json:"from"`
	To          []string          `json:"to"`
	CC          []string          `json:"cc,omitempty"`
	BCC         []string          `json:"bcc,omitempty"`
	Subject     string            `json:"subject"`
	ReplyTo     string            `json:"reply_to,omitempty"`
	Text        string            `json:"text,omitempty"`
	HTML        string            `json:"html,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	Attachments []attached        `json:"attachments,omitempty"`
	Tags        []sdk.Tag         `json:"tags"`
}

// attached is a file of a request to send.
type attached struct {
	Filename    string `json:"filename"`
	Content     string `json:"content"`
	ContentType string `json:"content_type,omitempty"`
	ContentID   string `json:"content_id,omitempty"`
}

// Send implements channel.Sender. The idempotency key is the message and its attempt: the same attempt again is the
// same e-mail, a person's retry is a new one.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	attachments, failed := email.Attachments(ctx, outbound.Files, limits())
	if failed != nil {
		return channel.Accepted{}, failed
	}
	attempt := strconv.Itoa(outbound.Attempt)
	options := &sdk.SendEmailOptions{IdempotencyKey: outbound.MessageID + "/" + attempt}
	request, err := c.vendor.NewRequestWithOptions(ctx, http.MethodPost, "emails", c.letter(outbound, attempt, attachments), options)
	if err != nil {
		return channel.Accepted{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	answer, failed := c.api.Do(request)
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	var taken struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.ID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return channel.Accepted{ExternalID: taken.ID, Status: channel.Sent}, nil
}

func (c *connection) letter(outbound channel.Outbound, attempt string, attachments []email.Attachment) letter {
	cc, bcc := email.Copies(outbound)
	written := letter{
		From: c.sender(outbound), To: []string{outbound.To}, CC: cc, BCC: bcc,
		Subject: cmp.Or(email.OneLine(outbound.Subject), noSubject), Text: outbound.Body, HTML: outbound.HTML,
		ReplyTo: outbound.ReplyTo, Headers: email.Headers(outbound),
		Tags: []sdk.Tag{
			{Name: tagWorkspace, Value: outbound.WorkspaceID},
			{Name: tagMessage, Value: outbound.MessageID},
			{Name: tagAttempt, Value: attempt},
			{Name: tagRecipient, Value: email.Mark(outbound.To)},
		},
	}
	if written.Text == "" && written.HTML == "" {
		written.Text = noText
	}
	for _, file := range attachments {
		written.Attachments = append(written.Attachments, attached{
			Filename: file.Filename, Content: file.Content, ContentType: email.MediaType(file.ContentType), ContentID: file.ContentID,
		})
	}
	return written
}

// sender is the From of a message: its own, or the credential's, whose name also serves its own address.
func (c *connection) sender(outbound channel.Outbound) string {
	from := mail.Address{Name: outbound.FromName, Address: cmp.Or(outbound.From, c.from.Address)}
	if strings.EqualFold(from.Address, c.from.Address) {
		from.Name = cmp.Or(from.Name, c.from.Name)
	}
	return email.Mailbox(from.Name, from.Address)
}
