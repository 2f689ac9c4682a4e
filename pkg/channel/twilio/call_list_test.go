package twilio_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// callArchive answers with a customer's call that an agent took, one of ours that nobody took, and what cannot be read.
func callArchive(t *testing.T, status int) *channeltest.StandIn {
	t.Helper()
	at := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	entry := func(id, parent, from, to, direction, status string, seconds string) map[string]any {
		made := callEntry(id, to, at)
		maps.Copy(made, map[string]any{
			"from": from, "direction": direction, "status": status, "duration": seconds,
			"end_time": at.Add(time.Minute).Format(time.RFC1123Z),
		})
		if parent != "" {
			made["parent_call_sid"] = parent
		}
		return made
	}
	body, err := json.Marshal(map[string]any{"next_page_uri": "/x?Page=1&PageToken=PACA1", "calls": []any{
		entry(legID, callID, number, agent, "outbound-dial", "completed", "60"), "nonsense",
		map[string]any{"sid": 5},
		entry("lost", callID, number, agent, "outbound-dial", "canceled", "0"),
		entry(callID, "", customer, number, "inbound", "completed", "70"),
		entry("ours", "", number, agent, "outbound-api", "no-answer", "0"),
	}})
	require.NoError(t, err)
	return channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		w.WriteHeader(status)
		if request.URL.Query().Get("Page") != "" {
			_, _ = w.Write([]byte(`{"calls":[],"next_page_uri":null}`))
			return
		}
		_, _ = w.Write(body)
	})
}

func TestList_tells_of_calls_what_the_webhooks_would_have_told(t *testing.T) {
	t.Parallel()
	at := callArchive(t, http.StatusOK)
	got, err := page(t, at, "calls?")
	require.NoError(t, err)
	require.Len(t, got.Calls, 4)
	byKey := map[string]channel.CallEvent{}
	for _, event := range got.Calls {
		byKey[event.DedupeKey] = event
	}
	for _, told := range [][]string{
		{"CallSid", callID, "From", customer, "To", number, "Direction", "inbound", "CallStatus", "ringing"},
		{"CallSid", callID, "From", customer, "To", number, "Direction", "inbound", "CallStatus", "completed", "SequenceNumber", "0"},
		{
			"CallSid", callID, "From", customer, "To", number, "Direction", "inbound", "CallStatus", "in-progress",
			"DialCallStatus", "completed", "DialCallSid", legID, "DialCallDuration", "60",
		},
		{"CallSid", "ours", "From", number, "To", agent, "Direction", "outbound-api", "CallStatus", "no-answer", "SequenceNumber", "2"},
	} {
		delivery, err := connect(t, "").Parse(post(hookURL, form(told...)))
		require.NoError(t, err)
		webhook := delivery.Calls[0]
		listed, ok := byKey[webhook.DedupeKey]
		require.True(t, ok, webhook.DedupeKey)
		require.Equal(t, webhook.Step, listed.Step)
		require.Equal(t, webhook.DialState, listed.DialState)
		require.Equal(t, webhook.From+webhook.To+webhook.Direction, listed.From+listed.To+listed.Direction)
		require.Equal(t, webhook.Failure, listed.Failure)
		require.False(t, listed.OccurredAt.IsZero())
	}
	require.Equal(t, time.Minute, byKey[callID+"/dialed/"+legID+"/completed"].Duration)
	next, err := page(t, at, got.Next)
	require.NoError(t, err)
	require.Empty(t, next)
}

func TestList_of_calls_that_may_not_be_asked_for_is_empty(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		got, err := page(t, callArchive(t, status), "calls?")
		require.NoError(t, err)
		require.Empty(t, got)
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		_, err := page(t, callArchive(t, status), "calls?")
		require.Error(t, err)
	}
}
