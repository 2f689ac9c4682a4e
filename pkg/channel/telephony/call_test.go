package telephony_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

func sample() telephonytest.Sample {
	return telephonytest.Sample{
		Account: "A1", Number: "+14155550123", Customer: "+14155550199", CallID: "C1", LegID: "C2",
		Recordings: "https://api.example.com/Recordings/", HookURL: "https://hooks.example.test/api/webhooks/example",
		StatusURL: "https://hooks.example.test/api/webhooks/example?attempt=2&messageId=m-1&workspaceId=w-1",
	}
}

func vendor() telephony.Vendor {
	return telephony.Vendor{
		Title: "Example", Account: "account", Permissions: "permissions",
		Codes: func() channel.Meanings {
			return channel.Meanings{
				"20003": channel.Means(channel.Auth, channel.CodeCredentialInvalid, "Example does not accept the key.", ""),
				"21211": channel.Means(channel.Permanent, channel.CodeInvalidRecipient, "The text goes to no number.", ""),
			}
		},
		Status: func(word string) channel.Status {
			return map[string]channel.Status{"queued": channel.Queued, "delivered": channel.Delivered, "failed": channel.Failed}[word]
		},
		Time: func(text string) time.Time {
			at, err := time.Parse(time.RFC1123Z, text)
			if err != nil {
				return time.Time{}
			}
			return at.UTC()
		},
		Cursor: func(next string) string {
			_, query, _ := strings.Cut(next, "?")
			return query
		},
	}
}

func receivedAt() time.Time { return time.Date(2026, 3, 17, 22, 30, 0, 500, time.UTC) }

func parse(webhook channel.Webhook) (channel.Delivery, error) {
	form := string(webhook.Body)
	if webhook.Method == http.MethodGet {
		_, form, _ = strings.Cut(webhook.URL, "?")
	}
	webhook.ReceivedAt = receivedAt()
	return vendor().ParseCall(webhook, channel.FormFields(form))
}

func TestParseCall_reads_every_step(t *testing.T) {
	t.Parallel()
	keys := map[string]string{}
	for _, one := range sample().Webhooks() {
		delivery, err := parse(one.Webhook)
		require.NoError(t, err, one.Name)
		require.Len(t, delivery.Calls, 1, one.Name)
		event := delivery.Calls[0]
		require.Empty(t, keys[event.DedupeKey], "%s and %s are one fact", one.Name, keys[event.DedupeKey])
		keys[event.DedupeKey] = one.Name
		if one.Want.OccurredAt.IsZero() {
			require.Equal(t, receivedAt(), event.OccurredAt, one.Name)
			event.OccurredAt = time.Time{}
		}
		event.DedupeKey, event.Query = "", nil
		require.Equal(t, one.Want, event, one.Name)
	}
}

func TestParseCall_takes_the_moment_of_arrival_within_the_second_told(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]time.Time{
		"Tue, 17 Mar 2026 22:30:00 +0000": receivedAt(),
		"Tue, 17 Mar 2026 22:29:59 +0000": receivedAt().Truncate(time.Second).Add(-time.Second),
		"yesterday":                       receivedAt(),
	} {
		delivery, err := parse(telephonytest.Post(sample().StatusURL, telephonytest.Form("CallSid", "C1", "CallStatus", "ringing", "Timestamp", told)))
		require.NoError(t, err)
		require.Equal(t, want, delivery.Calls[0].OccurredAt, told)
	}
}

func TestIsAboutCall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"CallSid", "RecordingSid", "TranscriptionSid"} {
		require.True(t, telephony.IsAboutCall(map[string]string{name: "x"}))
	}
	require.False(t, telephony.IsAboutCall(map[string]string{"MessageSid": "x", "CallSid": ""}))
}

func TestNewCallRequest(t *testing.T) {
	t.Parallel()
	message := sample().Message()
	request, err := telephony.NewCallRequest(message, "+14155550100")
	require.NoError(t, err)
	require.Equal(t, telephony.CallRequest{
		To: telephonytest.Agent, From: message.From, URL: message.Call.AnswerURL, Timeout: 25,
		StatusURL: channel.WithCallStep(message.StatusURL, channel.CallStatus),
	}, request)
	message.From, message.StatusURL, message.Call.Timeout = "", "", 1500*time.Millisecond
	request, err = telephony.NewCallRequest(message, "+14155550100")
	require.NoError(t, err)
	require.Equal(t, "+14155550100", request.From)
	require.Equal(t, 2, request.Timeout, "rounded up")
	require.Empty(t, request.StatusURL)
}

func TestReadPlaced(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]channel.Status{
		"queued": channel.Queued, "": channel.Queued, "teleported": channel.Queued, "initiated": channel.Sending,
		"ringing": channel.Sending, "in-progress": channel.Sent, "failed": channel.Sent,
	} {
		accepted, err := telephony.ReadPlaced(channel.Answer{Status: http.StatusOK, Body: []byte(`{"sid":"C1","status":"` + word + `"}`)})
		require.NoError(t, err)
		require.Equal(t, channel.Accepted{ExternalID: "C1", Status: want, ProviderStatus: word}, accepted)
	}
	for _, body := range []string{"", "<html>", "{}", `{"sid":5}`} {
		_, err := telephony.ReadPlaced(channel.Answer{Status: http.StatusOK, Body: []byte(body)})
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err), body)
	}
}

// answering answers every page with the reply's body.
func answering(entries ...map[string]any) func(cursor string) (channel.Answer, error) {
	return func(string) (channel.Answer, error) {
		return channel.Answer{Status: http.StatusOK, Body: []byte(telephonytest.List(entries...).Body)}, nil
	}
}

func TestFindCall_takes_none_of_two_that_look_alike(t *testing.T) {
	t.Parallel()
	s, since := sample(), time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	one, late := s.Entry("one", telephonytest.Agent, since.Add(time.Second)), s.Entry("late", telephonytest.Agent, since.Add(time.Hour))
	early := s.Entry("early", telephonytest.Agent, since.Add(-time.Hour))
	found, err := vendor().FindCall(s.Message(), s.Number, since, answering(one, one, late, early))
	require.NoError(t, err)
	require.Equal(t, "one", found.ExternalID)
	two := s.Entry("two", telephonytest.Agent, since.Add(2*time.Second))
	_, err = vendor().FindCall(s.Message(), s.Number, since, answering(one, two, late, early))
	require.ErrorIs(t, err, channel.ErrNotFound)
}

func TestFindCall_tells_what_became_of_it(t *testing.T) {
	t.Parallel()
	s, since := sample(), time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	for word, want := range map[string]channel.Status{
		"queued": channel.Sent, "ringing": channel.Sent, "teleported": channel.Sent, "in-progress": channel.Delivered,
		"completed": channel.Delivered, "busy": channel.Undelivered, "no-answer": channel.Undelivered,
		"failed": channel.Failed, "canceled": channel.Failed,
	} {
		entry := s.Entry("one", telephonytest.Agent, since)
		entry["status"] = word
		found, err := vendor().FindCall(s.Message(), s.Number, since, answering(entry))
		require.NoError(t, err, word)
		require.Equal(t, want, found.Status, word)
		require.Equal(t, want == channel.Undelivered || want == channel.Failed, found.Failure != nil, word)
	}
}

func TestFindCall_of_an_answer_that_is_none_proves_nothing(t *testing.T) {
	t.Parallel()
	s := sample()
	for _, body := range []string{"<html>", `{"calls":[7]}`} {
		_, err := vendor().FindCall(s.Message(), s.Number, receivedAt(), func(string) (channel.Answer, error) {
			return channel.Answer{Status: http.StatusOK, Body: []byte(body)}, nil
		})
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err), body)
	}
	gone := errors.New("gone")
	_, err := vendor().FindCall(s.Message(), s.Number, receivedAt(), func(string) (channel.Answer, error) { return channel.Answer{}, gone })
	require.ErrorIs(t, err, gone)
	asked := 0
	_, err = vendor().FindCall(s.Message(), s.Number, receivedAt(), func(string) (channel.Answer, error) {
		asked++
		body, _ := json.Marshal(map[string]any{"calls": []any{s.Entry("other", "+14155550188", receivedAt())}, "next_page_uri": "/x?Page=1"})
		return channel.Answer{Status: http.StatusOK, Body: body}, nil
	})
	require.ErrorIs(t, err, channel.ErrNotFound)
	require.Equal(t, 10, asked, "a list without end is left")
	message := s.Message()
	message.Call = nil
	_, err = vendor().FindCall(message, s.Number, receivedAt(), answering())
	require.Equal(t, channel.Permanent, channel.ClassOf(err))
}

// archive is the list of a customer's call that an agent took, one of ours that nobody took, and what cannot be read.
func archive(at time.Time) channel.Answer {
	s := sample()
	entry := func(id, parent, from, to, direction, status string, duration any) map[string]any {
		made := s.Entry(id, to, at)
		maps.Copy(made, map[string]any{
			"from": from, "direction": direction, "status": status, "duration": duration,
			"end_time": at.Add(time.Minute).Format(time.RFC1123Z),
		})
		if parent != "" {
			made["parent_call_sid"] = parent
		}
		return made
	}
	body, _ := json.Marshal(map[string]any{"next_page_uri": "/x?Page=1&PageToken=PACA1", "calls": []any{
		entry("C2", "C1", s.Number, telephonytest.Agent, "outbound-dial", "completed", "60"), "nonsense",
		map[string]any{"sid": 5},
		entry("lost", "C1", s.Number, telephonytest.Agent, "outbound-dial", "canceled", 0),
		entry("C1", "", s.Customer, s.Number, "inbound", "completed", 70),
		entry("ours", "", s.Number, telephonytest.Agent, "outbound-api", "no-answer", 0),
	}})
	return channel.Answer{Status: http.StatusOK, Body: body}
}

func TestListCalls_tells_what_the_webhooks_would_have_told(t *testing.T) {
	t.Parallel()
	s, at := sample(), time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	got, err := vendor().ListCalls(archive(at), s.Account, at)
	require.NoError(t, err)
	require.Equal(t, "calls?Page=1&PageToken=PACA1", got.Next)
	require.Len(t, got.Calls, 4)
	byKey := map[string]channel.CallEvent{}
	for _, event := range got.Calls {
		byKey[event.DedupeKey] = event
	}
	for _, told := range [][]string{
		{"CallSid", "C1", "From", s.Customer, "To", s.Number, "Direction", "inbound", "CallStatus", "ringing"},
		{"CallSid", "C1", "From", s.Customer, "To", s.Number, "Direction", "inbound", "CallStatus", "completed", "SequenceNumber", "0"},
		{
			"CallSid", "C1", "From", s.Customer, "To", s.Number, "Direction", "inbound", "CallStatus", "in-progress",
			"DialCallStatus", "completed", "DialCallSid", "C2", "DialCallDuration", "60",
		},
		{"CallSid", "ours", "From", s.Number, "To", telephonytest.Agent, "Direction", "outbound-api", "CallStatus", "no-answer", "SequenceNumber", "2"},
	} {
		delivery, err := parse(telephonytest.Post(s.HookURL, telephonytest.Form(told...)))
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
	require.Equal(t, time.Minute, byKey["C1/dialed/C2/completed"].Duration)
}

func TestListCalls_leaves_older_ones_out(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	got, err := vendor().ListCalls(archive(at), "A1", at.Add(time.Second))
	require.NoError(t, err)
	require.Empty(t, got.Calls)
	require.NotEmpty(t, got.Next)
	for _, body := range []string{"<html>", "{}", `{"calls":7}`} {
		_, err := vendor().ListCalls(channel.Answer{Status: http.StatusOK, Body: []byte(body)}, "A1", at)
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err), body)
	}
}
