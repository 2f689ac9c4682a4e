package postmark

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// Metadata carries our ids through the provider and back.
const (
	metaWorkspace = "workspace_id"
	metaMessage   = "message_id"
	metaAttempt   = "attempt"
	// metaRecipient marks the one recipient whose events are the message's.
	metaRecipient = "recipient"
)

// wireDomain ends the Message-ID that the provider gives an e-mail; its own id is before the at sign.
const wireDomain = "@mtasv.net"

// noText stands where a message has no text: the API takes none without.
const noText = " "

// maxListed bounds what is read of a message that the provider keeps, which it does up to a megabyte.
const maxListed = 8 << 20

// anyType is the type of a file that has none; the API takes none without.
const anyType = "application/octet-stream"

// letter is a request to send.
type letter struct {
	From          string
	To            string
	Cc            string            `json:",omitempty"`
	Bcc           string            `json:",omitempty"`
	Subject       string            `json:",omitempty"`
	TextBody      string            `json:",omitempty"`
	HTMLBody      string            `json:"HtmlBody,omitempty"`
	ReplyTo       string            `json:",omitempty"`
	Headers       []header          `json:",omitempty"`
	Metadata      map[string]string `json:",omitempty"`
	Attachments   []attached        `json:",omitempty"`
	MessageStream string
}

// attached is a file of a request to send.
type attached struct {
	Name, Content, ContentType string
	ContentID                  string `json:",omitempty"`
}

type header struct{ Name, Value string }

// Send implements channel.Sender. There is no idempotency key: what became of an unanswered call Find tells.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	attachments, failed := email.Attachments(ctx, outbound.Files, limits())
	if failed != nil {
		return channel.Accepted{}, failed
	}
	body, err := json.Marshal(c.letter(outbound, attachments))
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

func (c *connection) letter(outbound channel.Outbound, attachments []email.Attachment) letter {
	cc, bcc := email.Copies(outbound)
	written := letter{
		From: c.sender(outbound), To: outbound.To, Cc: strings.Join(cc, ", "), Bcc: strings.Join(bcc, ", "),
		Subject: email.OneLine(outbound.Subject), TextBody: outbound.Body, HTMLBody: outbound.HTML, ReplyTo: outbound.ReplyTo,
		Metadata: map[string]string{
			metaWorkspace: outbound.WorkspaceID, metaMessage: outbound.MessageID,
			metaAttempt: strconv.Itoa(outbound.Attempt), metaRecipient: email.Mark(outbound.To),
		},
		MessageStream: c.stream,
	}
	if written.TextBody == "" && written.HTMLBody == "" {
		written.TextBody = noText
	}
	headers := email.Headers(outbound)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		written.Headers = append(written.Headers, header{name, headers[name]})
	}
	for _, file := range attachments {
		one := attached{Name: file.Filename, Content: file.Content, ContentType: cmp.Or(email.MediaType(file.ContentType), anyType)}
		if file.ContentID != "" {
			one.ContentID = "cid:" + file.ContentID
		}
		written.Attachments = append(written.Attachments, one)
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

// call makes one call. The API refuses one without both headers of its content.
func (c *connection) call(ctx context.Context, method string, at *url.URL, body io.Reader) (channel.Answer, *channel.Error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Postmark-Server-Token", c.token)
	if method == http.MethodGet {
		return c.api.WithLimit(maxListed).Do(request)
	}
	return c.api.Do(request)
}
