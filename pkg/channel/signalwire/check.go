package signalwire

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// numbers is the list of numbers of a project.
type numbers struct {
	Numbers []struct {
		Number       string `json:"phone_number"`
		Capabilities struct {
			SMS bool `json:"sms"`
		} `json:"capabilities"`
	} `json:"incoming_phone_numbers"`
}

// Check implements channel.Checker: it asks for the number, which every token with the scope Numbers may.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	answer, failed := c.call(ctx, http.MethodGet, c.account.JoinPath("IncomingPhoneNumbers"), url.Values{
		"PhoneNumber": {c.number},
	})
	if failed != nil {
		return channel.CheckResult{}, failed
	}
	if isUnauthorized(answer) {
		return channel.CheckResult{
			Detail: "The project ID or the token is wrong, or the token lacks the scope Numbers.",
		}, nil
	}
	if !answer.OK() {
		return channel.CheckResult{}, c.refusal(answer)
	}
	var listed numbers
	if err := json.Unmarshal(answer.Body, &listed); err != nil {
		return channel.CheckResult{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	verified := false
	for _, number := range listed.Numbers {
		if telephony.Phone(number.Number) != c.number {
			continue
		}
		verified = true
		if !number.Capabilities.SMS {
			return channel.CheckResult{
				KeyValid: true, SenderVerified: &verified, Detail: "The number cannot send or receive text messages.",
			}, nil
		}
	}
	if !verified {
		return channel.CheckResult{
			KeyValid: true, SenderVerified: &verified, Detail: "The key works, but the number is not in this project.",
		}, nil
	}
	return channel.CheckResult{
		KeyValid: true, CanSend: true, CanReceive: true, SenderVerified: &verified,
		Detail: "The key works and the number can send and receive text messages.",
	}, nil
}
