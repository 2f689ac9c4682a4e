package signalwire

import (
	"encoding/json"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// envelope is every shape an error comes in: {code,message}, {errors:[{code,message}]} and {error:"…"}.
type envelope struct {
	Code    channel.Scalar `json:"code"`
	Message string         `json:"message"`
	Error   string         `json:"error"`
	Errors  []struct {
		Code    channel.Scalar `json:"code"`
		Message string         `json:"message"`
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
	refused := &channel.Error{
		Class: channel.ClassOfStatus(answer.Status), ProviderCode: code, Message: c.api.Sentence(text),
		HTTPStatus: answer.Status, RetryAfter: channel.RetryAfter(answer.Header),
	}
	if refused.Class != channel.UnknownOutcome { // after a 5xx no code proves that nothing went out
		explain(refused)
	}
	return refused
}
