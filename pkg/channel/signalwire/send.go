package signalwire

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// errUnreadable is returned when a 2xx answer does not tell which message was taken.
var errUnreadable = errors.New("the answer names no message")

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
	return vendor().ReadSent(channel.SMS, answer, c.api.Sentence)
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
