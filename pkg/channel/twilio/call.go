package twilio

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

var _ channel.Instructor = (*connection)(nil)

// dialect is TwiML as far as we speak it.
func dialect() telephony.Dialect { return telephony.Dialect{MaxSay: 4096, MaxNumbers: 10} }

// Instruct implements channel.Instructor.
func (c *connection) Instruct(instructions []channel.Instruction) (channel.Reply, error) {
	reply, err := dialect().Reply(instructions)
	if err != nil {
		return channel.Reply{}, fmt.Errorf("writing TwiML: %w", err)
	}
	return reply, nil
}

// placeCall rings the agent's phone; the provider then asks the answer URL what to do.
func (c *connection) placeCall(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	request, err := telephony.NewCallRequest(outbound, c.number)
	if err != nil {
		return channel.Accepted{}, err
	}
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.CreateCall(callParams(request))
		return err
	})
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.callRefusal(answer)
	}
	return telephony.ReadPlaced(answer)
}

func callParams(request telephony.CallRequest) *openapi.CreateCallParams {
	params := &openapi.CreateCallParams{}
	params.SetTo(request.To)
	params.SetFrom(request.From)
	params.SetUrl(request.URL)
	params.SetMethod(http.MethodPost)
	if request.Timeout > 0 {
		params.SetTimeout(request.Timeout)
	}
	if request.StatusURL != "" {
		params.SetStatusCallback(request.StatusURL)
		params.SetStatusCallbackMethod(http.MethodPost)
		params.SetStatusCallbackEvent(telephony.CallEvents())
	}
	return params
}

// findCall looks a call up by its two numbers.
func (c *connection) findCall(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	return vendor().FindCall(outbound, c.number, since, func(cursor string) (channel.Answer, error) {
		params := &openapi.ListCallParams{}
		params.SetTo(outbound.Call.AgentPhone)
		params.SetFrom(c.from(outbound))
		answer, failed := c.calls(ctx, params, cursor)
		switch {
		case failed != nil:
			return channel.Answer{}, failed
		case !answer.OK():
			return channel.Answer{}, c.callRefusal(answer)
		}
		return answer, nil
	})
}

// pageOfCalls lists the calls of the account that were created since, the newest first. An account that may not be asked
// for calls has none.
func (c *connection) pageOfCalls(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	params := &openapi.ListCallParams{}
	params.SetStartTimeAfter(since)
	answer, failed := c.calls(ctx, params, cursor)
	switch {
	case failed != nil:
		return channel.Page{}, failed
	case answer.IsUnauthorized():
		return channel.Page{}, nil
	case !answer.OK():
		return channel.Page{}, c.callRefusal(answer)
	}
	return vendor().ListCalls(answer, c.account.user, time.Time{}) // the provider has left the older ones out
}

// calls asks for a page of the list of calls.
func (c *connection) calls(ctx context.Context, params *openapi.ListCallParams, cursor string) (channel.Answer, *channel.Error) {
	params.SetPageSize(pageSize)
	token, number := nextOf("?" + cursor)
	return c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.PageCall(params, token, number)
		return err
	})
}

var _ channel.MediaAuthorizer = (*connection)(nil)

// AuthorizeMedia implements channel.MediaAuthorizer: recordings and, where the account protects them, the files of
// messages are given to the account alone.
func (c *connection) AuthorizeMedia(request *http.Request) {
	if telephony.IsOfAccount(request.URL, c.place()) {
		request.SetBasicAuth(c.sender.user, c.sender.password)
	}
}

// place is where the API serves the account.
func (c *connection) place() *url.URL {
	return c.base.JoinPath("2010-04-01", "Accounts", c.account.user)
}

func (c *connection) callRefusal(answer channel.Answer) *channel.Error {
	return vendor().CallRefusal(c.refusal(answer))
}
