package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

// errUnreadable is returned when a 2xx answer is not what the API documents.
var errUnreadable = errors.New("the answer is not the API's")

// message is the part of the provider's message resource that is read. Its counts are texts.
type message struct {
	SID          string         `json:"sid"`
	Status       string         `json:"status"`
	ErrorCode    channel.Scalar `json:"error_code"`
	ErrorMessage string         `json:"error_message"`
	Body         string         `json:"body"`
	From         string         `json:"from"`
	To           string         `json:"to"`
	Direction    string         `json:"direction"`
	DateCreated  string         `json:"date_created"`
	DateSent     string         `json:"date_sent"`
	DateUpdated  string         `json:"date_updated"`
	Segments     channel.Scalar `json:"num_segments"`
	Media        channel.Scalar `json:"num_media"`
}

// Send implements channel.Sender. Our ids ride in the query of the status URL.
func (c *connection) Send(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	if outbound.Kind == channel.Call {
		return c.placeCall(ctx, outbound)
	}
	if refused := checkFiles(outbound); refused != nil {
		return channel.Accepted{}, refused
	}
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
		Segments: segmentsOf(outbound.Kind, string(taken.Segments)),
	}, nil
}

// checkFiles refuses files that the provider could not fetch.
func checkFiles(outbound channel.Outbound) *channel.Error {
	for _, file := range outbound.Files {
		if file.URL == "" {
			return vendor().NoAddress(file)
		}
	}
	return nil
}

func (c *connection) params(outbound channel.Outbound) *openapi.CreateMessageParams {
	params := &openapi.CreateMessageParams{}
	params.SetTo(wire(outbound.Kind, outbound.To))
	params.SetFrom(wire(outbound.Kind, c.from(outbound)))
	if outbound.Template != nil {
		params.SetContentSid(outbound.Template.ID)
		if variables, err := json.Marshal(outbound.Template.Parameters); err == nil && len(outbound.Template.Parameters) > 0 {
			params.SetContentVariables(string(variables))
		}
	} else if outbound.Body != "" || len(outbound.Files) == 0 {
		params.SetBody(outbound.Body)
	}
	var files []string
	for _, file := range outbound.Files {
		files = append(files, file.URL)
	}
	if len(files) > 0 {
		params.SetMediaUrl(files)
	}
	if c.service != "" && outbound.Kind != channel.WhatsApp {
		params.SetMessagingServiceSid(c.service)
	}
	if outbound.StatusURL != "" {
		params.SetStatusCallback(outbound.StatusURL)
	}
	return params
}

// from is our address the message leaves from.
func (c *connection) from(outbound channel.Outbound) string {
	if outbound.Kind == channel.WhatsApp {
		return cmp.Or(outbound.From, c.chatNumber, c.number)
	}
	return cmp.Or(outbound.From, c.number)
}

// segmentsOf is the number of segments of a text; other channels have none.
func segmentsOf(kind channel.Kind, text string) int {
	if kind != channel.SMS {
		return 0
	}
	return telephony.Segments(text)
}
