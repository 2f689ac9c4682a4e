package resend

import (
	"encoding/json"
	"net/http"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// envelope is an error of the API.
type envelope struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// refusal turns an answer that is no 2xx into an error. A body that is not the API's is judged by the status alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	var body envelope
	if json.Unmarshal(answer.Body, &body) != nil {
		body = envelope{}
	}
	return &channel.Error{
		Class: classOf(answer.Status, body.Name), ProviderCode: body.Name,
		Message: c.api.Sentence(body.Message), HTTPStatus: answer.Status,
		RetryAfter: channel.RetryAfter(answer.Header),
	}
}

// classOf reads the error's name: one status means several things here.
func classOf(status int, errorName string) channel.Class {
	if status >= http.StatusInternalServerError || status < http.StatusBadRequest {
		return channel.ClassOfStatus(status)
	}
	switch errorName {
	case "missing_api_key", "invalid_api_key":
		return channel.Auth
	case "restricted_api_key":
		return channel.AuthScopeLimited
	case "rate_limit_exceeded":
		return channel.RateLimited
	case "daily_quota_exceeded", "monthly_quota_exceeded":
		return channel.Quota
	case "concurrent_idempotent_requests":
		return channel.Retryable
	case "invalid_from_address":
		return channel.PermanentConfig
	case "validation_error":
		if status == http.StatusForbidden {
			return channel.PermanentConfig // the domain is not verified
		}
		return channel.Permanent
	case "not_found", "method_not_allowed", "invalid_idempotency_key", "invalid_idempotent_request", "security_error":
		return channel.Permanent
	default:
		return channel.ClassOfStatus(status)
	}
}
