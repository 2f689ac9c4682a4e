package telephony_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

func verbatim(text string) string { return text }

func TestReadSent(t *testing.T) {
	t.Parallel()
	read := func(body string) (channel.Accepted, error) {
		return vendor().ReadSent(channel.SMS, channel.Answer{Status: http.StatusCreated, Body: []byte(body)}, verbatim)
	}
	for body, want := range map[string]channel.Accepted{
		`{"sid":"M1","status":"queued","num_segments":2}`:   {ExternalID: "M1", Status: channel.Queued, ProviderStatus: "queued", Segments: 2},
		`{"sid":"M1","status":"teleported"}`:                {ExternalID: "M1", Status: channel.Queued, ProviderStatus: "teleported"},
		`{"sid":"M1","status":"queued","num_segments":"3"}`: {ExternalID: "M1", Status: channel.Queued, ProviderStatus: "queued", Segments: 3},
	} {
		accepted, err := read(body)
		require.NoError(t, err, body)
		require.Equal(t, want, accepted, body)
	}
	for body, class := range map[string]channel.Class{
		"": channel.UnknownOutcome, "<html>": channel.UnknownOutcome, "{}": channel.UnknownOutcome, `{"sid":5}`: channel.UnknownOutcome,
		`{"sid":"M1","status":"failed","error_code":20003}`: channel.Auth, `{"sid":"M1","status":"failed"}`: channel.Permanent,
	} {
		_, err := read(body)
		require.Equal(t, class, channel.ClassOf(err), body)
	}
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	require.Equal(t, channel.Receipt{
		Kind: channel.SMS, ExternalID: "M1", Status: channel.Delivered, ProviderStatus: "delivered", DedupeKey: "M1/delivered",
	}, vendor().Receipt(channel.SMS, "M1", "delivered", "20003", "ignored"))
	for code, want := range map[string]string{
		"20003": "Example does not accept the key.", "": "Example reports that the message was not delivered.",
		"39999": "Example reports that the message was not delivered (code 39999).",
	} {
		failure := vendor().Receipt(channel.SMS, "M1", "failed", code, "").Failure
		require.Equal(t, want, failure.Message)
		require.Equal(t, "their words", vendor().Receipt(channel.SMS, "M1", "failed", code, "their words").Failure.Message)
	}
	require.Empty(t, vendor().Receipt(channel.SMS, "M1", "teleported", "", "").Status)
}

func TestMatches_takes_no_message_that_differs_in_anything(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	at := func(moved time.Duration) string { return since.Add(moved).Format(time.RFC1123Z) }
	outbound := channel.Outbound{Kind: channel.WhatsApp, To: "+14155550199", Body: "Hi", Files: []channel.File{{}}}
	ours := telephony.Message{
		SID: "M1", From: "whatsapp:+14155550123", To: "whatsapp:+14155550199", Body: "Hi", Media: "1", Direction: "outbound-api", DateSent: at(0),
	}
	matches := func(change func(entry *telephony.Message)) bool {
		entry := ours
		change(&entry)
		return vendor().Matches(entry, outbound, "+14155550123", since)
	}
	for name, change := range map[string]func(entry *telephony.Message){
		"itself": func(*telephony.Message) {}, "no sender told": func(m *telephony.Message) { m.From = "" },
		"no count of files told": func(m *telephony.Message) { m.Media = "" },
		"a clock a little slow":  func(m *telephony.Message) { m.DateCreated = at(-telephony.ClockSkew) },
		"late within the window": func(m *telephony.Message) { m.DateCreated = at(telephony.FindWindow - time.Second) },
	} {
		require.True(t, matches(change), name)
	}
	for name, change := range map[string]func(entry *telephony.Message){
		"another sender": func(m *telephony.Message) { m.From = "whatsapp:+14155550124" }, "another recipient": func(m *telephony.Message) { m.To = "+14155550198" },
		"other words": func(m *telephony.Message) { m.Body = "Hi!" }, "other files": func(m *telephony.Message) { m.Media = "2" },
		"a customer's": func(m *telephony.Message) { m.Direction = "inbound" }, "no id": func(m *telephony.Message) { m.SID = "" },
		"older": func(m *telephony.Message) { m.DateCreated = at(-time.Minute) }, "later": func(m *telephony.Message) { m.DateCreated = at(telephony.FindWindow) },
		"no time": func(m *telephony.Message) { m.DateSent = "" },
	} {
		require.False(t, matches(change), name)
	}
}

func TestFound_needs_one_candidate(t *testing.T) {
	t.Parallel()
	outbound := channel.Outbound{Kind: channel.SMS, MessageID: "m-1"}
	one := telephony.Message{SID: "M1", Status: "delivered", Segments: "2"}
	found, err := vendor().Found(outbound, []telephony.Message{one, one}, verbatim)
	require.NoError(t, err)
	require.Equal(t, channel.Accepted{ExternalID: "M1", Status: channel.Delivered, ProviderStatus: "delivered", Segments: 2}, found.Accepted)
	failed := telephony.Message{SID: "M2", Status: "failed", ErrorCode: "20003"}
	found, err = vendor().Found(outbound, []telephony.Message{failed}, verbatim)
	require.NoError(t, err)
	require.Equal(t, "Example does not accept the key.", found.Failure.Message)
	for _, candidates := range [][]telephony.Message{nil, {one, failed}, {one, failed, one}} {
		_, err = vendor().Found(outbound, candidates, verbatim)
		require.ErrorIs(t, err, channel.ErrNotFound)
	}
}
