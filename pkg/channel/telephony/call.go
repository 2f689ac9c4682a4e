package telephony

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

var (
	errNoAgent    = errors.New("the call names no phone of an agent and no place to ask")
	errUnreadable = errors.New("the answer is not the API's")
)

// Call is the part of the call resource that is read.
type Call struct {
	SID         string         `json:"sid"`
	Status      string         `json:"status"`
	From        string         `json:"from"`
	To          string         `json:"to"`
	Direction   string         `json:"direction"`
	DateCreated string         `json:"date_created"`
	StartTime   string         `json:"start_time"`
	EndTime     string         `json:"end_time"`
	ParentSID   string         `json:"parent_call_sid"`
	Duration    channel.Scalar `json:"duration"`
}

// CallRequest is what a request to place a call says: the agent's phone rings, and when it is picked up the provider asks
// URL what to do.
type CallRequest struct {
	To, From, URL string
	// Timeout in seconds is 0 where the provider's own is to hold, StatusURL empty where nobody is to be told.
	Timeout   int
	StatusURL string
}

// NewCallRequest reads what is to be asked for out of a message; from is the number where the message names none.
func NewCallRequest(outbound channel.Outbound, from string) (CallRequest, error) {
	call := outbound.Call
	if call == nil || call.AgentPhone == "" || call.AnswerURL == "" {
		return CallRequest{}, &channel.Error{Class: channel.Permanent, Err: errNoAgent}
	}
	request := CallRequest{
		To: call.AgentPhone, From: cmp.Or(outbound.From, from), URL: call.AnswerURL,
		Timeout: int(math.Ceil(max(call.Timeout, 0).Seconds())),
	}
	if outbound.StatusURL != "" {
		request.StatusURL = channel.WithCallStep(outbound.StatusURL, channel.CallStatus)
	}
	return request, nil
}

// CallEvents are the states that StatusURL is told of.
func CallEvents() []string { return []string{"initiated", "ringing", "answered", "completed"} }

// ReadPlaced reads the answer to a call that was taken.
func ReadPlaced(answer channel.Answer) (channel.Accepted, error) {
	var taken Call
	if err := json.Unmarshal(answer.Body, &taken); err != nil || taken.SID == "" {
		return channel.Accepted{}, unreadable(answer)
	}
	return channel.Accepted{ExternalID: taken.SID, Status: placedStatus(taken.Status), ProviderStatus: taken.Status}, nil
}

func unreadable(answer channel.Answer) *channel.Error {
	return &channel.Error{Class: channel.UnknownOutcome, HTTPStatus: answer.Status, Err: errUnreadable}
}

// placedStatus is what the state of a call that the provider has taken means for its message.
func placedStatus(word string) channel.Status {
	switch state := callStateOf(word); {
	case state == channel.CallRinging && !strings.EqualFold(word, "queued"):
		return channel.Sending
	case state == "" || state == channel.CallRinging:
		return channel.Queued
	default:
		return channel.Sent
	}
}

// callStateOf translates the word for a call, a leg or how a Dial ended; empty for a word we do not know.
func callStateOf(word string) channel.CallState {
	return map[string]channel.CallState{
		"queued": channel.CallRinging, "initiated": channel.CallRinging, "ringing": channel.CallRinging,
		"in-progress": channel.CallInProgress, "completed": channel.CallCompleted, "answered": channel.CallCompleted,
		"busy": channel.CallBusy, "no-answer": channel.CallNoAnswer, "failed": channel.CallFailed,
		"canceled": channel.CallCanceled,
	}[strings.ToLower(word)]
}

// directionOf cuts what made the call off: outbound-api and outbound-dial are outbound.
func directionOf(word string) string {
	direction, _, _ := strings.Cut(strings.ToLower(word), "-")
	if direction == "inbound" || direction == "outbound" {
		return direction
	}
	return ""
}

func (v Vendor) createdAt(c Call) time.Time { return v.Time(cmp.Or(c.DateCreated, c.StartTime)) }
