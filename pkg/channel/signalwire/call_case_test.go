package signalwire_test

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
	callID     = "11111111-aaaa-4000-8000-000000000001"
	legID      = "22222222-aaaa-4000-8000-000000000002"
	recordings = "https://example.signalwire.com/api/laml/2010-04-01/Accounts/" + project + "/Recordings/"
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
		"sid": id, "from": number, "to": to, "direction": "outbound-api", "status": "completed", "duration": 15, "price": 0.03,
		"date_created": created.UTC().Format(time.RFC1123Z), "start_time": nil,
	}
}

func callList(entries ...map[string]any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"calls": entries, "next_page_uri": nil})
	return channeltest.Reply{Status: http.StatusOK, Body: string(body)}
}

func callCase() *channeltest.Calls {
	limited := refusal(429, "20429", "Too many requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	return &channeltest.Calls{
		Message: outboundCall(), AcceptedID: callID, Read: readCall,
		Accepted: channeltest.Reply{
			Status: http.StatusOK,
			Body:   `{"sid":"` + callID + `","status":"queued","duration":0,"price":0.0,"direction":"outbound-api"}`,
		},
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:       refusal(422, "21211", "To is not a valid phone number"),
			channel.PermanentConfig: {Status: 422, Body: `{"errors":[{"code":"21210","message":"The From number is not verified"}]}`},
			channel.Auth:            {Status: 401, Body: `{"error":"Unauthorized"}`},
			channel.RateLimited:     limited,
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
			return post(at, form("CallSid", id, "AccountSid", project, "From", number, "To", agent, "CallStatus", word,
				"Direction", "outbound-api", "Timestamp", "Thu, 04 Apr 2024 18:32:15 +0000", "SequenceNumber", "1"))
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

// callWebhooks are one of every step, on our own URLs and on that of a number, as forms and as JSON.
func callWebhooks() []channeltest.CallWebhook {
	base := []string{"CallSid", callID, "AccountSid", project, "From", customer, "To", number, "Direction", "inbound", "ApiVersion", "2010-04-01"}
	inbound := func(more ...string) []byte { return form(append(append([]string{}, base...), more...)...) }
	of := func(step channel.CallStep, word string, state channel.CallState) channel.CallEvent {
		return channel.CallEvent{
			Step: step, ExternalID: callID, Account: project, From: customer, To: number, Direction: "inbound",
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
	recorded.RecordingID, recorded.RecordingDuration = "r-1", 9*time.Second
	recording := channel.CallEvent{
		Step: channel.CallRecording, ExternalID: callID, Account: project, ProviderStatus: "completed", RecordingID: "r-1",
		Recording:         &channel.Media{URL: recordings + "r-1.mp3", ContentType: "audio/mpeg", Filename: "recording.mp3"},
		RecordingDuration: 9 * time.Second,
	}
	transcription := told(channel.CallEvent{
		Step: channel.CallTranscription, ProviderStatus: "completed", RecordingID: "r-1", Transcript: "Hi & bye <3",
	})
	leg := channel.CallEvent{
		Step: channel.CallStatus, ExternalID: legID, ParentID: callID, Account: project, From: customer, To: agent,
		Direction: "outbound", ProviderStatus: "completed", State: channel.CallCompleted, Duration: 61 * time.Second,
		OccurredAt: time.Date(2024, 4, 4, 18, 32, 15, 0, time.UTC),
	}
	legJSON := leg
	legJSON.ProviderStatus, legJSON.State = "in-progress", channel.CallInProgress
	return []channeltest.CallWebhook{
		{Name: "incoming", Webhook: post(hookURL+"?", inbound("CallStatus", "ringing")), Want: of(channel.CallIncoming, "ringing", channel.CallRinging)},
		{
			Name: "answered", Webhook: post(ours(channel.CallAnswered), inbound("CallStatus", "in-progress")),
			Want: told(of(channel.CallAnswered, "in-progress", channel.CallInProgress)),
		},
		{
			Name: "dialed", Want: told(dialed), Webhook: post(ours(channel.CallDialed), inbound("CallStatus", "in-progress",
				"DialCallStatus", "completed", "DialCallSid", legID, "DialCallDuration", "61")),
		},
		{
			Name: "nobody answered", Want: missed,
			Webhook: post(hookURL+"?", inbound("CallStatus", "in-progress", "DialCallStatus", "no-answer")),
		},
		{
			Name: "recorded", Want: recorded, Webhook: post(hookURL+"?", inbound("CallStatus", "completed", "RecordingSid", "r-1",
				"RecordingUrl", recordings+"r-1", "RecordingDuration", "9", "Digits", "hangup")),
		},
		{
			Name: "recording", Want: recording, Webhook: post(hookURL+"?", form("AccountSid", project, "CallSid", callID,
				"RecordingSid", "r-1", "RecordingUrl", recordings+"r-1", "RecordingStatus", "completed", "RecordingDuration", "9")),
		},
		{
			Name: "transcription without a call", Want: transcription,
			Webhook: post(ours(channel.CallTranscription), form("TranscriptionSid", "t-1", "TranscriptionText", "Hi & bye <3",
				"TranscriptionStatus", "completed", "RecordingSid", "r-1", "RecordingUrl", recordings+"r-1")),
		},
		{
			Name: "leg", Want: told(leg), Webhook: post(ours(channel.CallStatus), form("CallSid", legID, "ParentCallSid", callID,
				"AccountSid", project, "From", customer, "To", agent, "Direction", "outbound-dial", "CallStatus", "completed",
				"CallDuration", "61", "Timestamp", "Thu, 04 Apr 2024 18:32:15 +0000", "SequenceNumber", "3")),
		},
		{
			Name: "leg as JSON", Want: told(legJSON), Webhook: post(ours(channel.CallStatus), []byte(`{"CallSid":"`+legID+`",
				"ParentCallSid":"`+callID+`","AccountSid":"`+project+`","From":"`+customer+`","To":"`+agent+`",
				"Direction":"outbound-dial","CallStatus":"in-progress","CallDuration":61,"SequenceNumber":2,
				"Timestamp":"Thu, 04 Apr 2024 18:32:15 +0000"}`)),
		},
	}
}
