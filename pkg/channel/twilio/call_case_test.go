package twilio_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

const (
	agent      = "+14155550177"
	callID     = "CA11111111111111111111111111111111"
	legID      = "CA22222222222222222222222222222222"
	recordings = "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Recordings/"
)

func outboundCall() channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.Call, Attempt: 2,
		From: number, To: customer, StatusURL: statusURL,
	}
	message.Call = &channel.OutboundCall{
		AgentPhone: agent, Timeout: 25 * time.Second, AnswerURL: channel.CallURL(hookURL, message, channel.CallAnswered, nil),
	}
	return message
}

func readCall(_ *http.Request, body []byte) channeltest.SentCall {
	values, _ := url.ParseQuery(string(body))
	return channeltest.SentCall{
		To: values.Get("To"), From: values.Get("From"), AnswerURL: values.Get("Url"), StatusURL: values.Get("StatusCallback"),
	}
}

func callEntry(id, to string, created time.Time) map[string]any {
	return map[string]any{
		"sid": id, "from": number, "to": to, "direction": "outbound-api", "status": "completed", "duration": "15", "price": "-0.03",
		"date_created": created.UTC().Format(time.RFC1123Z), "start_time": nil,
	}
}

func callList(entries ...map[string]any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"calls": entries, "next_page_uri": nil})
	return channeltest.Reply{Status: http.StatusOK, Body: string(body)}
}

func callCase() *channeltest.Calls {
	limited := refusal(429, "20429", "Too Many Requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	return &channeltest.Calls{
		Message: outboundCall(), AcceptedID: callID, Read: readCall,
		Accepted: channeltest.Reply{
			Status: http.StatusCreated,
			Body:   `{"sid":"` + callID + `","status":"queued","duration":null,"price":null,"direction":"outbound-api"}`,
		},
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:        refusal(400, "21211", "Invalid 'To' Phone Number"),
			channel.PermanentConfig:  refusal(400, "21215", "Account not authorized to call"),
			channel.Auth:             refusal(401, "20003", "Authenticate"),
			channel.AuthScopeLimited: refusal(403, "70051", "Authorization Failed"),
			channel.RateLimited:      limited,
		},
		Find: &channeltest.Find{
			Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
				return callList(callEntry("other", "+14055550124", created), callEntry(externalID, message.Call.AgentPhone, created))
			},
			Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
				leg := callEntry("leg", message.Call.AgentPhone, created)
				leg["direction"] = "outbound-dial"
				elsewhere := callEntry("elsewhere", message.Call.AgentPhone, created)
				elsewhere["from"] = "+14055550124"
				return callList(callEntry("other", "+14055550124", created), leg, elsewhere)
			},
		},
		Status: func(at, id, word string) channel.Webhook {
			return post(at, form("CallSid", id, "AccountSid", account, "From", number, "To", agent, "CallStatus", word,
				"Direction", "outbound-api", "Timestamp", "Sun, 23 Nov 2025 12:00:00 +0000", "SequenceNumber", "1"))
		},
		Words: map[string]channel.CallState{
			"queued": channel.CallRinging, "initiated": channel.CallRinging, "ringing": channel.CallRinging,
			"in-progress": channel.CallInProgress, "completed": channel.CallCompleted, "busy": channel.CallBusy,
			"no-answer": channel.CallNoAnswer, "failed": channel.CallFailed, "canceled": channel.CallCanceled,
		},
		UnknownWord: "teleported",
		Webhooks:    callWebhooks(),
	}
}

// callWebhooks are one of every step, on our own URLs and on that of the console.
func callWebhooks() []channeltest.CallWebhook {
	base := []string{"CallSid", callID, "AccountSid", account, "From", customer, "To", number, "Direction", "inbound", "ApiVersion", "2010-04-01"}
	inbound := func(more ...string) []byte { return form(append(append([]string{}, base...), more...)...) }
	of := func(step channel.CallStep, word string, state channel.CallState) channel.CallEvent {
		return channel.CallEvent{
			Step: step, ExternalID: callID, Account: account, From: customer, To: number, Direction: "inbound",
			ProviderStatus: word, State: state,
		}
	}
	ours := func(step channel.CallStep) string { return channel.CallURL(hookURL, outboundCall(), step, nil) }
	told := func(event channel.CallEvent) channel.CallEvent {
		event.WorkspaceID, event.MessageID, event.Attempt = "w-1", "m-1", 2
		return event
	}
	dialed := of(channel.CallDialed, "in-progress", channel.CallInProgress)
	dialed.DialState, dialed.DialedID, dialed.Duration = channel.CallCompleted, legID, 61*time.Second
	missed := of(channel.CallDialed, "in-progress", channel.CallInProgress)
	missed.DialState = channel.CallNoAnswer
	missed.Failure = channel.NewFailure(channel.CodeUnreachable, "", "Nobody answered.")
	missed.Failure.Remedy = "Call again later, or use another channel."
	recorded := of(channel.CallRecorded, "completed", channel.CallCompleted)
	recorded.RecordingID, recorded.RecordingDuration = "RE1", 9*time.Second
	recording := channel.CallEvent{
		Step: channel.CallRecording, ExternalID: callID, Account: account, ProviderStatus: "completed", RecordingID: "RE1",
		Recording:         &channel.Media{URL: recordings + "RE1.mp3", ContentType: "audio/mpeg", Filename: "recording.mp3"},
		RecordingDuration: 9 * time.Second,
	}
	absent := channel.CallEvent{
		Step: channel.CallRecording, ExternalID: callID, Account: account, ProviderStatus: "absent", RecordingID: "RE2",
	}
	transcription := of(channel.CallTranscription, "completed", "")
	transcription.RecordingID, transcription.Transcript = "RE1", "Hi & bye <3"
	leg := channel.CallEvent{
		Step: channel.CallStatus, ExternalID: legID, ParentID: callID, Account: account, From: customer, To: agent,
		Direction: "outbound", ProviderStatus: "completed", State: channel.CallCompleted, Duration: 61 * time.Second,
		OccurredAt: time.Date(2025, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	return []channeltest.CallWebhook{
		{Name: "incoming", Webhook: post(hookURL+"?", inbound("CallStatus", "ringing")), Want: of(channel.CallIncoming, "ringing", channel.CallRinging)},
		{
			Name: "answered", Webhook: post(ours(channel.CallAnswered), inbound("CallStatus", "in-progress")),
			Want: told(of(channel.CallAnswered, "in-progress", channel.CallInProgress)),
		},
		{
			Name: "dialed", Want: told(dialed), Webhook: post(ours(channel.CallDialed), inbound("CallStatus", "in-progress",
				"DialCallStatus", "completed", "DialCallSid", legID, "DialCallDuration", "61", "DialBridged", "true")),
		},
		{
			Name: "nobody answered", Want: missed,
			Webhook: post(hookURL+"?", inbound("CallStatus", "in-progress", "DialCallStatus", "no-answer")),
		},
		{
			Name: "recorded", Want: recorded, Webhook: post(hookURL+"?", inbound("CallStatus", "completed", "RecordingSid", "RE1",
				"RecordingUrl", recordings+"RE1", "RecordingDuration", "9", "Digits", "hangup")),
		},
		{
			Name: "recording", Want: recording, Webhook: post(hookURL+"?", form("AccountSid", account, "CallSid", callID,
				"RecordingSid", "RE1", "RecordingUrl", recordings+"RE1", "RecordingStatus", "completed", "RecordingDuration", "9")),
		},
		{
			Name: "no recording", Want: absent, Webhook: post(hookURL+"?", form("AccountSid", account, "CallSid", callID,
				"RecordingSid", "RE2", "RecordingUrl", recordings+"RE2", "RecordingStatus", "absent", "RecordingDuration", "-1")),
		},
		{
			Name: "transcription", Want: transcription, Webhook: post(hookURL+"?", inbound("CallStatus", "completed",
				"TranscriptionSid", "TR1", "TranscriptionText", "Hi & bye <3", "TranscriptionStatus", "completed", "RecordingSid", "RE1")),
		},
		{
			Name: "leg", Want: told(leg), Webhook: post(ours(channel.CallStatus), form("CallSid", legID, "ParentCallSid", callID,
				"AccountSid", account, "From", customer, "To", agent, "Direction", "outbound-dial", "CallStatus", "completed",
				"CallDuration", "61", "Timestamp", "Sun, 23 Nov 2025 12:00:00 +0000", "SequenceNumber", "3")),
		},
		{
			Name: "status by GET", Want: of(channel.CallStatus, "completed", channel.CallCompleted),
			Webhook: channel.Webhook{
				Method: http.MethodGet, Header: http.Header{},
				URL: hookURL + "?" + string(inbound("CallStatus", "completed", "SequenceNumber", "4")),
			},
		},
	}
}
