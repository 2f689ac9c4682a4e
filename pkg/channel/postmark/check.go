package postmark

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Check implements channel.Checker: the server that the token belongs to. Which senders are confirmed only a token of
// the whole account could tell.
func (c *connection) Check(ctx context.Context) (channel.CheckResult, error) {
	answer, failed := c.call(ctx, http.MethodGet, c.base.JoinPath("server"), http.NoBody)
	if failed != nil {
		return channel.CheckResult{}, failed
	}
	if !answer.OK() {
		refusal := c.refusal(answer)
		if refusal.Class == channel.Auth {
			return channel.CheckResult{Detail: "Postmark does not know this server token."}, nil
		}
		return channel.CheckResult{}, refusal
	}
	var server struct {
		ID             int64
		Name           string
		DeliveryType   string
		InboundHookURL string `json:"InboundHookUrl"`
	}
	if json.Unmarshal(answer.Body, &server) != nil || server.ID == 0 {
		return channel.CheckResult{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	result := channel.CheckResult{
		KeyValid: true, CanSend: server.DeliveryType != "Sandbox", CanReceive: server.InboundHookURL != "",
		Detail: "The token works for the server " + c.api.Sentence(server.Name) + ".",
	}
	if !result.CanSend {
		result.Detail += " It is a sandbox server: what it takes is not delivered."
	}
	if !result.CanReceive {
		result.Detail += " It has no inbound webhook yet, so that answers do not arrive."
	}
	return result, nil
}
