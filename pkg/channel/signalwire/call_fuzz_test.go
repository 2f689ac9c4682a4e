package signalwire_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
)

func FuzzParseCall(f *testing.F) {
	connection, err := signalwire.New().Connect(credential("http://127.0.0.1", secret), nil)
	require.NoError(f, err)
	for _, one := range callWebhooks() {
		f.Add(one.Webhook.Method, one.Webhook.URL, one.Webhook.Body)
	}
	f.Add("POST", hookURL+"?callStep=transcription&attempt=-1", form("RecordingSid", "x", "RecordingDuration", "1e400"))
	f.Add("GET", hookURL+"?CallSid=x&CallStatus=teleported&CallDuration=-5&callStep=teleported", []byte(nil))
	f.Add("POST", "::%zz", form("CallSid", "\xff", "Timestamp", "yesterday", "DialCallStatus", "busy"))
	f.Fuzz(func(t *testing.T, method, at string, body []byte) {
		webhook := channel.Webhook{Method: method, URL: at, Body: body, ReceivedAt: time.Unix(1_700_000_000, 0)}
		delivery, err := connection.Parse(webhook)
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.LessOrEqual(t, len(delivery.Calls), 1)
		for _, event := range delivery.Calls {
			require.True(t, event.Step.Known() && event.DedupeKey != "" && !event.OccurredAt.IsZero() && event.Attempt >= 0)
			require.True(t, event.Duration >= 0 && event.RecordingDuration >= 0)
			require.True(t, event.ExternalID != "" || !event.Step.AsksForInstructions())
			require.True(t, event.Failure == nil || (event.Failure.Message != "" && event.Failure.Remedy != ""))
			_, known := event.State.Rank()
			require.True(t, known || event.State == "")
		}
	})
}
