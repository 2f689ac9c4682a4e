package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var errNoAgent = errors.New("the call names no phone of an agent and no place to ask")

// call is the part of the provider's call resource that is read.
type call struct {
	SID         string `json:"sid"`
	Status      string `json:"status"`
	From        string `json:"from"`
	To          string `json:"to"`
	Direction   string `json:"direction"`
	DateCreated string `json:"date_created"`
	StartTime   string `json:"start_time"`
	EndTime     string `json:"end_time"`
	ParentSID   string `json:"parent_call_sid"`
	Duration    word   `json:"duration"`
}

// placeCall rings the agent's phone; the provider then asks the answer URL what to do.
func (c *connection) placeCall(ctx context.Context, outbound channel.Outbound) (channel.Accepted, error) {
	if outbound.Call == nil || outbound.Call.AgentPhone == "" || outbound.Call.AnswerURL == "" {
		return channel.Accepted{}, &channel.Error{Class: channel.Permanent, Err: errNoAgent}
	}
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.CreateCall(c.callParams(outbound))
		return err
	})
	if failed != nil {
		return channel.Accepted{}, failed
	}
	if !answer.OK() {
		return channel.Accepted{}, c.callRefusal(answer)
	}
	var taken call
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return channel.Accepted{}, &channel.Error{
			Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable,
		}
	}
	return channel.Accepted{ExternalID: taken.SID, Status: callStatusOf(taken.Status), ProviderStatus: taken.Status}, nil
}

func (c *connection) callParams(outbound channel.Outbound) *openapi.CreateCallParams {
	params := &openapi.CreateCallParams{}
	params.SetTo(outbound.Call.AgentPhone)
	params.SetFrom(cmp.Or(outbound.From, c.number))
	params.SetUrl(outbound.Call.AnswerURL)
	params.SetMethod(http.MethodPost)
	if outbound.Call.Timeout > 0 {
		params.SetTimeout(int(math.Ceil(outbound.Call.Timeout.Seconds())))
	}
	if outbound.StatusURL != "" {
		params.SetStatusCallback(channel.WithCallStep(outbound.StatusURL, channel.CallStatus))
		params.SetStatusCallbackMethod(http.MethodPost)
		params.SetStatusCallbackEvent([]string{"initiated", "ringing", "answered", "completed"})
	}
	return params
}

// callStatusOf is what the state of a call that the provider has taken means for its message.
func callStatusOf(word string) channel.Status {
	switch state := callStateOf(word); {
	case state == channel.CallRinging && !strings.EqualFold(word, "queued"):
		return channel.Sending
	case state == "" || state == channel.CallRinging:
		return channel.Queued
	default:
		return channel.Sent
	}
}

// callWindow is how long after since a call can still have been created there: see findWindow. It is shorter, for the
// next call from the same number to the same agent looks just the same.
const callWindow = 90 * time.Second

// callPage is one page of the list of calls, the newest first.
type callPage struct {
	Calls []call `json:"calls"`
	Next  string `json:"next_page_uri"`
}

// findCall finds the only call from our number to the agent since the attempt; the list does not show our ids. It is
// not asked for the time of the start, which a call that waits has not.
func (c *connection) findCall(ctx context.Context, outbound channel.Outbound, since time.Time) (channel.Found, error) {
	if outbound.Call == nil {
		return channel.Found{}, &channel.Error{Class: channel.Permanent, Err: errNoAgent}
	}
	listed, err := c.listCalls(ctx, outbound, since)
	if err != nil {
		return channel.Found{}, err
	}
	var candidates []call
	for _, entry := range listed {
		same := func(other call) bool { return other.SID == entry.SID }
		if c.isCall(entry, outbound, since) && !slices.ContainsFunc(candidates, same) {
			candidates = append(candidates, entry)
		}
	}
	if len(candidates) != 1 {
		return channel.Found{}, fmt.Errorf("finding call %s among %d: %w", outbound.MessageID, len(candidates), channel.ErrNotFound)
	}
	entry := candidates[0]
	status, failure := callOutcome(entry.Status, "")
	return channel.Found{
		Accepted: channel.Accepted{ExternalID: entry.SID, Status: channel.Sent.Advance(status), ProviderStatus: entry.Status},
		Failure:  failure,
	}, nil
}

// callOutcome is what the last state of a call means for its message.
func callOutcome(word, code string) (channel.Status, *channel.Failure) {
	state := callStateOf(word)
	switch state {
	case channel.CallInProgress, channel.CallCompleted:
		return channel.Delivered, nil
	case channel.CallBusy, channel.CallNoAnswer:
		return channel.Undelivered, callFailureOf(state, code)
	case channel.CallFailed, channel.CallCanceled:
		return channel.Failed, callFailureOf(state, code)
	case channel.CallRinging, channel.CallVoicemail:
	}
	return channel.Sent, nil
}

// listCalls reads page after page until a whole page is older than the attempt.
func (c *connection) listCalls(ctx context.Context, outbound channel.Outbound, since time.Time) ([]call, error) {
	params := &openapi.ListCallParams{}
	params.SetTo(outbound.Call.AgentPhone)
	params.SetFrom(cmp.Or(outbound.From, c.number))
	params.SetPageSize(pageSize)
	var all []call
	token, number := "", ""
	for range maxPages {
		answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
			_, err := api.PageCall(params, token, number)
			return err
		})
		if failed != nil {
			return nil, failed
		}
		if !answer.OK() {
			return nil, c.callRefusal(answer)
		}
		var read callPage
		if err := json.Unmarshal(answer.Body, &read); err != nil {
			return nil, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
		}
		all = append(all, read.Calls...)
		older := !slices.ContainsFunc(read.Calls, func(entry call) bool { return !entry.createdAt().Before(since.Add(-clockSkew)) })
		token, number = nextOf(read.Next)
		if older || token == "" && number == "" {
			break
		}
	}
	return all, nil
}

func (c call) createdAt() time.Time { return readTime(cmp.Or(c.DateCreated, c.StartTime)) }

func (c *connection) isCall(entry call, outbound channel.Outbound, since time.Time) bool {
	if entry.From != "" && phone(entry.From) != phone(cmp.Or(outbound.From, c.number)) {
		return false
	}
	at := entry.createdAt()
	return entry.SID != "" && (entry.Direction == "" || entry.Direction == "outbound-api") &&
		phone(entry.To) == phone(outbound.Call.AgentPhone) &&
		!at.Before(since.Add(-clockSkew).Truncate(time.Second)) && at.Before(since.Add(callWindow))
}
