package resend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"strconv"
	"strings"

	sdk "github.com/resend/resend-go/v2"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// noSubject stands where a message has no subject: the API takes none without.
const noSubject = "(no subject)"

// Tags carry our ids through the provider and back.
const (
	tagWorkspace = "workspace_id"
	tagMessage   = "message_id"
	tagAttempt   = "attempt"
)

// Send implements channel.Sender. The idempotency key is the message and its attempt: the same attempt again is the
// same e-mail, a person's retry is a new one.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	attempt := strconv.Itoa(outbound.Attempt)
	options := &sdk.SendEmailOptions{IdempotencyKey: outbound.MessageID + "/" + attempt}
	answer, failed := c.api.Record(ctx, func(ctx context.Context) error {
		_, err := c.vendor.Emails.SendWithOptions(ctx, c.request(outbound, attempt), options)
		return err
	})
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

func (c *connection) request(outbound channel.Outbound, attempt string) *sdk.SendEmailRequest {
	request := &sdk.SendEmailRequest{
		From: c.sender(outbound), To: []string{outbound.To}, Subject: cmp.Or(oneLine(outbound.Subject), noSubject),
		Text: outbound.Body, Html: outbound.HTML, ReplyTo: outbound.ReplyTo,
		Tags: []sdk.Tag{
			{Name: tagWorkspace, Value: outbound.WorkspaceID},
			{Name: tagMessage, Value: outbound.MessageID},
			{Name: tagAttempt, Value: attempt},
		},
		Headers: map[string]string{},
	}
	if outbound.InReplyTo != "" {
		request.Headers["In-Reply-To"] = bracketed(outbound.InReplyTo)
	}
	if references := bracketed(outbound.References...); references != "" {
		request.Headers["References"] = references
	}
	return request
}

// sender is the From of a message: its own, or the credential's, whose name also serves its own address.
func (c *connection) sender(outbound channel.Outbound) string {
	from := mail.Address{Name: outbound.FromName, Address: cmp.Or(outbound.From, c.from.Address)}
	if strings.EqualFold(from.Address, c.from.Address) {
		from.Name = cmp.Or(from.Name, c.from.Name)
	}
	if from.Name == "" {
		return from.Address
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(from.Name))
	return `"` + quoted + `" <` + from.Address + `>`
}

// bracketed writes message ids as a header does.
func bracketed(ids ...string) string {
	var written []string
	for _, id := range ids {
		if id = bare(oneLine(id)); id != "" {
			written = append(written, "<"+id+">")
		}
	}
	return strings.Join(written, " ")
}

func bare(id string) string { return strings.Trim(id, "<> \t\r\n") }

// oneLine keeps a text from ending its header early.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
}
