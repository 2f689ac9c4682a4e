package telephony

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// CallCursor begins the cursors of the calls, which are listed after the messages.
const CallCursor = "calls?"

// ListCalls reads a page of the list of calls of an account. Entries that were created before since are left out.
func (v Vendor) ListCalls(answer channel.Answer, account string, since time.Time) (channel.Page, error) {
	var read struct {
		Calls []json.RawMessage `json:"calls"`
		Next  string            `json:"next_page_uri"`
	}
	if err := json.Unmarshal(answer.Body, &read); err != nil || read.Calls == nil {
		return channel.Page{}, unreadable(answer)
	}
	listed := channel.Page{}
	listed.Calls = v.callsOf(account, read.Calls, since)
	if cursor := v.Cursor(read.Next); cursor != "" && len(read.Calls) > 0 {
		listed.Next = CallCursor + cursor
	}
	return listed, nil
}

// callsOf makes of the entries what their webhooks would have told, with the keys they would have had: that a customer
// called, in which state a call is, and that somebody took it. An entry that cannot be read is left out.
func (v Vendor) callsOf(account string, raw []json.RawMessage, since time.Time) []channel.CallEvent {
	entries := map[string]Call{}
	var order []Call
	for _, one := range raw {
		var entry Call
		if channel.Readable(one, &entry) && entry.SID != "" && !v.createdAt(entry).Before(since) {
			entries[entry.SID] = entry
			order = append(order, entry)
		}
	}
	var events []channel.CallEvent
	for _, entry := range order {
		parent, isLeg := entries[entry.ParentSID]
		switch event := v.eventOf(account, entry); {
		case isLeg && event.State == channel.CallCompleted && event.Duration > 0:
			dialed := v.eventOf(account, parent)
			dialed.Step, dialed.DialState, dialed.DialedID = channel.CallDialed, event.State, entry.SID
			dialed.Duration, dialed.OccurredAt = event.Duration, event.OccurredAt
			dialed.DedupeKey = callKey(parent.SID, channel.CallDialed, entry.SID+"/"+entry.Status)
			events = append(events, dialed)
		case entry.ParentSID != "":
		case event.Direction == "inbound":
			incoming := event
			incoming.Step, incoming.State, incoming.ProviderStatus = channel.CallIncoming, channel.CallRinging, "ringing"
			incoming.Duration, incoming.Failure, incoming.OccurredAt = 0, nil, v.createdAt(entry)
			incoming.DedupeKey = callKey(entry.SID, channel.CallIncoming, "ringing")
			events = append(events, incoming, event)
		default:
			events = append(events, event)
		}
	}
	return events
}

// eventOf is the state of a call as a status webhook tells it.
func (v Vendor) eventOf(account string, c Call) channel.CallEvent {
	state := callStateOf(c.Status)
	return channel.CallEvent{
		Step: channel.CallStatus, ExternalID: c.SID, ParentID: c.ParentSID, Account: account,
		From: Phone(c.From), To: Phone(c.To), Direction: directionOf(c.Direction), State: state, ProviderStatus: c.Status,
		Duration: secondsOf(string(c.Duration)), Failure: v.callFailure(state, ""),
		OccurredAt: v.Time(cmp.Or(c.EndTime, c.StartTime, c.DateCreated)),
		DedupeKey:  callKey(c.SID, channel.CallStatus, c.Status),
	}
}
