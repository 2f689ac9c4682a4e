package sendgrid

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Check implements channel.Checker: the scopes tell what the key may do, which every key may ask. The lists of senders
// and domains tell whether the from-address may be used, to a key that may read them.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	var granted struct {
		Scopes []string `json:"scopes"`
	}
	answer, failed := c.get(ctx, "/v3/scopes", &granted)
	if answer.Status == http.StatusUnauthorized {
		return channel.CheckResult{Detail: "SendGrid does not know this key."}, nil
	}
	if failed != nil {
		return channel.CheckResult{}, failed
	}
	result := channel.CheckResult{KeyValid: true, CanReceive: c.parseKey != nil}
	if !slices.Contains(granted.Scopes, "mail.send") {
		result.Detail = "The key is valid, but lacks the scope mail.send."
		return result, nil
	}
	result.SenderVerified = c.senderVerified(ctx)
	result.CanSend = result.SenderVerified == nil || *result.SenderVerified
	result.Detail = c.detail(result)
	return result, nil
}

// get makes one call that changes nothing, so that an unknown outcome is a reason to ask again.
func (c *connection) get(ctx context.Context, path string, into any) (channel.Answer, *channel.Error) {
	answer, failed := c.call(ctx, http.MethodGet, path, nil)
	if failed == nil && !answer.OK() {
		failed = c.refusal(answer)
	}
	if failed == nil && json.Unmarshal(answer.Body, into) != nil {
		failed = &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	if failed != nil && failed.Class == channel.UnknownOutcome {
		failed.Class = channel.Retryable
	}
	return answer, failed
}

// senderVerified looks for the from-address and then for its domain; nil when the key may not read both lists and the
// one it may read does not settle it.
func (c *connection) senderVerified(ctx context.Context) *bool {
	var senders struct {
		Results []struct {
			FromEmail string `json:"from_email"`
			Verified  bool   `json:"verified"`
		} `json:"results"`
	}
	_, failed := c.get(ctx, "/v3/verified_senders", &senders)
	for _, sender := range senders.Results {
		if sender.Verified && strings.EqualFold(sender.FromEmail, c.from.Address) {
			return &sender.Verified
		}
	}
	var domains []struct {
		Domain string `json:"domain"`
		Valid  bool   `json:"valid"`
	}
	_, alsoFailed := c.get(ctx, "/v3/whitelabel/domains", &domains)
	_, own, _ := strings.Cut(c.from.Address, "@")
	for _, domain := range domains {
		if domain.Valid && strings.EqualFold(domain.Domain, own) {
			return &domain.Valid
		}
	}
	if failed != nil || alsoFailed != nil {
		return nil
	}
	return new(bool)
}

func (c *connection) detail(result channel.CheckResult) string {
	detail := "The key works and " + c.from.Address + " is verified."
	switch {
	case result.SenderVerified == nil:
		detail = "The key works; whether " + c.from.Address + " is verified it may not ask."
	case !*result.SenderVerified:
		detail = "The key works, but " + c.from.Address + " is not verified."
	}
	if !result.CanReceive {
		detail += " Inbound e-mail is not accepted without the Inbound Parse verification key."
	}
	return detail
}
