package telephony

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	// ClockSkew is how far a provider's clock may be behind ours.
	ClockSkew = 5 * time.Second
	// callWindow is how long after since a call can still have been created there: since lies a little before the attempt
	// and the clocks differ. It is short, for the next call from the same number to the same agent looks just the same.
	callWindow = 90 * time.Second
	maxPages   = 10
)

// FindCall finds the only call from our number to the agent since the attempt; the list does not show our ids. ask gives
// the page of a cursor, the first of which is empty. It asks for the two numbers and not for the time of the start, which
// a call that waits for its turn has not. from is the number where the message names none.
func (v Vendor) FindCall(
	outbound channel.Outbound, from string, since time.Time, ask func(cursor string) (channel.Answer, error),
) (channel.Found, error) {
	if outbound.Call == nil {
		return channel.Found{}, &channel.Error{Class: channel.Permanent, Err: errNoAgent}
	}
	listed, err := v.callsSince(since.Add(-ClockSkew), ask)
	if err != nil {
		return channel.Found{}, err
	}
	var candidates []Call
	for _, entry := range listed {
		same := func(other Call) bool { return other.SID == entry.SID }
		if v.isCall(entry, outbound, from, since) && !slices.ContainsFunc(candidates, same) {
			candidates = append(candidates, entry)
		}
	}
	if len(candidates) != 1 {
		return channel.Found{}, fmt.Errorf("finding call %s among %d: %w", outbound.MessageID, len(candidates), channel.ErrNotFound)
	}
	entry := candidates[0]
	status, failure := v.callOutcome(entry.Status)
	return channel.Found{
		Accepted: channel.Accepted{ExternalID: entry.SID, Status: channel.Sent.Advance(status), ProviderStatus: entry.Status},
		Failure:  failure, ByLikeness: true,
	}, nil
}

// callOutcome is what the last state of a call means for its message.
func (v Vendor) callOutcome(word string) (channel.Status, *channel.Failure) {
	state := callStateOf(word)
	switch state {
	case channel.CallInProgress, channel.CallCompleted:
		return channel.Delivered, nil
	case channel.CallBusy, channel.CallNoAnswer:
		return channel.Undelivered, v.callFailure(state, "")
	case channel.CallFailed, channel.CallCanceled:
		return channel.Failed, v.callFailure(state, "")
	case channel.CallRinging, channel.CallVoicemail:
	}
	return channel.Sent, nil
}

// callsSince reads page after page until a whole page is older: the newest calls come first. An entry that cannot be
// read may be the one looked for, so that it spoils the answer.
func (v Vendor) callsSince(since time.Time, ask func(cursor string) (channel.Answer, error)) ([]Call, error) {
	var all []Call
	cursor := ""
	for range maxPages {
		answer, err := ask(cursor)
		if err != nil {
			return nil, err
		}
		var read struct {
			Calls []Call `json:"calls"`
			Next  string `json:"next_page_uri"`
		}
		if json.Unmarshal(answer.Body, &read) != nil {
			return nil, unreadable(answer)
		}
		all = append(all, read.Calls...)
		older := !slices.ContainsFunc(read.Calls, func(entry Call) bool { return !v.createdAt(entry).Before(since) })
		if cursor = v.Cursor(read.Next); older || cursor == "" {
			break
		}
	}
	return all, nil
}

func (v Vendor) isCall(entry Call, outbound channel.Outbound, from string, since time.Time) bool {
	if entry.From != "" && Phone(entry.From) != Phone(cmp.Or(outbound.From, from)) {
		return false
	}
	at := v.createdAt(entry)
	return entry.SID != "" && (entry.Direction == "" || entry.Direction == "outbound-api") &&
		Phone(entry.To) == Phone(outbound.Call.AgentPhone) &&
		!at.Before(since.Add(-ClockSkew).Truncate(time.Second)) && at.Before(since.Add(callWindow))
}
