package telephonytest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// RunDating is what the suite of all providers does not ask of messages: the question when one was written.
func RunDating(t *testing.T, connect Connect) {
	t.Helper()
	t.Run("a message is asked for by its id and dated by when it was taken in", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, dated("SM-1", "Tue, 17 Mar 2026 22:00:00 +0000"))
		written, err := writtenAt(t, connect(t, at.URL), "SM-1")
		require.NoError(t, err)
		require.Equal(t, since(), written)
		requests := at.Requests()
		require.Len(t, requests, 1)
		require.Equal(t, http.MethodGet, requests[0].Method)
		require.True(t, strings.HasSuffix(strings.TrimSuffix(requests[0].URL.Path, ".json"), "/Messages/SM-1"), requests[0].URL.Path)
		_, _, proved := requests[0].BasicAuth()
		require.True(t, proved)
	})
	t.Run("an id that is none is not asked for", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, dated("SM-1", "Tue, 17 Mar 2026 22:00:00 +0000"))
		for _, sid := range []string{"", "..", ".", "a/b", "../Calls/CA1", "a%2fb", "a?b", "a#b", "a b", "ä", "a.json", strings.Repeat("a", 65)} {
			_, err := writtenAt(t, connect(t, at.URL), sid)
			require.ErrorIs(t, err, channel.ErrNotFound, sid)
		}
		require.Empty(t, at.Requests())
	})
	t.Run("a message that the provider does not know is not found", func(t *testing.T) {
		t.Parallel()
		_, err := writtenAt(t, connect(t, channeltest.Answering(t, channeltest.Reply{Status: http.StatusNotFound}).URL), "SM-1")
		require.ErrorIs(t, err, channel.ErrNotFound)
	})
	for name, tc := range map[string]struct {
		reply channeltest.Reply
		want  channel.Class
	}{
		"a wrong login":        {channeltest.Reply{Status: http.StatusUnauthorized, Body: "{}"}, channel.Auth},
		"a rate limit":         {channeltest.Reply{Status: http.StatusTooManyRequests, Body: "{}"}, channel.RateLimited},
		"a server error":       {channeltest.Reply{Status: http.StatusInternalServerError}, channel.UnknownOutcome},
		"a page":               {channeltest.Reply{Status: http.StatusOK, Body: "<html>"}, channel.UnknownOutcome},
		"another message":      {dated("SM-2", "Tue, 17 Mar 2026 22:00:00 +0000"), channel.UnknownOutcome},
		"a message without it": {dated("SM-1", ""), channel.Permanent},
		"a date that is none":  {dated("SM-1", "yesterday"), channel.Permanent},
	} {
		t.Run(name+" dates nothing", func(t *testing.T) {
			t.Parallel()
			_, err := writtenAt(t, connect(t, channeltest.Answering(t, tc.reply).URL), "SM-1")
			failed := &channel.Error{}
			require.ErrorAs(t, err, &failed)
			require.Equal(t, tc.want, failed.Class)
			require.NotErrorIs(t, err, channel.ErrNotFound)
		})
	}
}

func dated(sid, at string) channeltest.Reply {
	body := fmt.Sprintf(`{"sid":%q,"direction":"inbound","status":"received","date_created":%q,"date_sent":null}`, sid, at)
	return channeltest.Reply{Status: http.StatusOK, Body: body}
}

func writtenAt(t *testing.T, connection channel.Connection, sid string) (time.Time, error) {
	t.Helper()
	dater, ok := connection.(channel.Dater)
	require.True(t, ok)
	return dater.WrittenAt(t.Context(), channel.Inbound{Kind: channel.SMS, ExternalID: sid})
}
