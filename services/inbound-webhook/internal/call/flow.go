package call

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// Call is the call that a webhook is about.
type Call struct {
	// Token is the last part of the path that its webhooks come by; empty for the platform's credential.
	Token     string
	Route     *bucketv1.Route
	MessageID string
	// Inbound tells that the customer called; else we did.
	Inbound bool
	// Attempt is that of the message; 0 for an inbound call.
	Attempt int
}

// Settings tells what a workspace does with calls; nil when it has not said.
type Settings func(workspaceID string) *bucketv1.CallSettings

// Flow answers the questions of calls.
type Flow struct {
	settings Settings
	webhooks string
}

// NewFlow makes a flow whose URLs begin with publicURL.
func NewFlow(publicURL string, settings Settings) *Flow {
	return &Flow{settings: settings, webhooks: strings.TrimRight(publicURL, "/") + "/api/webhooks/"}
}

// Instruct is what the call does next.
func (f *Flow) Instruct(c Call, event channel.CallEvent) []channel.Instruction {
	s := f.script(c)
	switch event.Step { //nolint:exhaustive // the others do not ask
	case channel.CallIncoming:
		return s.incoming(event)
	case channel.CallAnswered:
		return s.answered(event)
	case channel.CallDialed:
		return s.dialed(event)
	default:
		return hangUp()
	}
}

// Refuse is the answer to a call that cannot be placed: nobody is kept on the phone.
func Refuse(step channel.CallStep) []channel.Instruction {
	if step == channel.CallIncoming {
		return []channel.Instruction{{Reject: true}}
	}
	return hangUp()
}

// script writes the instructions of one call.
type script struct {
	Call
	settings *bucketv1.CallSettings
	base     string
}

func (f *Flow) script(c Call) script {
	base := f.webhooks + c.Route.GetProvider()
	if c.Token != "" {
		base += "/" + c.Token
	}
	return script{Call: c, settings: f.settings(c.Route.GetWorkspaceId()), base: base}
}

// incoming greets a customer and rings the agents.
func (s script) incoming(event channel.CallEvent) []channel.Instruction {
	next := s.ring(event, 0)
	if next == nil {
		return s.unattended()
	}
	return append(s.announcement(), next...)
}

// unattended is what a caller gets whom nobody can answer: a place for a message, or a word of regret.
func (s script) unattended() []channel.Instruction {
	if s.settings.GetVoicemail() {
		return append(s.announcement(), s.voicemail()...)
	}
	return append(s.say(textUnavailable), hangUp()...)
}

// dialed goes on after a Dial has ended.
func (s script) dialed(event channel.CallEvent) []channel.Instruction {
	switch {
	case connected(event), isOver(event.State):
		return hangUp()
	case !s.Inbound:
		return append(s.say(textNoAnswer), hangUp()...)
	}
	if next := s.ring(event, turnOf(event)+1); next != nil {
		return next
	}
	if s.settings.GetVoicemail() {
		return s.voicemail()
	}
	return append(s.say(textUnavailable), hangUp()...)
}

// answered bridges a call that we placed: first for the agent who picked up, then for the customer, who hears the
// announcement before the two are connected.
func (s script) answered(event channel.CallEvent) []channel.Instruction {
	if event.Query.Get(channel.CallQueryLeg) == channel.CallLegCustomer {
		return s.announcement()
	}
	customer, err := channel.NormalizeAddress(channel.Call, event.Query.Get(channel.CallQueryTo))
	if err != nil {
		return append(s.say(textNotConnected), hangUp()...)
	}
	leg := url.Values{channel.CallQueryLeg: {channel.CallLegCustomer}}
	number := channel.DialNumber{Number: customer, StatusURL: s.url(channel.CallStatus, leg)}
	if s.settings.GetAnnouncement() != "" {
		number.AnswerURL = s.url(channel.CallAnswered, leg)
	}
	record, err := strconv.ParseBool(event.Query.Get(channel.CallQueryRecord))
	if err != nil {
		record = s.settings.GetRecord()
	}
	return append(s.announcement(), s.dial([]channel.DialNumber{number}, record, customerRings, nil))
}

func (s script) dial(numbers []channel.DialNumber, record bool, seconds int32, turn url.Values) channel.Instruction {
	dial := &channel.Dial{
		Numbers: numbers, CallerID: s.Route.GetAddress(), Timeout: secondsOf(seconds), Record: record,
		ActionURL: s.url(channel.CallDialed, turn),
	}
	if record {
		dial.RecordingURL = s.url(channel.CallRecording, nil)
	}
	return channel.Instruction{Dial: dial}
}

func (s script) voicemail() []channel.Instruction {
	greeting := s.settings.GetVoicemailGreeting()
	if strings.TrimSpace(greeting) == "" {
		greeting = textVoicemail
	}
	record := &channel.Record{
		MaxLength: voicemailLength, Transcribe: true,
		ActionURL:        s.url(channel.CallRecorded, nil),
		RecordingURL:     s.url(channel.CallRecording, url.Values{channel.CallQueryVoicemail: {"true"}}),
		TranscriptionURL: s.url(channel.CallTranscription, nil),
	}
	return append(s.say(greeting), channel.Instruction{Record: record}, channel.Instruction{HangUp: true})
}

// announcement is what everybody hears before a call is connected; nothing when the workspace has none.
func (s script) announcement() []channel.Instruction {
	if strings.TrimSpace(s.settings.GetAnnouncement()) == "" {
		return nil
	}
	return s.say(s.settings.GetAnnouncement())
}

func (s script) say(text string) []channel.Instruction {
	return []channel.Instruction{{Say: &channel.Say{Text: text, Language: s.settings.GetLanguage()}}}
}

func (s script) url(step channel.CallStep, extra url.Values) string {
	message := channel.Outbound{WorkspaceID: s.Route.GetWorkspaceId(), MessageID: s.MessageID, Attempt: s.Attempt}
	return channel.CallURL(s.base, message, step, extra)
}

func hangUp() []channel.Instruction { return []channel.Instruction{{HangUp: true}} }
