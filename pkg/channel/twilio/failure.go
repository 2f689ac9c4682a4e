package twilio

import (
	"encoding/json"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// refusal turns an answer that is no 2xx into an error. A body that is not the API's, such as the page of a proxy, is
// judged by the status alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	var body struct {
		Code    channel.Scalar `json:"code"`
		Message string         `json:"message"`
	}
	if json.Unmarshal(answer.Body, &body) != nil {
		body.Code, body.Message = "", ""
	}
	refused := &channel.Error{
		Class: channel.ClassOfStatus(answer.Status), ProviderCode: string(body.Code), Message: c.api.Sentence(body.Message),
		HTTPStatus: answer.Status, RetryAfter: channel.RetryAfter(answer.Header),
	}
	if refused.Class != channel.UnknownOutcome { // after a 5xx no code proves that nothing went out
		explain(refused)
	}
	return refused
}

// explain lets a documented code say more about a refused call than its HTTP status does.
func explain(refused *channel.Error) { meanings().Explain(refused) }
