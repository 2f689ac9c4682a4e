package resend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// received is an e-mail as the API returns it.
type received struct {
	HTML        string                     `json:"html"`
	Text        string                     `json:"text"`
	Headers     map[string]json.RawMessage `json:"headers"`
	MessageID   string                     `json:"message_id"`
	Subject     string                     `json:"subject"`
	Attachments []attachment               `json:"attachments"`
}

// Complete implements channel.Completer: webhooks hold neither body nor headers.
func (c *connection) Complete(ctx context.Context, inbound *channel.Inbound) error {
	path := "emails/receiving/" + url.PathEscape(inbound.ExternalID)
	var mail received
	if err := c.get(ctx, path, &mail); err != nil {
		return err
	}
	inbound.Body, inbound.HTML = mail.Text, mail.HTML
	if inbound.Subject == "" {
		inbound.Subject = mail.Subject
	}
	if inbound.EmailMessageID == "" {
		inbound.EmailMessageID = bare(mail.MessageID)
	}
	if parents := messageIDs(mail.header("in-reply-to")); len(parents) > 0 {
		inbound.InReplyTo = parents[0]
	}
	inbound.References = messageIDs(mail.header("references"))
	if len(mail.Attachments) == 0 {
		return nil
	}
	files, err := c.attachments(ctx, path, mail.Attachments)
	if err != nil {
		return err
	}
	inbound.Media = nil
	for _, file := range files {
		inbound.Media = append(inbound.Media, file.media())
	}
	return nil
}

// attachments asks for the files with their download URLs, which expire; without that list the known names stay.
func (c *connection) attachments(ctx context.Context, path string, known []attachment) ([]attachment, error) {
	var listed struct {
		Data []attachment `json:"data"`
	}
	err := c.get(ctx, path+"/attachments", &listed)
	if err != nil && err.HTTPStatus == http.StatusNotFound {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	return listed.Data, nil
}

// get makes one call that changes nothing, so that an unknown outcome is a reason to ask again.
func (c *connection) get(ctx context.Context, path string, into any) *channel.Error {
	answer, failed := c.ask(ctx, path)
	if failed == nil && !answer.OK() {
		failed = c.refusal(answer)
	}
	if failed == nil && json.Unmarshal(answer.Body, into) != nil {
		failed = &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	if failed != nil && failed.Class == channel.UnknownOutcome {
		failed.Class = channel.Retryable
	}
	return failed
}

func (c *connection) ask(ctx context.Context, path string) (channel.Answer, *channel.Error) {
	request, err := c.vendor.NewRequest(ctx, http.MethodGet, path, nil)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	return c.api.WithLimit(maxReceived).Do(request)
}

// header is one header as text; the API writes a repeated one as a list.
func (r received) header(wanted string) string {
	for key, raw := range r.Headers {
		if !strings.EqualFold(key, wanted) {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return text
		}
		var list []string
		if json.Unmarshal(raw, &list) == nil {
			return strings.Join(list, " ")
		}
	}
	return ""
}

// messageIDs takes a header of message ids apart.
func messageIDs(header string) []string {
	var ids []string
	for field := range strings.FieldsFuncSeq(header, func(r rune) bool { return strings.ContainsRune(" \t\r\n,<>", r) }) {
		ids = append(ids, field)
	}
	return ids
}
