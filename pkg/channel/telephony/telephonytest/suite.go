package telephonytest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// Connect connects a provider to a stand-in.
type Connect func(t *testing.T, base string) channel.Connection

// Run is what the suite of all providers does not ask of calls: how the list of calls is asked for, page by page.
func Run(t *testing.T, s Sample, connect Connect) {
	t.Helper()
	t.Run("without a status URL no news is asked for", func(t *testing.T) {
		t.Parallel()
		message := s.Message()
		message.StatusURL, message.Call.Timeout = "", 0
		at := channeltest.Answering(t, channeltest.Reply{Status: http.StatusOK, Body: `{"sid":"x","status":"queued"}`})
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.NoError(t, err)
		values, err := url.ParseQuery(string(at.Requests()[0].Content))
		require.NoError(t, err)
		require.False(t, values.Has("StatusCallback") || values.Has("StatusCallbackEvent") || values.Has("Timeout"))
	})
	t.Run("a call rings as long as asked and tells every state", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, channeltest.Reply{Status: http.StatusOK, Body: `{"sid":"x","status":"queued"}`})
		_, err := connect(t, at.URL).Send(t.Context(), s.Message())
		require.NoError(t, err)
		values, err := url.ParseQuery(string(at.Requests()[0].Content))
		require.NoError(t, err)
		require.Equal(t, "25", values.Get("Timeout"))
		require.Equal(t, []string{"initiated", "ringing", "answered", "completed"}, values["StatusCallbackEvent"])
		require.Equal(t, "POSTPOST", values.Get("Method")+values.Get("StatusCallbackMethod"))
	})
	t.Run("a call is looked for by both numbers on every page", func(t *testing.T) { t.Parallel(); find(t, s, connect) })
	t.Run("the calls are listed page by page", func(t *testing.T) { t.Parallel(); list(t, s, connect) })
	t.Run("calls that may not be asked for are none", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
			got, err := page(t, connect(t, channeltest.Answering(t, channeltest.Reply{Status: status}).URL), "calls?")
			require.NoError(t, err)
			require.Empty(t, got)
		}
		for _, reply := range []channeltest.Reply{
			{Status: http.StatusTooManyRequests}, {Status: http.StatusServiceUnavailable}, {Status: http.StatusOK, Body: "{}"},
		} {
			_, err := page(t, connect(t, channeltest.Answering(t, reply).URL), "calls?")
			require.Error(t, err)
		}
	})
}

func since() time.Time { return time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC) }

func page(t *testing.T, connection channel.Connection, cursor string) (channel.Page, error) {
	t.Helper()
	lister, ok := connection.(channel.Lister)
	require.True(t, ok)
	return lister.List(t.Context(), since(), cursor)
}

// pages answers with one entry on the first page and another on the second.
func pages(t *testing.T, first, second map[string]any) *channeltest.StandIn {
	t.Helper()
	return channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		answer := map[string]any{"calls": []any{first}, "next_page_uri": "/elsewhere?PageSize=1&Page=1&PageToken=PA1"}
		if query := request.URL.Query(); query.Get("Page") == "1" && query.Get("PageToken") == "PA1" {
			answer = map[string]any{"calls": []any{second}, "next_page_uri": nil}
		}
		body, _ := json.Marshal(answer)
		_, _ = w.Write(body)
	})
}

func find(t *testing.T, s Sample, connect Connect) {
	t.Helper()
	at := pages(t, s.Entry("other", stranger, since().Add(2*time.Second)), s.Entry("ours", Agent, since().Add(time.Second)))
	finder, ok := connect(t, at.URL).(channel.Finder)
	require.True(t, ok)
	found, err := finder.Find(t.Context(), s.Message(), since())
	require.NoError(t, err)
	require.Equal(t, "ours", found.ExternalID)
	requests := at.Requests()
	require.Len(t, requests, 2)
	query := requests[0].URL.Query()
	require.Equal(t, Agent+s.Number+"100", query.Get("To")+query.Get("From")+query.Get("PageSize"))
	require.Equal(t, requests[0].URL.Path, requests[1].URL.Path, "the next page is at our own place")
}

func list(t *testing.T, s Sample, connect Connect) {
	t.Helper()
	at := pages(t, s.Entry("first", Agent, since().Add(time.Second)), s.Entry("second", Agent, since()))
	connection := connect(t, at.URL)
	got, err := page(t, connection, "calls?")
	require.NoError(t, err)
	require.Contains(t, at.Requests()[0].URL.Query().Get("StartTime>"), "2026-03-17")
	require.Len(t, got.Calls, 1)
	require.Equal(t, "first"+s.Account, got.Calls[0].ExternalID+got.Calls[0].Account)
	got, err = page(t, connection, got.Next)
	require.NoError(t, err)
	require.Len(t, got.Calls, 1)
	require.Equal(t, "second", got.Calls[0].ExternalID)
	require.Empty(t, got.Next)
}
