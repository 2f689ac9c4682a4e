package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// callCursor begins the cursors of the calls, which are listed after the messages.
const callCursor = "calls?"

// pageOfCalls lists the calls of the account that were created since, the newest first. An account that may not be asked
// for calls has none.
func (c *connection) pageOfCalls(ctx context.Context, since time.Time, cursor string) (channel.Page, error) {
	params := &openapi.ListCallParams{}
	params.SetStartTimeAfter(since.Add(-clockSkew).UTC())
	params.SetPageSize(pageSize)
	token, number := nextOf("?" + cursor)
	answer, failed := c.call(ctx, c.sender, func(api *openapi.ApiService) error {
		_, err := api.PageCall(params, token, number)
		return err
	})
	switch {
	case failed != nil:
		return channel.Page{}, failed
	case isUnauthorized(answer):
		return channel.Page{}, nil
	case !answer.OK():
		return channel.Page{}, c.callRefusal(answer)
	}
	var read struct {
		Calls []json.RawMessage `json:"calls"`
		Next  string            `json:"next_page_uri"`
	}
	if err := json.Unmarshal(answer.Body, &read); err != nil || read.Calls == nil {
		return channel.Page{}, &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	listed := channel.Page{}
	listed.Calls = callsOf(c.account.user, read.Calls)
	if token, number = nextOf(read.Next); token+number != "" && len(read.Calls) > 0 {
		listed.Next = callCursor + url.Values{"PageToken": {token}, "Page": {number}}.Encode()
	}
	return listed, nil
}

// callsOf makes of the entries what their webhooks would have told, with the keys they would have had: that a customer
// called, in which state a call is, and that somebody took it. An entry that cannot be read is left out.
func callsOf(account string, raw []json.RawMessage) []channel.CallEvent {
	entries := map[string]call{}
	var order []call
	for _, one := range raw {
		var entry call
		if readable(one, &entry) && entry.SID != "" {
			entries[entry.SID] = entry
			order = append(order, entry)
		}
	}
	var events []channel.CallEvent
	for _, entry := range order {
		parent, isLeg := entries[entry.ParentSID]
		switch event := entry.event(account); {
		case isLeg && event.State == channel.CallCompleted && event.Duration > 0:
			dialed := parent.event(account)
			dialed.Step, dialed.DialState, dialed.DialedID = channel.CallDialed, event.State, entry.SID
			dialed.Duration, dialed.OccurredAt = event.Duration, event.OccurredAt
			dialed.DedupeKey = parent.SID + "/" + string(channel.CallDialed) + "/" + entry.SID + "/" + entry.Status
			events = append(events, dialed)
		case entry.ParentSID != "":
		case event.Direction == "inbound":
			incoming := event
			incoming.Step, incoming.State, incoming.ProviderStatus = channel.CallIncoming, channel.CallRinging, "ringing"
			incoming.Duration, incoming.Failure, incoming.OccurredAt = 0, nil, entry.createdAt()
			incoming.DedupeKey = entry.SID + "/" + string(channel.CallIncoming) + "/ringing"
			events = append(events, incoming, event)
		default:
			events = append(events, event)
		}
	}
	return events
}

// event is the state of a call as a status webhook tells it.
func (c call) event(account string) channel.CallEvent {
	state := callStateOf(c.Status)
	at := readTime(cmp.Or(c.EndTime, c.StartTime, c.DateCreated))
	return channel.CallEvent{
		Step: channel.CallStatus, ExternalID: c.SID, ParentID: c.ParentSID, Account: account,
		From: phone(c.From), To: phone(c.To), Direction: directionOf(c.Direction), State: state, ProviderStatus: c.Status,
		Duration: secondsOf(string(c.Duration)), Failure: callFailureOf(state, ""), OccurredAt: at,
		DedupeKey: c.SID + "/" + string(channel.CallStatus) + "/" + c.Status,
	}
}
