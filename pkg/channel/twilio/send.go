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
	return vendor().ReadSent(outbound.Kind, answer, c.api.Sentence)
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
