package twilio

import (
	"context"
	"encoding/json"
	"net/http"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// Check implements channel.Checker. It asks for the account with the auth token, which also proves the webhooks, and
// for the number with what messages are sent with.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	var account struct {
		Status string `json:"status"`
	}
	answer, err := c.ask(ctx, c.account, &account, func(api *openapi.ApiService) error {
		_, err := api.FetchAccount(c.account.user)
		return err
	})
	if err != nil {
		return channel.CheckResult{}, err
	}
	genuine := !answer.IsUnauthorized()
	switch {
	case !genuine && c.sender == c.account:
		return channel.CheckResult{Detail: "The account SID or the auth token is wrong."}, nil
	case genuine && account.Status != "active":
		return channel.CheckResult{KeyValid: true, Detail: "The account is not active at Twilio: it is suspended or closed."}, nil
	}
	result, err := c.checkNumber(ctx)
	if err == nil && result.KeyValid && !genuine {
		result.CanReceive = false
		result.Detail = "The auth token is wrong: webhooks would be refused. " + result.Detail
	}
	return result, err
}

func (c *connection) checkNumber(ctx context.Context) (channel.CheckResult, error) {
	var listed telephony.Numbers
	answer, err := c.ask(ctx, c.sender, &listed, func(api *openapi.ApiService) error {
		params := &openapi.ListIncomingPhoneNumberParams{}
		params.SetPhoneNumber(c.number)
		_, err := api.PageIncomingPhoneNumber(params, "", "")
		return err
	})
	if err != nil {
		return channel.CheckResult{}, err
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		return channel.CheckResult{Detail: "The API key SID or its secret is wrong."}, nil
	case http.StatusForbidden:
		return channel.CheckResult{KeyValid: true, Detail: "The key works, but it may not read the phone numbers of the account."}, nil
	}
	return vendor().CheckNumber(listed, c.number), nil
}

// ask makes a call that reads. A refused login is an answer; every other refusal is an error.
func (c *connection) ask(
	ctx context.Context, as login, into any, call func(api *openapi.ApiService) error,
) (channel.Answer, error) {
	answer, failed := c.call(ctx, as, call)
	switch {
	case failed != nil:
		return channel.Answer{}, failed
	case answer.IsUnauthorized():
		return answer, nil
	case !answer.OK():
		return channel.Answer{}, c.refusal(answer)
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		return channel.Answer{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return answer, nil
}
