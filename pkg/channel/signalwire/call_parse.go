package signalwire

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// aboutCall tells whether the fields of a webhook are about a call.
func aboutCall(fields map[string]string) bool {
	return firstOf(fields, "CallSid", "RecordingSid", "TranscriptionSid") != ""
}

// parseCall reads a webhook about a call. Our URL says which step it is; a URL without one, as it stands in the
// provider's console, leaves that to the parameters.
func parseCall(webhook channel.Webhook, fields map[string]string) (channel.Delivery, error) {
	event := channel.CallEvent{
		Step: stepOf(fields), ExternalID: fields["CallSid"], ParentID: fields["ParentCallSid"], Account: fields["AccountSid"],
		From: phone(fields["From"]), To: phone(fields["To"]), Direction: directionOf(fields["Direction"]),
		ProviderStatus: fields["CallStatus"], State: callStateOf(fields["CallStatus"]),
		DialState: callStateOf(fields["DialCallStatus"]), DialedID: fields["DialCallSid"],
		RecordingID: fields["RecordingSid"], OccurredAt: preciser(timeOf(fields["Timestamp"], webhook.ReceivedAt), webhook.ReceivedAt),
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
		event.Failure = callFailureOf(event.DialState, "")
		// Where no leg came about, only our own URL tells this Dial from the one before it.
		fact = cmp.Or(event.DialedID, event.Query.Encode()) + "/" + fields["DialCallStatus"]
	case channel.CallStatus:
		event.Failure = callFailureOf(event.State, fields["ErrorCode"])
	case channel.CallIncoming, channel.CallAnswered:
	}
	id := cmp.Or(event.ExternalID, event.RecordingID, fields["TranscriptionSid"])
	if event.ExternalID == "" && event.Step.AsksForInstructions() {
		return channel.Delivery{}, fmt.Errorf("parsing: no call is named: %w", channel.ErrUnparsable)
	}
	event.DedupeKey = id + "/" + string(event.Step) + "/" + fact
	return channel.Delivery{Calls: []channel.CallEvent{event}}, nil
}

// preciser is the moment of arrival where it is in the second that the provider tells: of two things within that second
// the first is then known to be the first.
func preciser(told, received time.Time) time.Time {
	if received.UTC().Truncate(time.Second).Equal(told) {
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
	case firstOf(fields, "RecordingSid", "RecordingUrl") != "":
		return channel.CallRecorded
	case firstOf(fields, "CallbackSource", "SequenceNumber", "CallDuration") != "":
		return channel.CallStatus
	case directionOf(fields["Direction"]) == "outbound" && status == channel.CallInProgress:
		return channel.CallAnswered
	case directionOf(fields["Direction"]) == "outbound", status != channel.CallRinging && status != channel.CallInProgress:
		return channel.CallStatus
	default:
		return channel.CallIncoming
	}
}

// directionOf cuts what made the call off: outbound-api and outbound-dial are outbound.
func directionOf(word string) string {
	direction, _, _ := strings.Cut(strings.ToLower(word), "-")
	if direction == "inbound" || direction == "outbound" {
		return direction
	}
	return ""
}

// callStateOf translates the provider's word for a call, a leg or how a Dial ended; empty for a word we do not know.
func callStateOf(word string) channel.CallState {
	return map[string]channel.CallState{
		"queued": channel.CallRinging, "initiated": channel.CallRinging, "ringing": channel.CallRinging,
		"in-progress": channel.CallInProgress, "completed": channel.CallCompleted, "answered": channel.CallCompleted,
		"busy": channel.CallBusy, "no-answer": channel.CallNoAnswer, "failed": channel.CallFailed,
		"canceled": channel.CallCanceled,
	}[strings.ToLower(word)]
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
