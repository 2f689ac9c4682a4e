package signalwire

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// Check implements channel.Checker: it asks for the number, which every token with the scope Numbers may.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	answer, failed := c.call(ctx, http.MethodGet, c.account.JoinPath("IncomingPhoneNumbers"), url.Values{
		"PhoneNumber": {c.number},
	})
	if failed != nil {
		return channel.CheckResult{}, failed
	}
	if answer.IsUnauthorized() {
		return channel.CheckResult{
			Detail: "The project ID or the token is wrong, or the token lacks the scope Numbers.",
		}, nil
	}
	if !answer.OK() {
		return channel.CheckResult{}, c.refusal(answer)
	}
	var listed telephony.Numbers
	if err := json.Unmarshal(answer.Body, &listed); err != nil {
		return channel.CheckResult{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return vendor().CheckNumber(listed, c.number), nil
}
