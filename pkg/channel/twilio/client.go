package twilio

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// call lets the vendor's SDK make one request and gives what our own transport saw of the answer.
func (c *connection) call(
	ctx context.Context, as login, ask func(api *openapi.ApiService) error,
) (channel.Answer, *channel.Error) {
	return c.through(ctx, as, func(handler *client.RequestHandler) error { return ask(openapi.NewApiService(handler)) })
}

// through is call for any part of the SDK.
func (c *connection) through(
	ctx context.Context, as login, ask func(handler *client.RequestHandler) error,
) (channel.Answer, *channel.Error) {
	return c.api.Record(ctx, func(ctx context.Context) error {
		through := &carrier{account: c.account.user, send: func(method, rawURL string, values url.Values) (*http.Response, error) {
			request, err := c.request(ctx, method, rawURL, values)
			if err != nil {
				return nil, err
			}
			request.SetBasicAuth(as.user, as.password)
			return c.api.Client().Do(request)
		}}
		// The handler is made by hand: the SDK's constructor lets the environment choose the host.
		return ask(&client.RequestHandler{Client: through})
	})
}

// request is the SDK's request at our base URL: the values go into the body of a POST and the query of a GET.
func (c *connection) request(ctx context.Context, method, rawURL string, values url.Values) (*http.Request, error) {
	wanted, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	base := c.base
	if wanted.Host == contentHost && base.String() == defaultBase {
		base = &url.URL{Scheme: "https", Host: contentHost} // another base stands for every host of the vendor
	}
	at, body := *base.JoinPath(wanted.Path), values.Encode()
	if method == http.MethodGet {
		at.RawQuery, body = body, ""
	}
	request, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, nil
}

// carrier is the client the SDK sends through, for one call.
type carrier struct {
	account string
	send    func(method, rawURL string, values url.Values) (*http.Response, error)
}

var _ client.BaseClient = (*carrier)(nil)

// AccountSid implements client.BaseClient.
func (c *carrier) AccountSid() string { return c.account }

// SetTimeout implements client.BaseClient; the context bounds the call.
func (c *carrier) SetTimeout(time.Duration) {}

// SetOauth implements client.BaseClient; a call has its login.
func (c *carrier) SetOauth(client.OAuth) {}

// OAuth implements client.BaseClient.
func (c *carrier) OAuth() client.OAuth { return nil }

// SendRequest implements client.BaseClient. The headers the SDK names are those every request has here.
func (c *carrier) SendRequest(
	method, rawURL string, values url.Values, _ map[string]any, _ ...byte,
) (*http.Response, error) {
	return c.send(method, rawURL, values)
}
