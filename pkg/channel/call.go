package channel

import (
	"maps"
	"net/url"
	"time"
)

// OutboundCall is what Send needs beyond the customer's number: the agent's phone rings first, and when it is picked up
// the provider asks AnswerURL what to do, which is to ring the customer.
type OutboundCall struct {
	// AgentPhone is the number rung first, E.164.
	AgentPhone string
	// AnswerURL is public and carries our ids in its query; see CallURL.
	AnswerURL string
	// Timeout is how long the agent's phone rings; 0 is the provider's default.
	Timeout time.Duration
}

// CallStep is the point of a call at which a provider asks or tells us something. Our own URLs carry it in their query.
type CallStep string

// The steps. The first four ask for instructions, the others only tell.
const (
	// CallIncoming: a customer calls, what is to be done? It is the step of a URL without one.
	CallIncoming CallStep = "incoming"
	// CallAnswered: the agent picked up a call that we placed.
	CallAnswered CallStep = "answered"
	// CallDialed: a Dial has ended; DialState says how.
	CallDialed CallStep = "dialed"
	// CallRecorded: the caller has left a voicemail, or hung up.
	CallRecorded CallStep = "recorded"
	// CallStatus: the call, or the leg to an agent or customer, came into another state.
	CallStatus CallStep = "status"
	// CallRecording: a recording is ready, or there is none.
	CallRecording CallStep = "recording"
	// CallTranscription: a transcript is ready, or there is none.
	CallTranscription CallStep = "transcription"
)

// Known tells whether it is one of the steps.
func (s CallStep) Known() bool {
	return s.AsksForInstructions() || s == CallStatus || s == CallRecording || s == CallTranscription
}

// AsksForInstructions tells whether the provider waits for instructions at this step.
func (s CallStep) AsksForInstructions() bool {
	return s == CallIncoming || s == CallAnswered || s == CallDialed || s == CallRecorded
}

// CallState is the state of a call or of a leg of it, the same words for every provider.
type CallState string

// The states.
const (
	CallRinging    CallState = "ringing"
	CallInProgress CallState = "in_progress"
	CallCompleted  CallState = "completed"
	CallVoicemail  CallState = "voicemail"
	CallBusy       CallState = "busy"
	CallNoAnswer   CallState = "no_answer"
	CallFailed     CallState = "failed"
	CallCanceled   CallState = "canceled"
)

// Rank orders the states of a call as Status.Rank does those of a message: a later webhook that tells an earlier state
// changes nothing. The bool is false for a word that is no state.
func (s CallState) Rank() (int, bool) {
	rank, ok := map[CallState]int{
		CallRinging: 10, CallInProgress: 20,
		CallBusy: 30, CallNoAnswer: 30, CallFailed: 30, CallCanceled: 30,
		CallVoicemail: 40, CallCompleted: 40,
	}[s]
	return rank, ok
}

// CallEvent is what one webhook tells of a call.
type CallEvent struct {
	Step CallStep
	// ExternalID is the provider's id of the call the webhook is about; ParentID that of the call this one is a leg of,
	// empty when it is none.
	ExternalID, ParentID string
	// Account is the provider's account id. From and To are as the webhook has them, normalised.
	Account, From, To string
	// Direction is "inbound" or "outbound" as the provider says; empty when it does not.
	Direction string
	// WorkspaceID, MessageID and Attempt are ours when the URL carried them back, Query the whole query of the URL.
	WorkspaceID, MessageID string
	Attempt                int
	Query                  url.Values
	// State is empty when the provider's word is not one we know; ProviderStatus is its own word.
	State          CallState
	ProviderStatus string
	// DialState is how a Dial ended, DialedID the provider's id of the leg that it made.
	DialState CallState
	DialedID  string
	// Duration of the call, or of the leg a Dial made.
	Duration time.Duration
	// RecordingID, Recording and RecordingDuration tell of a recording; Media is fetched as that of a message is.
	RecordingID       string
	Recording         *Media
	RecordingDuration time.Duration
	Transcript        string
	Failure           *Failure
	OccurredAt        time.Time
	// DedupeKey names the fact: the provider repeats it when it repeats the webhook.
	DedupeKey string
}

// Instruction is one thing a call is to do. Exactly one of the fields is set or true.
type Instruction struct {
	Say    *Say
	Dial   *Dial
	Record *Record
	HangUp bool
	// Reject turns a ringing call down without answering it.
	Reject bool
}

// Say speaks a text.
type Say struct {
	// Language is BCP 47; empty is the provider's default.
	Text, Language string
}

// Dial rings numbers, all at once, and connects the call with the first that answers.
type Dial struct {
	Numbers []DialNumber
	// CallerID is our number, which those rung see.
	CallerID string
	// Timeout is how long they ring.
	Timeout time.Duration
	Record  bool
	// ActionURL is asked for instructions when it has ended, RecordingURL told when a recording is ready.
	ActionURL, RecordingURL string
}

// DialNumber is one number to ring.
type DialNumber struct {
	// Number is E.164.
	Number string
	// StatusURL is told what becomes of this leg; empty for nobody.
	StatusURL string
	// AnswerURL is asked for instructions to whoever picks up before the two are connected; empty for none.
	AnswerURL string
}

// Record takes a voicemail.
type Record struct {
	MaxLength time.Duration
	// Transcribe asks for a transcript where the provider makes one.
	Transcribe bool
	// ActionURL is asked for instructions when it has ended; RecordingURL and TranscriptionURL are told.
	ActionURL, RecordingURL, TranscriptionURL string
}

// Instructor writes instructions in a provider's own language. Optional: a provider that serves Call has it.
type Instructor interface {
	// Instruct is the answer that makes a call do these things one after the other.
	Instruct(instructions []Instruction) (Reply, error)
}

// CallURL is a URL of ours that a provider asks or tells at a step of a call: base with the ids of the message and the
// step in its query. extra may be nil.
func CallURL(base string, message Outbound, step CallStep, extra url.Values) string {
	query := CallbackQuery(message)
	query.Set(callStepKey, string(step))
	maps.Copy(query, extra)
	return base + "?" + query.Encode()
}

// WithCallStep is a URL of ours with a step in its query, whatever else is in there; a URL that is none stays as it is.
func WithCallStep(rawURL string, step CallStep) string {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return rawURL
	}
	query := parsed.Query()
	query.Set(callStepKey, string(step))
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// ParseCallQuery fills step, ids and query of an event from the URL a webhook came to. A URL without a step, or with a
// word that is none, leaves the step as it is, for the provider's own parameters tell it.
func ParseCallQuery(rawURL string, event *CallEvent) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return
	}
	event.Query = parsed.Query()
	event.WorkspaceID, event.MessageID = event.Query.Get("workspaceId"), event.Query.Get("messageId")
	event.Attempt = ParseAttempt(event.Query.Get("attempt"))
	if step := CallStep(event.Query.Get(callStepKey)); step.Known() {
		event.Step = step
	}
}

const callStepKey = "callStep"
