package call

import (
	"cmp"
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// News is what a webhook tells of the call's message.
type News struct {
	Call *eventv1.Call
	// Status is empty for an inbound call, and when the message stays as it is.
	Status  channel.Status
	Failure *channel.Failure
}

// News reads a webhook. The recording is left to who fetches it.
//
// The leg on which somebody talked tells how a call ended, not the call around it: that one is answered by us as soon
// as it begins, and completed also when nobody came to the phone.
func (f *Flow) News(c Call, event channel.CallEvent) News {
	told := &eventv1.Call{}
	switch event.Step {
	case channel.CallAnswered:
		state := channel.CallRinging // the agent has picked up; the customer is rung now
		if isCustomers(event) {
			state = channel.CallInProgress
		}
		c.set(told, state, event)
	case channel.CallDialed:
		f.dialed(c, event, told)
	case channel.CallRecorded:
		told.EndedAt = timestamppb.New(event.OccurredAt)
		if event.RecordingDuration > 0 || event.RecordingID != "" {
			c.set(told, channel.CallVoicemail, event)
			told.DurationSeconds = wholeSeconds(event.RecordingDuration)
		}
	case channel.CallRecording:
		if event.Recording != nil && event.Query.Get(channel.CallQueryVoicemail) != "" {
			c.set(told, channel.CallVoicemail, event)
			told.DurationSeconds = wholeSeconds(event.RecordingDuration)
		}
	case channel.CallTranscription:
		told.Transcript = event.Transcript
	case channel.CallStatus, channel.CallIncoming:
		c.status(event, told)
	}
	return c.news(event, told)
}

// dialed tells how a Dial ended. While further agents are to be rung it tells nothing yet.
func (f *Flow) dialed(c Call, event channel.CallEvent, told *eventv1.Call) {
	switch {
	case connected(event):
		c.set(told, channel.CallCompleted, event)
		told.DurationSeconds, told.AgentId = wholeSeconds(event.Duration), event.Query.Get(channel.CallQueryAgent)
	case !c.Inbound:
		c.set(told, event.DialState, event)
	case isOver(event.State) || f.script(c).ring(event, turnOf(event)+1) == nil:
		c.set(told, channel.CallNoAnswer, event)
	}
}

// status tells the state that a leg, or the whole call, came into.
func (c Call) status(event channel.CallEvent, told *eventv1.Call) {
	agent := event.Query.Get(channel.CallQueryAgent)
	switch {
	case isCustomers(event):
		c.set(told, event.State, event)
		told.DurationSeconds = wholeSeconds(event.Duration)
	case agent != "" && (event.State == channel.CallInProgress || event.State == channel.CallCompleted):
		c.set(told, event.State, event)
		told.AgentId, told.DurationSeconds = agent, wholeSeconds(event.Duration)
	case agent != "" || event.ParentID != "":
		// a phone that rang in vain: the next one, or the end of the Dial, tells how it went on
	case isOver(event.State) && (c.Inbound || event.State == channel.CallCompleted):
		c.set(told, channel.CallNoAnswer, event) // somebody who did answer was told of by the leg, which outranks this
	case event.State == channel.CallInProgress && !c.Inbound:
		c.set(told, channel.CallRinging, event) // as when the agent's phone asks what to do
	case event.State != channel.CallInProgress:
		c.set(told, event.State, event)
	}
}

// set puts a state with the time that belongs to it.
func (c Call) set(told *eventv1.Call, state channel.CallState, event channel.CallEvent) {
	at := timestamppb.New(event.OccurredAt)
	told.State = string(state)
	switch {
	case state == channel.CallRinging:
		told.StartedAt = at
	case state == channel.CallInProgress:
		told.AnsweredAt = at
	case isOver(state):
		told.EndedAt = at
	}
}

// news adds what the state means for the status of a message of ours.
func (c Call) news(event channel.CallEvent, told *eventv1.Call) News {
	news := News{Call: told}
	if c.Inbound || event.Step == channel.CallStatus && event.State == channel.CallCompleted && !isCustomers(event) {
		return news // that the whole call is over says nothing of whether the customer was reached; the Dial has told
	}
	switch channel.CallState(told.GetState()) {
	case channel.CallRinging:
		news.Status = channel.Sent
	case channel.CallInProgress, channel.CallCompleted, channel.CallVoicemail:
		news.Status = channel.Delivered
	case channel.CallBusy, channel.CallNoAnswer:
		news.Status = channel.Undelivered
	case channel.CallFailed, channel.CallCanceled:
		news.Status = channel.Failed
	}
	switch {
	case news.Status == channel.Undelivered, news.Status == channel.Failed && event.Failure == nil:
		word := event.ProviderStatus
		if event.Step == channel.CallDialed { // the provider's word is that of the agent's leg, which goes on
			word = string(event.DialState)
		}
		news.Failure = channel.NewFailure(channel.CodeUnreachable, word, reasonOf(event))
	case news.Status == channel.Failed:
		news.Failure = event.Failure
	}
	return news
}

// reasonOf tells whose phone was not answered, and whether it was busy.
func reasonOf(event channel.CallEvent) string {
	switch busy := cmp.Or(event.DialState, event.State) == channel.CallBusy; {
	case event.Step != channel.CallDialed && !isCustomers(event):
		return "The phone that was to be rung first was not picked up, so the customer was not called."
	case busy:
		return "The customer's line was busy."
	default:
		return "The customer did not take the call."
	}
}

// isCustomers tells the leg to the customer of a call that we placed.
func isCustomers(event channel.CallEvent) bool {
	return event.Query.Get(channel.CallQueryLeg) == channel.CallLegCustomer
}

func wholeSeconds(duration time.Duration) int32 {
	return int32(math.Min(math.Max(duration.Seconds(), 0), math.MaxInt32))
}
