package signalwire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var errNoAgent = errors.New("the call names no phone of an agent and no place to ask")

// call is the part of the provider's call resource that is read. Its numbers are numbers, and are not read.
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
	answer, failed := c.call(ctx, http.MethodPost, c.account.JoinPath("Calls"), c.callForm(outbound))
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

func (c *connection) callForm(outbound channel.Outbound) url.Values {
	form := url.Values{
		"To": {outbound.Call.AgentPhone}, "From": {cmp.Or(outbound.From, c.number)},
		"Url": {outbound.Call.AnswerURL}, "Method": {http.MethodPost},
	}
	if outbound.Call.Timeout > 0 {
		form.Set("Timeout", strconv.Itoa(int(math.Ceil(outbound.Call.Timeout.Seconds()))))
	}
	if outbound.StatusURL != "" {
		form.Set("StatusCallback", channel.WithCallStep(outbound.StatusURL, channel.CallStatus))
		form.Set("StatusCallbackMethod", http.MethodPost)
		form["StatusCallbackEvent"] = []string{"initiated", "ringing", "answered", "completed"}
	}
	return form
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

// callPage is one page of the list of calls.
type callPage struct {
	Calls []call `json:"calls"`
	Next  string `json:"next_page_uri"`
}

// findCall finds the only call from our number to the agent since the attempt; the list does not show our ids. It is
// asked for the numbers and not for the time of the start, which a call that waits for its turn has not.
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

// listCalls reads page after page until a whole page is older than the attempt: the newest calls come first.
func (c *connection) listCalls(ctx context.Context, outbound channel.Outbound, since time.Time) ([]call, error) {
	query := url.Values{
		"To": {outbound.Call.AgentPhone}, "From": {cmp.Or(outbound.From, c.number)}, "PageSize": {pageSize},
	}
	var all []call
	for range maxPages {
		answer, failed := c.call(ctx, http.MethodGet, c.account.JoinPath("Calls"), query)
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
		_, next, more := strings.Cut(read.Next, "?")
		if older || !more {
			break
		}
		query = valuesOf(next)
	}
	return all, nil
}

func (c call) createdAt() time.Time { return timeOf(cmp.Or(c.DateCreated, c.StartTime), time.Time{}) }

func (c *connection) isCall(entry call, outbound channel.Outbound, since time.Time) bool {
	if entry.From != "" && phone(entry.From) != phone(cmp.Or(outbound.From, c.number)) {
		return false
	}
	at := entry.createdAt()
	return entry.SID != "" && (entry.Direction == "" || entry.Direction == "outbound-api") &&
		phone(entry.To) == phone(outbound.Call.AgentPhone) &&
		!at.Before(since.Add(-clockSkew).Truncate(time.Second)) && at.Before(since.Add(callWindow))
}
