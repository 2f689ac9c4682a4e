package meta

import (
	"context"
	"errors"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Check implements channel.Checker. It asks for the numbers of the account, and whether the app is told of its news.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	phones, failed := c.phones(ctx)
	switch {
	case failed == nil:
		return c.checkNumber(ctx, phones)
	case failed.Class == channel.Auth:
		return channel.CheckResult{Detail: "The access token is wrong, expired or revoked."}, nil
	case failed.Class == channel.PermanentConfig || failed.Class == channel.AuthScopeLimited:
		return channel.CheckResult{
			KeyValid: true, Detail: "The access token works, but it may not use this WhatsApp Business account.",
		}, nil
	default:
		return channel.CheckResult{}, failed
	}
}

func (c *connection) checkNumber(ctx context.Context, phones []phone) (channel.CheckResult, error) {
	verified := false
	for _, one := range phones {
		verified = verified || plainNumber(one.Display) == c.number
	}
	if !verified {
		return channel.CheckResult{
			KeyValid: true, SenderVerified: &verified,
			Detail: "The access token works, but the number is not in this WhatsApp Business account.",
		}, nil
	}
	subscribed, err := c.isSubscribed(ctx)
	if err != nil {
		return channel.CheckResult{}, err
	}
	result := channel.CheckResult{KeyValid: true, CanSend: true, CanReceive: subscribed, SenderVerified: &verified}
	result.Detail = "The access token works and the number can send and receive."
	if !subscribed {
		result.Detail = "The number can send, but no app is subscribed to the account: nothing is received."
	}
	return result, nil
}

// isSubscribed tells whether an app is told of the account's news. A token that may not ask does not say no.
func (c *connection) isSubscribed(ctx context.Context) (bool, error) {
	var subscribed struct {
		Apps []struct{} `json:"data"`
	}
	failed := c.get(ctx, &subscribed, nil, c.account, "subscribed_apps")
	switch {
	case failed == nil:
		return len(subscribed.Apps) > 0, nil
	case strings.HasPrefix(string(failed.Class), "permanent"), errors.Is(failed, errUnreadable):
		return true, nil
	default:
		return false, failed
	}
}
