package telephony

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// IsAboutCall tells whether the fields of a webhook are about a call.
func IsAboutCall(fields map[string]string) bool {
	return channel.FirstField(fields, "CallSid", "RecordingSid", "TranscriptionSid") != ""
}

// ParseCall reads a webhook about a call. Our URL says which step it is; a URL without one, as it stands in the
// provider's console, leaves that to the parameters.
func (v Vendor) ParseCall(webhook channel.Webhook, fields map[string]string) (channel.Delivery, error) {
	event := channel.CallEvent{
		Step: stepOf(fields), ExternalID: fields["CallSid"], ParentID: fields["ParentCallSid"], Account: fields["AccountSid"],
		From: Phone(fields["From"]), To: Phone(fields["To"]), Direction: directionOf(fields["Direction"]),
		ProviderStatus: fields["CallStatus"], State: callStateOf(fields["CallStatus"]),
		DialState: callStateOf(fields["DialCallStatus"]), DialedID: fields["DialCallSid"],
		RecordingID: fields["RecordingSid"], OccurredAt: preciser(v.Time(fields["Timestamp"]), webhook.ReceivedAt),
	}
	channel.ParseCallQuery(webhook.URL, &event)
	event.Duration = secondsOf(cmp.Or(fields["CallDuration"], fields["DialCallDuration"]))
	fact := fields["CallStatus"]
	switch event.Step {
	case channel.CallTranscription:
		event.State, event.ProviderStatus = "", fields["TranscriptionStatus"]
		event.Transcript = fields["TranscriptionText"]
		fact = cmp.Or(fields["TranscriptionSid"], event.RecordingID) + "/" + event.ProviderStatus
	case channel.CallRecording:
		event.State, event.ProviderStatus = "", fields["RecordingStatus"]
		event.Recording, event.RecordingDuration = recordingOf(fields)
		fact = event.RecordingID + "/" + event.ProviderStatus
	case channel.CallRecorded:
		event.RecordingDuration = secondsOf(fields["RecordingDuration"])
	case channel.CallDialed:
		event.Failure = v.callFailure(event.DialState, "")
		// Where no leg came about, only our own URL tells this Dial from the one before it.
		fact = cmp.Or(event.DialedID, event.Query.Encode()) + "/" + fields["DialCallStatus"]
	case channel.CallStatus:
		event.Failure = v.callFailure(event.State, fields["ErrorCode"])
	case channel.CallIncoming, channel.CallAnswered:
	}
	id := cmp.Or(event.ExternalID, event.RecordingID, fields["TranscriptionSid"])
	if event.ExternalID == "" && event.Step.AsksForInstructions() {
		return channel.Delivery{}, fmt.Errorf("parsing: no call is named: %w", channel.ErrUnparsable)
	}
	event.DedupeKey = callKey(id, event.Step, fact)
	return channel.Delivery{Calls: []channel.CallEvent{event}}, nil
}

// callKey names a fact of a call, for a webhook and for the list alike.
func callKey(id string, step channel.CallStep, fact string) string {
	return id + "/" + string(step) + "/" + fact
}

// preciser is the moment of arrival where the provider tells none, or only the second in which it is: of two things
// within that second the first is then known to be the first.
func preciser(told, received time.Time) time.Time {
	if told.IsZero() || received.UTC().Truncate(time.Second).Equal(told) {
		return received
	}
	return told
}

// stepOf is the step that the parameters tell.
func stepOf(fields map[string]string) channel.CallStep {
	status := callStateOf(fields["CallStatus"])
	switch {
	case fields["TranscriptionSid"] != "":
		return channel.CallTranscription
	case fields["DialCallStatus"] != "":
		return channel.CallDialed
	case fields["RecordingStatus"] != "", fields["CallSid"] == "":
		return channel.CallRecording
	case channel.FirstField(fields, "RecordingSid", "RecordingUrl") != "":
		return channel.CallRecorded
	case channel.FirstField(fields, "CallbackSource", "SequenceNumber", "CallDuration") != "":
		return channel.CallStatus
	case directionOf(fields["Direction"]) == "outbound" && status == channel.CallInProgress:
		return channel.CallAnswered
	case directionOf(fields["Direction"]) == "outbound", status != channel.CallRinging && status != channel.CallInProgress:
		return channel.CallStatus
	default:
		return channel.CallIncoming
	}
}

// recordingOf is the file of a recording that is complete.
func recordingOf(fields map[string]string) (*channel.Media, time.Duration) {
	at := fields["RecordingUrl"]
	if at == "" || !strings.EqualFold(cmp.Or(fields["RecordingStatus"], "completed"), "completed") {
		return nil, 0
	}
	return &channel.Media{URL: at + ".mp3", ContentType: "audio/mpeg", Filename: "recording.mp3"}, secondsOf(fields["RecordingDuration"])
}

// secondsOf reads a number of seconds; anything else is 0.
func secondsOf(text string) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0) {
		return 0
	}
	const longest = 30 * 24 * time.Hour
	return time.Duration(math.Min(seconds, longest.Seconds()) * float64(time.Second))
}
