package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// post sends JSON to a place below the version.
func (c *connection) post(ctx context.Context, value any, path ...string) (channel.Answer, *channel.Error) {
	body, err := json.Marshal(value)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	return c.do(ctx, http.MethodPost, c.root.JoinPath(path...), "application/json", bytes.NewReader(body))
}

// get asks for a place below the version and reads the answer.
func (c *connection) get(ctx context.Context, into any, query url.Values, path ...string) *channel.Error {
	at := c.root.JoinPath(path...)
	at.RawQuery = query.Encode()
	answer, failed := c.do(ctx, http.MethodGet, at, "", http.NoBody)
	switch {
	case failed != nil:
		return failed
	case !answer.OK():
		return c.refusal(answer)
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	return nil
}

func (c *connection) do(
	ctx context.Context, method string, at *url.URL, contentType string, body io.Reader,
) (channel.Answer, *channel.Error) {
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return channel.Answer{}, &channel.Error{Class: channel.Permanent, Err: err}
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	return c.api.Do(request)
}

// beforeSending is the error of a call that a send needs before it: whatever became of it, no message went out.
func beforeSending(failed *channel.Error) *channel.Error {
	if failed.Class == channel.UnknownOutcome {
		failed.Class = channel.Retryable
	}
	return failed
}
