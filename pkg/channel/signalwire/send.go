package signalwire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// errUnreadable is returned when a 2xx answer does not tell which message was taken.
var errUnreadable = errors.New("the answer names no message")

// message is the part of the provider's message resource that is read. Numbers arrive as numbers here and as strings
// in the lists of some spaces, so nothing numeric is decoded strictly.
type message struct {
	SID            string         `json:"sid"`
	Status         string         `json:"status"`
	ErrorCode      channel.Scalar `json:"error_code"`
	ErrorMessage   string         `json:"error_message"`
	Body           string         `json:"body"`
	From           string         `json:"from"`
	To             string         `json:"to"`
	Direction      string         `json:"direction"`
	DateCreated    string         `json:"date_created"`
	DateSent       string         `json:"date_sent"`
	DateUpdated    string         `json:"date_updated"`
	StatusCallback string         `json:"status_callback"`
	Segments       channel.Scalar `json:"num_segments"`
	Media          channel.Scalar `json:"num_media"`
}

// Send implements channel.Sender. Our ids ride in the query of the status URL.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	if outbound.Kind == channel.Call {
		return c.placeCall(ctx, outbound)
	}
	if outbound.Kind == channel.WhatsApp {
		return c.sendChat(ctx, outbound)
	}
	form := url.Values{"To": {outbound.To}, "From": {c.from(outbound)}}
	for _, file := range outbound.Files {
		if file.URL == "" {
			return channel.Accepted{}, vendor().NoAddress(file)
		}
		form.Add("MediaUrl", file.URL)
	}
	if outbound.Body != "" || len(outbound.Files) == 0 {
		form.Set("Body", outbound.Body)
	}
	if outbound.StatusURL != "" {
		form.Set("StatusCallback", outbound.StatusURL)
	}
	answer, failed := c.call(ctx, http.MethodPost, c.account.JoinPath("Messages"), form)
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	var taken message
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	status, _ := statusOf(taken.Status)
	if status == channel.Failed || status == channel.Undelivered {
		refused := &channel.Error{
			Class: channel.Permanent, ProviderCode: string(taken.ErrorCode),
			Message: c.api.Sentence(taken.ErrorMessage), HTTPStatus: answer.Status,
		}
		explain(refused)
		return channel.Accepted{}, refused
	}
	return channel.Accepted{
		ExternalID: taken.SID, Status: cmp.Or(status, channel.Queued), ProviderStatus: taken.Status,
		Segments: telephony.Segments(string(taken.Segments)),
	}, nil
}

// from is our number that a text or a call leaves from.
func (c *connection) from(outbound channel.Outbound) string { return cmp.Or(outbound.From, c.number) }

// call makes one authenticated request: the values go into the body of a POST and the query of a GET.
func (c *connection) call(
	ctx context.Context, method string, target *url.URL, values url.Values,
) (channel.Answer, *channel.Error) {
	at, body := *target, values.Encode()
	if method == http.MethodGet {
		at.RawQuery, body = body, ""
	}
	return c.do(ctx, method, &at, "application/x-www-form-urlencoded", strings.NewReader(body))
}

func (c *connection) do(
	ctx context.Context, method string, at *url.URL, contentType string, body io.Reader,
) (channel.Answer, *channel.Error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	request.SetBasicAuth(c.project, c.token)
	request.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", contentType)
	}
	return c.api.Do(request)
}
