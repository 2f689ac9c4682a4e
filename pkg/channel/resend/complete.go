package resend

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
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
		inbound.EmailMessageID = email.Bare(mail.MessageID)
	}
	head := mail.header()
	inbound.InReplyTo = email.MessageID(head.All("In-Reply-To"))
	inbound.References = email.MessageIDs(head.All("References"))
	inbound.Automatic = email.Automatic(head)
	if len(mail.Attachments) == 0 && len(inbound.Media) == 0 {
		return nil
	}
	files, err := c.attachments(ctx, path)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		files = mail.Attachments
	}
	if len(files) > 0 {
		inbound.Media = nil
	}
	for _, file := range files {
		inbound.Media = append(inbound.Media, file.media())
	}
	return nil
}

// attachments asks for the files with their download URLs, which expire. There are none of an e-mail that the provider
// keeps no files of: the known names stay.
func (c *connection) attachments(ctx context.Context, path string) ([]attachment, error) {
	var files []attachment
	query := url.Values{"limit": {strconv.Itoa(listPage)}}
	for range email.MaxParts / listPage {
		var page struct {
			HasMore bool         `json:"has_more"`
			Data    []attachment `json:"data"`
		}
		err := c.get(ctx, path+"/attachments?"+query.Encode(), &page)
		if err != nil && err.HTTPStatus == http.StatusNotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		files = append(files, page.Data...)
		if !page.HasMore || len(page.Data) == 0 {
			break
		}
		query.Set("after", page.Data[len(page.Data)-1].ID)
	}
	return files, nil
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

// header is the header as all e-mail has it; the API writes a repeated field as a list.
func (r received) header() email.Header {
	head := email.Header{}
	for name, raw := range r.Headers {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			head.Add(name, text)
			continue
		}
		var list []string
		_ = json.Unmarshal(raw, &list) // a value of another shape is none
		for _, text := range list {
			head.Add(name, text)
		}
	}
	return head
}
