package telephony_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

func FuzzParseCall(f *testing.F) {
	for _, one := range sample().Webhooks() {
		f.Add(one.Webhook.Method, one.Webhook.URL, one.Webhook.Body)
	}
	hookURL, form := sample().HookURL, telephonytest.Form
	f.Add("POST", hookURL+"?callStep=transcription&attempt=-1", form("RecordingSid", "x", "RecordingDuration", "1e400"))
	f.Add("GET", hookURL+"?CallSid=x&CallStatus=teleported&CallDuration=-5&callStep=teleported", []byte(nil))
	f.Add("POST", "::%zz", form("CallSid", "\xff", "Timestamp", "yesterday", "DialCallStatus", "busy"))
	f.Fuzz(func(t *testing.T, method, at string, body []byte) {
		delivery, err := parse(channel.Webhook{Method: method, URL: at, Body: body})
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.Len(t, delivery.Calls, 1)
		event := delivery.Calls[0]
		require.True(t, event.Step.Known() && event.DedupeKey != "" && !event.OccurredAt.IsZero() && event.Attempt >= 0)
		require.True(t, event.Duration >= 0 && event.RecordingDuration >= 0)
		require.True(t, event.ExternalID != "" || !event.Step.AsksForInstructions())
		require.True(t, event.Failure == nil || (event.Failure.Message != "" && event.Failure.Remedy != ""))
		_, known := event.State.Rank()
		require.True(t, known || event.State == "")
	})
}

// FuzzListCalls reads lists that a provider never wrote.
func FuzzListCalls(f *testing.F) {
	at := receivedAt()
	f.Add(string(archive(at).Body))
	f.Add(telephonytest.List(sample().Entry("one", telephonytest.Agent, at)).Body)
	f.Add(`{"calls":[{"sid":"x","parent_call_sid":"x","direction":"inbound","status":"completed","duration":"1e400"}],"next_page_uri":"%%?"}`)
	f.Fuzz(func(t *testing.T, body string) {
		answer := channel.Answer{Status: 200, Body: []byte(body)}
		listed, err := vendor().ListCalls(answer, "A1", at.AddDate(-3000, 0, 0))
		if err != nil {
			require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
			return
		}
		for _, event := range listed.Calls {
			require.True(t, event.Step.Known() && event.DedupeKey != "" && event.ExternalID != "" && event.Duration >= 0)
		}
	})
}
