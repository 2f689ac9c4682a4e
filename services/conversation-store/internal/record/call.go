package record

import (
	"cmp"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// Call is the call column: the life of a call, or the news of it that one event brought.
type Call struct {
	State           string      `json:"state,omitempty"`
	AgentID         string      `json:"agent_id,omitempty"`
	DurationSeconds int32       `json:"duration_seconds,omitempty"`
	StartedAt       *time.Time  `json:"started_at,omitempty"`
	AnsweredAt      *time.Time  `json:"answered_at,omitempty"`
	EndedAt         *time.Time  `json:"ended_at,omitempty"`
	Recording       *Attachment `json:"recording,omitempty"`
	Transcript      string      `json:"transcript,omitempty"`
}

// CallRequest is the call_request column: what a call from us was asked to be.
type CallRequest struct {
	AgentID      string `json:"agent_id"`
	AgentPhone   string `json:"agent_phone"`
	Record       bool   `json:"record"`
	Announcement string `json:"announcement"`
}

// Add is the call after news that came later than all before. The state of the highest rank counts, of equal ones the
// first, but for a voicemail, which every provider also reports as a completed call. Of what does not change the first
// word counts; of what gets better the last.
func (c Call) Add(news Call) Call {
	c.State = furthest(c.State, news.State)
	c.AgentID = cmp.Or(c.AgentID, news.AgentID)
	c.StartedAt = cmp.Or(c.StartedAt, news.StartedAt)
	c.AnsweredAt = cmp.Or(c.AnsweredAt, news.AnsweredAt)
	c.EndedAt = cmp.Or(c.EndedAt, news.EndedAt)
	c.DurationSeconds = cmp.Or(news.DurationSeconds, c.DurationSeconds)
	c.Transcript = cmp.Or(news.Transcript, c.Transcript)
	if news.Recording != nil && (news.Recording.BlobKey != "" || c.Recording == nil || c.Recording.BlobKey == "") {
		c.Recording = news.Recording
	}
	return c
}

func furthest(held, news string) string {
	from, _ := channel.CallState(held).Rank()
	to, known := channel.CallState(news).Rank()
	isVoicemail := to == from && channel.CallState(news) == channel.CallVoicemail
	if known && (to > from || isVoicemail) {
		return news
	}
	return held
}

// IsMissed tells that the customer called and talked to nobody.
func (c Call) IsMissed() bool {
	switch channel.CallState(c.State) {
	case channel.CallVoicemail, channel.CallBusy, channel.CallNoAnswer, channel.CallFailed, channel.CallCanceled:
		return true
	case channel.CallRinging, channel.CallInProgress, channel.CallCompleted:
		return false
	default:
		return false
	}
}

// Proto is the call as facts and answers carry it; nil for none. While no provider has said anything of the call, the
// status of its message tells whether it still may.
func (c *Call) Proto(status string) *eventv1.Call {
	if c == nil {
		return nil
	}
	call := &eventv1.Call{
		State: c.State, AgentId: c.AgentID, DurationSeconds: c.DurationSeconds, StartedAt: stampOf(c.StartedAt),
		AnsweredAt: stampOf(c.AnsweredAt), EndedAt: stampOf(c.EndedAt), Transcript: c.Transcript,
	}
	if c.Recording != nil {
		call.Recording = c.Recording.Proto()
	}
	if rank, _ := channel.CallState(c.State).Rank(); rank < endedRank() {
		call.State = cmp.Or(stateOf(channel.Status(status)), c.State, string(channel.CallRinging))
	}
	return call
}

func endedRank() int {
	rank, _ := channel.CallBusy.Rank()
	return rank
}

// stateOf is what the end of a message says of its call; empty while it has none.
func stateOf(status channel.Status) string {
	switch status { //nolint:exhaustive // the others are no end
	case channel.Failed, channel.Undelivered, channel.Blocked, channel.Expired:
		return string(channel.CallFailed)
	case channel.Canceled:
		return string(channel.CallCanceled)
	default:
		return ""
	}
}

// Proto is the request as SendMessage carries it; nil for none.
func (c *CallRequest) Proto() *eventv1.CallRequest {
	if c == nil {
		return nil
	}
	return &eventv1.CallRequest{
		AgentId: c.AgentID, AgentPhone: c.AgentPhone, Record: c.Record, Announcement: c.Announcement,
	}
}
