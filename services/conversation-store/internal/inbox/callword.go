package inbox

import (
	"fmt"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Steps of a call that are no state of it.
const (
	stepRecording  = "recording"
	stepTranscript = "transcript"
)

// callStep is what an event told of a call; empty when nothing that a person would want to know.
func (r journeyRow) callStep() string {
	switch {
	case r.Call == nil:
		return ""
	case r.Call.State != "":
		return r.Call.State
	case r.Call.Recording != nil:
		return stepRecording
	case r.Call.Transcript != "":
		return stepTranscript
	default:
		return ""
	}
}

// called says in a sentence what happened to a call; empty when the event told nothing of it.
func (r journeyRow) called() string {
	isInbound := r.Direction == "inbound"
	switch step := r.callStep(); channel.CallState(step) {
	case channel.CallRinging:
		return "The phone rings."
	case channel.CallInProgress:
		return "Answered" + r.agent() + "."
	case channel.CallCompleted:
		return "The call ended" + r.lasted("after") + "."
	case channel.CallVoicemail:
		return "The caller left a message" + r.lasted("of") + "."
	case channel.CallBusy:
		return "The line was busy."
	case channel.CallNoAnswer:
		return "Nobody answered."
	case channel.CallFailed:
		return "The call could not be connected."
	case channel.CallCanceled:
		if isInbound {
			return "The caller hung up before anybody answered."
		}
		return "The call was canceled before anybody answered."
	default:
		return map[string]string{
			stepRecording:  r.recorded(),
			stepTranscript: "The provider wrote down what was said.",
		}[step]
	}
}

func (r journeyRow) recorded() string {
	if r.Call != nil && r.Call.Recording != nil && r.Call.Recording.MissingReason != "" {
		return "It was recorded, but the recording could not be fetched."
	}
	return "The recording is there."
}

func (r journeyRow) agent() string {
	if r.AgentName == "" {
		return ""
	}
	return " by " + r.AgentName
}

func (r journeyRow) lasted(word string) string {
	if r.Call.DurationSeconds == 0 {
		return ""
	}
	length := time.Duration(r.Call.DurationSeconds) * time.Second
	if length < time.Minute {
		return fmt.Sprintf(" %s %d s", word, r.Call.DurationSeconds)
	}
	return fmt.Sprintf(" %s %d min %d s", word, int(length.Minutes()), r.Call.DurationSeconds%60)
}
