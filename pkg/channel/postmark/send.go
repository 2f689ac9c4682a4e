package postmark

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// Metadata carries our ids through the provider and back.
const (
	metaWorkspace = "workspace_id"
	metaMessage   = "message_id"
	metaAttempt   = "attempt"
)

// wireDomain ends the Message-ID that the provider gives an e-mail; its own id is before the at sign.
const wireDomain = "@mtasv.net"

// email is a request to send.
type email struct {
	From          string
	To            string
	Subject       string            `json:",omitempty"`
	TextBody      string            `json:",omitempty"`
	HTMLBody      string            `json:"HtmlBody,omitempty"`
	ReplyTo       string            `json:",omitempty"`
	Headers       []header          `json:",omitempty"`
	Metadata      map[string]string `json:",omitempty"`
	MessageStream string
}

type header struct{ Name, Value string }

// Send implements channel.Sender. There is no idempotency key: what became of an unanswered call Find tells.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	body, err := json.Marshal(c.email(outbound))
	if err != nil {
		return channel.Accepted{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	answer, failed := c.call(ctx, http.MethodPost, c.base.JoinPath("email"), bytes.NewReader(body))
	if failed != nil {
		return channel.Accepted{}, failed
	}
	var taken struct {
		MessageID string
		ErrorCode int
	}
	err = json.Unmarshal(answer.Body, &taken)
	switch {
	case !answer.OK(), err == nil && taken.ErrorCode != 0:
		return channel.Accepted{}, c.refusal(answer)
	case err != nil || taken.MessageID == "":
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return accepted(taken.MessageID), nil
}

// accepted is a message the provider has. Nothing else tells that it is sent: there is no webhook for it.
func accepted(id string) channel.Accepted {
	return channel.Accepted{ExternalID: id, Status: channel.Sent, EmailMessageID: id + wireDomain}
}

func (c *connection) email(outbound channel.Outbound) email {
	written := email{
		From: c.sender(outbound), To: outbound.To, Subject: oneLine(outbound.Subject),
		TextBody: outbound.Body, HTMLBody: outbound.HTML, ReplyTo: outbound.ReplyTo,
		Metadata: map[string]string{
			metaWorkspace: outbound.WorkspaceID, metaMessage: outbound.MessageID,
			metaAttempt: strconv.Itoa(outbound.Attempt),
		},
		MessageStream: c.stream,
	}
	for _, threading := range []header{
		{"In-Reply-To", bracketed(outbound.InReplyTo)}, {"References", bracketed(outbound.References...)},
	} {
		if threading.Value != "" {
			written.Headers = append(written.Headers, threading)
		}
	}
	return written
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
		if id = strings.Trim(oneLine(id), "<> \t"); id != "" {
			written = append(written, "<"+id+">")
		}
	}
	return strings.Join(written, " ")
}

// oneLine keeps a text from ending its header early.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
}

// call makes one call. The API refuses one without both headers of its content.
func (c *connection) call(ctx context.Context, method string, at *url.URL, body io.Reader) (channel.Answer, *channel.Error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Postmark-Server-Token", c.token)
	return c.api.Do(request)
}
