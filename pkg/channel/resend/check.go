package resend

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Check implements channel.Checker: a list of domains tells a full key, a key that may only send, and a wrong one.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	answer, failed := c.ask(ctx, "domains")
	if failed != nil {
		return channel.CheckResult{}, failed
	}
	if !answer.OK() {
		return c.checkRefused(answer)
	}
	var listed struct {
		Data []struct {
			Name   string `json:"name"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if json.Unmarshal(answer.Body, &listed) != nil {
		return channel.CheckResult{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	_, domain, _ := strings.Cut(c.from.Address, "@")
	verified := false
	for _, listedDomain := range listed.Data {
		verified = verified || (strings.EqualFold(listedDomain.Name, domain) && listedDomain.Status == "verified")
	}
	detail := "The key works and " + domain + " is verified."
	if !verified {
		detail = "The key works, but the domain " + domain + " is not verified."
	}
	return channel.CheckResult{
		KeyValid: true, CanSend: verified, CanReceive: true, SenderVerified: &verified, Detail: detail,
	}, nil
}

func (c *connection) checkRefused(answer channel.Answer) (channel.CheckResult, error) {
	refusal := c.refusal(answer)
	switch refusal.Class { //nolint:exhaustive // the other classes say nothing about the key
	case channel.AuthScopeLimited:
		return channel.CheckResult{
			KeyValid: true, CanSend: true,
			Detail: "The key works for sending only; receiving e-mail needs a key with full access.",
		}, nil
	case channel.Auth:
		return channel.CheckResult{Detail: "Resend does not know this key."}, nil
	default:
		return channel.CheckResult{}, refusal
	}
}
