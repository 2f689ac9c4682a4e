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
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

const (
	// noSubject stands where a message has no subject: the API takes none without.
	noSubject       = "(no subject)"
	headerMessageID = "X-Message-Id"
)

// Custom arguments carry our ids through the provider and back. The attempt has a longer name because the provider
// counts its own attempts in a field called attempt.
const (
	argWorkspace = "workspace_id"
	argMessage   = "message_id"
	argAttempt   = "message_attempt"
)

// Send implements channel.Sender. An answer without an id is none of a send: the API's trial runs look like that, and
// we ask for none.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	answer, failed := c.call(ctx, http.MethodPost, "/v3/mail/send", mail.GetRequestBody(c.request(outbound)))
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

func (c *connection) request(outbound channel.Outbound) *mail.SGMailV3 {
	to := mail.NewPersonalization()
	to.AddTos(mail.NewEmail("", outbound.To))
	to.SetCustomArg(argWorkspace, outbound.WorkspaceID)
	to.SetCustomArg(argMessage, outbound.MessageID)
	to.SetCustomArg(argAttempt, strconv.Itoa(outbound.Attempt))

	request := mail.NewV3Mail().SetFrom(c.sender(outbound)).AddPersonalizations(to)
	request.Subject = cmp.Or(oneLine(outbound.Subject), noSubject)
	if outbound.Body != "" || outbound.HTML == "" {
		request.AddContent(mail.NewContent("text/plain", outbound.Body))
	}
	if outbound.HTML != "" {
		request.AddContent(mail.NewContent("text/html", outbound.HTML))
	}
	if outbound.ReplyTo != "" {
		request.SetReplyTo(mail.NewEmail("", outbound.ReplyTo))
	}
	if parent := bracketed(outbound.InReplyTo); parent != "" {
		request.SetHeader("In-Reply-To", parent)
	}
	if references := bracketed(outbound.References...); references != "" {
		request.SetHeader("References", references)
	}
	return request
}

// sender is the From of a message: its own, or the credential's, whose name also serves its own address.
func (c *connection) sender(outbound channel.Outbound) *mail.Email {
	from := mail.NewEmail(oneLine(outbound.FromName), cmp.Or(outbound.From, c.from.Address))
	if strings.EqualFold(from.Address, c.from.Address) {
		from.Name = cmp.Or(from.Name, oneLine(c.from.Name))
	}
	return from
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
