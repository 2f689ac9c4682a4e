package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// message is the part of the provider's message resource that is read.
type message struct {
	SID          string `json:"sid"`
	Status       string `json:"status"`
	ErrorCode    word   `json:"error_code"`
	ErrorMessage string `json:"error_message"`
	Body         string `json:"body"`
	From         string `json:"from"`
	To           string `json:"to"`
	Direction    string `json:"direction"`
	DateCreated  string `json:"date_created"`
	DateSent     string `json:"date_sent"`
}

// Send implements channel.Sender. Our ids ride in the query of the status URL.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.CreateMessage(c.params(outbound))
		return err
	})
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.refusal(answer)
	}
	var taken message
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	status, _ := statusOf(taken.Status)
	if status == channel.Failed || status == channel.Undelivered {
		refused := &channel.Error{
			Class: channel.Permanent, ProviderCode: string(taken.ErrorCode),
			Message: c.api.Sentence(taken.ErrorMessage), HTTPStatus: answer.Status,
		}
		explain(refused)
		return channel.Accepted{}, refused
	}
	return channel.Accepted{
		ExternalID: taken.SID, Status: cmp.Or(status, channel.Queued), ProviderStatus: taken.Status,
	}, nil
}

func (c *connection) params(outbound channel.Outbound) *openapi.CreateMessageParams {
	params := &openapi.CreateMessageParams{}
	params.SetTo(outbound.To)
	params.SetFrom(cmp.Or(outbound.From, c.number))
	params.SetBody(outbound.Body)
	if c.service != "" {
		params.SetMessagingServiceSid(c.service)
	}
	if outbound.StatusURL != "" {
		params.SetStatusCallback(outbound.StatusURL)
	}
	return params
}
