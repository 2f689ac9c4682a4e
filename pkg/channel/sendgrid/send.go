package sendgrid

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sendgrid/rest"
	sdk "github.com/sendgrid/sendgrid-go"
	"github.com/sendgrid/sendgrid-go/helpers/mail"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

const (
	// noSubject and noText stand where a message has no subject and no text: the API takes none without.
	noSubject       = "(no subject)"
	noText          = " "
	headerMessageID = "X-Message-Id"
)

// Custom arguments carry our ids through the provider and back. The attempt has a longer name because the provider
// counts its own attempts in a field called attempt.
const (
	argWorkspace = "workspace_id"
	argMessage   = "message_id"
	argAttempt   = "message_attempt"
	// argRecipient marks the one recipient whose events are the message's.
	argRecipient = "message_recipient"
)

// Send implements channel.Sender. An answer without an id is none of a send: the API's trial runs look like that, and
// we ask for none.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	attachments, failed := email.Attachments(ctx, outbound.Files, limits())
	if failed != nil {
		return channel.Accepted{}, failed
	}
	body := mail.GetRequestBody(c.request(outbound, attachments))
	answer, failed := c.call(ctx, http.MethodPost, "/v3/mail/send", body)
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	id := strings.TrimSpace(answer.Header.Get(headerMessageID))
	if id == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return channel.Accepted{ExternalID: id, Status: channel.Sent}, nil
}

// call makes one request through the SDK; each has its own request value, because the SDK writes into it.
func (c *connection) call(ctx context.Context, method rest.Method, path string, body []byte) (channel.Answer, *channel.Error) {
	request := sdk.GetRequest(c.key, path, c.base)
	request.Method, request.Body = method, body
	return c.api.Record(ctx, func(ctx context.Context) error {
		_, err := c.vendor.SendWithContext(ctx, request)
		return err
	})
}

func (c *connection) request(outbound channel.Outbound, attachments []email.Attachment) *mail.SGMailV3 {
	request := mail.NewV3Mail().SetFrom(c.sender(outbound)).AddPersonalizations(recipients(outbound))
	request.Subject = cmp.Or(email.OneLine(outbound.Subject), noSubject)
	if outbound.Body != "" || outbound.HTML == "" {
		request.AddContent(mail.NewContent("text/plain", cmp.Or(outbound.Body, noText)))
	}
	if outbound.HTML != "" {
		request.AddContent(mail.NewContent("text/html", outbound.HTML))
	}
	if outbound.ReplyTo != "" {
		request.SetReplyTo(mail.NewEmail("", outbound.ReplyTo))
	}
	for name, value := range email.Headers(outbound) {
		request.SetHeader(name, value)
	}
	for _, file := range attachments {
		request.AddAttachment(attachment(file))
	}
	return request
}

// recipients are To, Cc and Bcc with our ids. The API takes no address twice.
func recipients(outbound channel.Outbound) *mail.Personalization {
	all := mail.NewPersonalization()
	all.AddTos(mail.NewEmail("", outbound.To))
	cc, bcc := email.Copies(outbound)
	for _, address := range cc {
		all.AddCCs(mail.NewEmail("", address))
	}
	for _, address := range bcc {
		all.AddBCCs(mail.NewEmail("", address))
	}
	all.SetCustomArg(argWorkspace, outbound.WorkspaceID)
	all.SetCustomArg(argMessage, outbound.MessageID)
	all.SetCustomArg(argAttempt, strconv.Itoa(outbound.Attempt))
	all.SetCustomArg(argRecipient, email.Mark(outbound.To))
	return all
}

func attachment(file email.Attachment) *mail.Attachment {
	written := mail.NewAttachment().SetContent(file.Content).SetFilename(file.Filename).SetType(file.ContentType)
	if file.ContentID == "" {
		return written.SetDisposition("attachment")
	}
	return written.SetDisposition("inline").SetContentID(file.ContentID)
}

// sender is the From of a message: its own, or the credential's, whose name also serves its own address.
func (c *connection) sender(outbound channel.Outbound) *mail.Email {
	from := mail.NewEmail(email.OneLine(outbound.FromName), cmp.Or(outbound.From, c.from.Address))
	if strings.EqualFold(from.Address, c.from.Address) {
		from.Name = cmp.Or(from.Name, email.OneLine(c.from.Name))
	}
	return from
}
