package postmark

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// refusal turns an answer that took no message into an error. A body that is not the API's is judged by the status
// alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	var body struct {
		ErrorCode int
		Message   string
	}
	if json.Unmarshal(answer.Body, &body) != nil {
		body.ErrorCode, body.Message = 0, ""
	}
	refused := &channel.Error{
		Class: classOf(answer.Status, body.ErrorCode), Message: c.api.Sentence(body.Message),
		HTTPStatus: answer.Status, RetryAfter: channel.RetryAfter(answer.Header),
	}
	if body.ErrorCode != 0 {
		refused.ProviderCode = strconv.Itoa(body.ErrorCode)
	}
	return refused
}

// classOf reads the API's own code: its status is 422 for nearly everything.
func classOf(status, code int) channel.Class {
	if status >= http.StatusInternalServerError && code != 100 {
		return channel.ClassOfStatus(status)
	}
	switch code {
	case 10: // no or a wrong token
		return channel.Auth
	case 100: // maintenance
		return channel.Retryable
	case 300, 402, 403, 409, 410, 411: // the message, or its JSON, is wrong
		return channel.Permanent
	case 400, 401, 405, 412, 413: // the sender is not confirmed, the account may not send
		return channel.PermanentConfig
	case 406: // inactive: bounced, complained or suppressed by hand
		return channel.Suppressed
	case 429:
		return channel.RateLimited
	}
	if code >= 1200 && code < 1300 { // the message stream is unknown, archived or of another kind
		return channel.PermanentConfig
	}
	return channel.ClassOfStatus(status)
}
