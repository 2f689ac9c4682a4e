package signalwire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

var _ channel.Instructor = (*connection)(nil)

// dialect is cXML as far as we speak it. A recording keeps its silence: trimmed, a caller who waits for a moment and
// hangs up would leave none at all.
func dialect() telephony.Dialect {
	return telephony.Dialect{MaxSay: 4096, MaxNumbers: 10, RecordTrim: "do-not-trim"}
}

// Instruct implements channel.Instructor.
func (c *connection) Instruct(instructions []channel.Instruction) (channel.Reply, error) {
	reply, err := dialect().Reply(instructions)
	if err != nil {
		return channel.Reply{}, fmt.Errorf("writing cXML: %w", err)
	}
	return reply, nil
}

// placeCall rings the agent's phone; the provider then asks the answer URL what to do.
func (c *connection) placeCall(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	request, err := telephony.NewCallRequest(outbound, c.number)
	if err != nil {
		return channel.Accepted{}, err
	}
	answer, failed := c.call(ctx, http.MethodPost, c.account.JoinPath("Calls"), callForm(request))
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.callRefusal(answer)
	}
	return telephony.ReadPlaced(answer)
}

func callForm(request telephony.CallRequest) url.Values {
	form := url.Values{"To": {request.To}, "From": {request.From}, "Url": {request.URL}, "Method": {http.MethodPost}}
	if request.Timeout > 0 {
		form.Set("Timeout", strconv.Itoa(request.Timeout))
	}
	if request.StatusURL != "" {
		form.Set("StatusCallback", request.StatusURL)
		form.Set("StatusCallbackMethod", http.MethodPost)
		form["StatusCallbackEvent"] = telephony.CallEvents()
	}
	return form
}

// findCall looks a call up by its two numbers.
func (c *connection) findCall(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	return vendor().FindCall(outbound, c.number, since, func(cursor string) (channel.Answer, error) {
		answer, failed := c.calls(ctx, url.Values{"To": {outbound.Call.AgentPhone}, "From": {c.from(outbound)}}, cursor)
		switch {
		case failed != nil:
			return channel.Answer{}, failed
		case !answer.OK():
			return channel.Answer{}, c.callRefusal(answer)
		}
		return answer, nil
	})
}

// pageOfCalls lists the calls of the project that were created since, the newest first; it is asked for them by the day.
// A token that may not ask for calls is told of none.
func (c *connection) pageOfCalls(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	answer, failed := c.calls(ctx, url.Values{"StartTime>": {since.UTC().Format(time.DateOnly)}}, cursor)
	switch {
	case failed != nil:
		return channel.Page{}, failed
	case answer.IsUnauthorized():
		return channel.Page{}, nil
	case !answer.OK():
		return channel.Page{}, c.callRefusal(answer)
	}
	return vendor().ListCalls(answer, c.project, since)
}

// calls asks for a page of the list of calls: the first for the query, a later one for the cursor alone.
func (c *connection) calls(ctx context.Context, query url.Values, cursor string) (channel.Answer, *channel.Error) {
	query.Set("PageSize", pageSize)
	if cursor != "" {
		query = valuesOf(cursor)
	}
	return c.call(ctx, http.MethodGet, c.account.JoinPath("Calls"), query)
}

func (c *connection) callRefusal(answer channel.Answer) *channel.Error {
	return vendor().CallRefusal(c.refusal(answer))
}
