package telephonytest

import (
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// inbound is a form about the customer's call.
func (s Sample) inbound(more ...string) []byte {
	return Form(append([]string{
		"CallSid", s.CallID, "AccountSid", s.Account, "From", s.Customer, "To", s.Number, "Direction", "inbound", "ApiVersion", "2010-04-01",
	}, more...)...)
}

// of is what is read of the customer's call at a step.
func (s Sample) of(step channel.CallStep, word string, state channel.CallState) channel.CallEvent {
	return channel.CallEvent{
		Step: step, ExternalID: s.CallID, Account: s.Account, From: s.Customer, To: s.Number, Direction: "inbound",
		ProviderStatus: word, State: state,
	}
}

// Ours is our own URL at a step, with the ids of the message in it.
func (s Sample) Ours(step channel.CallStep) string {
	return channel.CallURL(s.HookURL, s.Message(), step, nil)
}

// Told is an event that came to our own URL.
func Told(event channel.CallEvent) channel.CallEvent {
	event.WorkspaceID, event.MessageID, event.Attempt = "w-1", "m-1", 2
	return event
}

// Webhooks are one of every step and more, on our own URLs and on that of a number.
func (s Sample) Webhooks() []channeltest.CallWebhook {
	return append(s.legs(), s.recordings()...)
}

// Leg is the news of the leg that was dialed to the agent, in its state.
func (s Sample) Leg(word string, state channel.CallState, duration time.Duration) channel.CallEvent {
	return Told(channel.CallEvent{
		Step: channel.CallStatus, ExternalID: s.LegID, ParentID: s.CallID, Account: s.Account, From: s.Customer, To: Agent,
		Direction: "outbound", ProviderStatus: word, State: state, Duration: duration,
		OccurredAt: time.Date(2025, 11, 23, 12, 0, 0, 0, time.UTC),
	})
}

func (s Sample) legs() []channeltest.CallWebhook {
	dialed := s.of(channel.CallDialed, "in-progress", channel.CallInProgress)
	dialed.DialState, dialed.DialedID, dialed.Duration = channel.CallCompleted, s.LegID, 61*time.Second
	missed := s.of(channel.CallDialed, "in-progress", channel.CallInProgress)
	missed.DialState = channel.CallNoAnswer
	missed.Failure = channel.NewFailure(channel.CodeUnreachable, "", "Nobody answered.")
	missed.Failure.Remedy = "Call again later, or use another channel."
	return []channeltest.CallWebhook{
		{
			Name: "incoming", Webhook: Post(s.HookURL+"?", s.inbound("CallStatus", "ringing")),
			Want: s.of(channel.CallIncoming, "ringing", channel.CallRinging),
		},
		{
			Name: "answered", Webhook: Post(s.Ours(channel.CallAnswered), s.inbound("CallStatus", "in-progress")),
			Want: Told(s.of(channel.CallAnswered, "in-progress", channel.CallInProgress)),
		},
		{
			Name: "dialed", Want: Told(dialed), Webhook: Post(s.Ours(channel.CallDialed), s.inbound("CallStatus", "in-progress",
				"DialCallStatus", "completed", "DialCallSid", s.LegID, "DialCallDuration", "61", "DialBridged", "true")),
		},
		{
			Name: "nobody answered", Want: missed,
			Webhook: Post(s.HookURL+"?", s.inbound("CallStatus", "in-progress", "DialCallStatus", "no-answer")),
		},
		{
			Name: "leg", Want: s.Leg("completed", channel.CallCompleted, 61*time.Second),
			Webhook: Post(s.Ours(channel.CallStatus), Form("CallSid", s.LegID, "ParentCallSid", s.CallID,
				"AccountSid", s.Account, "From", s.Customer, "To", Agent, "Direction", "outbound-dial", "CallStatus", "completed",
				"CallDuration", "61", "Timestamp", "Sun, 23 Nov 2025 12:00:00 +0000", "SequenceNumber", "3")),
		},
		{
			Name: "status by GET", Want: s.of(channel.CallStatus, "completed", channel.CallCompleted),
			Webhook: channel.Webhook{
				Method: http.MethodGet, Header: http.Header{},
				URL: s.HookURL + "?" + string(s.inbound("CallStatus", "completed", "SequenceNumber", "4")),
			},
		},
	}
}

func (s Sample) recordings() []channeltest.CallWebhook {
	recorded := s.of(channel.CallRecorded, "completed", channel.CallCompleted)
	recorded.RecordingID, recorded.RecordingDuration = "RE1", 9*time.Second
	recording := channel.CallEvent{
		Step: channel.CallRecording, ExternalID: s.CallID, Account: s.Account, ProviderStatus: "completed", RecordingID: "RE1",
		Recording:         &channel.Media{URL: s.Recordings + "RE1.mp3", ContentType: "audio/mpeg", Filename: "recording.mp3"},
		RecordingDuration: 9 * time.Second,
	}
	absent := channel.CallEvent{
		Step: channel.CallRecording, ExternalID: s.CallID, Account: s.Account, ProviderStatus: "absent", RecordingID: "RE2",
	}
	transcription := s.of(channel.CallTranscription, "completed", "")
	transcription.RecordingID, transcription.Transcript = "RE1", "Hi & bye <3"
	alone := Told(channel.CallEvent{
		Step: channel.CallTranscription, ProviderStatus: "completed", RecordingID: "RE1", Transcript: "Hi & bye <3",
	})
	return []channeltest.CallWebhook{
		{
			Name: "recorded", Want: recorded, Webhook: Post(s.HookURL+"?", s.inbound("CallStatus", "completed", "RecordingSid", "RE1",
				"RecordingUrl", s.Recordings+"RE1", "RecordingDuration", "9", "Digits", "hangup")),
		},
		{
			Name: "recording", Want: recording, Webhook: Post(s.HookURL+"?", Form("AccountSid", s.Account, "CallSid", s.CallID,
				"RecordingSid", "RE1", "RecordingUrl", s.Recordings+"RE1", "RecordingStatus", "completed", "RecordingDuration", "9")),
		},
		{
			Name: "no recording", Want: absent, Webhook: Post(s.HookURL+"?", Form("AccountSid", s.Account, "CallSid", s.CallID,
				"RecordingSid", "RE2", "RecordingUrl", s.Recordings+"RE2", "RecordingStatus", "absent", "RecordingDuration", "-1")),
		},
		{
			Name: "transcription", Want: transcription, Webhook: Post(s.HookURL+"?", s.inbound("CallStatus", "completed",
				"TranscriptionSid", "TR1", "TranscriptionText", "Hi & bye <3", "TranscriptionStatus", "completed", "RecordingSid", "RE1")),
		},
		{
			Name: "transcription without a call", Want: alone,
			Webhook: Post(s.Ours(channel.CallTranscription), Form("TranscriptionSid", "TR2", "TranscriptionText", "Hi & bye <3",
				"TranscriptionStatus", "completed", "RecordingSid", "RE1", "RecordingUrl", s.Recordings+"RE1")),
		},
	}
}
