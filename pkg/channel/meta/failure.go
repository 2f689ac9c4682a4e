package meta

import (
	"cmp"
	"encoding/json"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// refusal turns an answer that is no 2xx into an error. The code decides, whatever the HTTP status: the vendor answers
// most of what is wrong with 400, and what may be tried again with 500. A body that is not the API's, such as the page
// of a proxy, is judged by the status alone.
func (c *connection) refusal(answer channel.Answer) *channel.Error {
	var body struct {
		Error struct {
			Code    channel.Scalar `json:"code"`
			Message string         `json:"message"`
			Data    struct {
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
	if json.Unmarshal(answer.Body, &body) != nil {
		body.Error.Code, body.Error.Message, body.Error.Data.Details = "", "", ""
	}
	refused := &channel.Error{
		Class: channel.ClassOfStatus(answer.Status), ProviderCode: string(body.Error.Code),
		Message:    c.api.Sentence(cmp.Or(body.Error.Data.Details, body.Error.Message)),
		HTTPStatus: answer.Status, RetryAfter: channel.RetryAfter(answer.Header),
	}
	meanings().Explain(refused)
	if isPermission(refused.ProviderCode) {
		refused.Class, refused.Code = channel.PermanentConfig, channel.CodeConfiguration
		refused.Remedy = "Give the access token the permissions it lacks at Meta, then try again."
	}
	return refused
}

// isPermission tells the codes 200 to 299: each is a permission that the token lacks.
func isPermission(code string) bool { return len(code) == 3 && code[0] == '2' }

// failureOf describes the bad end of a message that a webhook tells.
func failureOf(problems []problem) *channel.Failure {
	var first problem
	if len(problems) > 0 {
		first = problems[0]
	}
	_, known := meanings()[string(first.Code)]
	sentence := first.Data.Details
	if !known {
		sentence = first.sentence()
	}
	return meanings().Failure(string(first.Code), sentence, "WhatsApp reports that the message was not delivered")
}

// sentence is what the vendor says of a problem, the plainest first.
func (p problem) sentence() string { return cmp.Or(p.Data.Details, p.Message, p.Title) }
