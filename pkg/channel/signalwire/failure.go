package signalwire

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// word reads a JSON string, number or null as text: the API writes its codes as either.
type word string

// UnmarshalJSON implements json.Unmarshaler.
func (w *word) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		*w = word(text)
		return nil
	}
	*w = word(strings.Trim(string(raw), `"`))
	return nil
}

// envelope is every shape an error comes in: {code,message}, {errors:[{code,message}]} and {error:"…"}.
type envelope struct {
	Code    word   `json:"code"`
	Message string `json:"message"`
	Error   string `json:"error"`
	Errors  []struct {
		Code    word   `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

func (e envelope) read() (code, message string) {
	switch {
	case e.Code != "":
		return string(e.Code), e.Message
	case len(e.Errors) > 0:
		return string(e.Errors[0].Code), e.Errors[0].Message
	case e.Message != "":
		return "", e.Message
	default:
		return "", e.Error
	}
}

// refusal turns an answer that is no 2xx into an error. A body that is not the API's, such as the page of a proxy, is
// judged by the status alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	var body envelope
	code, text := "", ""
	if json.Unmarshal(answer.Body, &body) == nil {
		code, text = body.read()
	}
	class := channel.ClassOfStatus(answer.Status)
	if class != channel.UnknownOutcome {
		class = classOf(code, class) // after a 5xx no code proves that nothing went out
	}
	return &channel.Error{
		Class: class, ProviderCode: code, Message: c.api.Sentence(text),
		HTTPStatus: answer.Status, RetryAfter: channel.RetryAfter(answer.Header),
	}
}

// classOf is the class of a documented code, or otherwise.
func classOf(code string, otherwise channel.Class) channel.Class {
	switch code {
	case "20003":
		return channel.Auth
	case "20404", "21210", "21606", "21717", "21219", "30002":
		return channel.PermanentConfig // unknown project, a number that may not send, a trial, an empty balance
	case "20429", "21611", "30022":
		return channel.RateLimited
	case "30027":
		return channel.Quota
	case "21610":
		return channel.OptedOut
	case "30003":
		return channel.Retryable
	case "21211", "21217", "21602", "21603", "21604", "21612", "21614", "21617", "21620", "21623",
		"30004", "30005", "30006", "30007", "30010", "63019":
		return channel.Permanent
	default:
		return otherwise
	}
}

// failureOf describes the bad end of a message that a webhook or a look-up reports.
func failureOf(status channel.Status, code, message string) *channel.Failure {
	if status != channel.Failed && status != channel.Undelivered {
		return nil
	}
	return channel.NewFailure(failureCode(code), code, message)
}

func failureCode(code string) string {
	switch code {
	case "30003":
		return channel.CodeUnreachable
	case "21211", "21217", "21614", "30005", "30006":
		return channel.CodeInvalidRecipient
	case "30004", "30007":
		return channel.CodeFiltered
	case "21610":
		return channel.CodeOptedOut
	case "30001":
		return channel.CodeExpired
	}
	switch classOf(code, "") { //nolint:exhaustive // the other classes name a failure of the call, not of the message
	case channel.PermanentConfig:
		return channel.CodeConfiguration
	case channel.RateLimited:
		return channel.CodeRateLimited
	case channel.Quota:
		return channel.CodeQuotaExceeded
	case channel.Permanent:
		return channel.CodeRefused
	default:
		return channel.CodeProviderFailed
	}
}

// isUnauthorized tells a credential that the provider does not take.
func isUnauthorized(answer channel.Answer) bool {
	return answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
}
