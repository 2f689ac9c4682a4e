package twilio_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// documentedCalls lists the codes of calls that are explained.
func documentedCalls() []string {
	return []string{
		"10001", "10004", "21201", "21203", "21205", "21210", "21211", "21212", "21213", "21214", "21215", "21216", "21217",
		"21219", "21220", "21606",
	}
}

func TestCall_refused_names_what_to_do(t *testing.T) {
	t.Parallel()
	for _, code := range documentedCalls() {
		at := channeltest.Answering(t, refusal(http.StatusBadRequest, code, ""))
		_, err := connect(t, at.URL).Send(t.Context(), outboundCall())
		require.NotEqual(t, channel.UnknownOutcome, channel.ClassOf(err), code)
		failure := channel.FailureOf(err)
		require.Equal(t, code, failure.ProviderCode)
		require.NotContains(t, failure.Message, "message", "%s: a call is no message", code)
		require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
		require.True(t, strings.HasSuffix(failure.Remedy, "."), "%s: %q is a sentence", code, failure.Remedy)
	}
}

func TestCall_that_failed_says_why(t *testing.T) {
	t.Parallel()
	statusURL := channel.WithCallStep(statusURL, channel.CallStatus)
	for _, code := range append(documentedCalls(), "39999", "", "0") {
		delivery, err := connect(t, "").Parse(post(statusURL, form("CallSid", callID, "CallStatus", "failed", "ErrorCode", code)))
		require.NoError(t, err)
		failure := delivery.Calls[0].Failure
		require.NotNil(t, failure, code)
		require.Equal(t, strings.TrimPrefix(code, "0"), failure.ProviderCode)
		require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
		require.Equal(t, code == "39999", strings.Contains(failure.Message, "(code 39999)"), "%s is explained", code)
	}
}

func TestCall_without_a_status_URL_asks_for_no_news(t *testing.T) {
	t.Parallel()
	message := outboundCall()
	message.StatusURL, message.Call.Timeout = "", 0
	at := channeltest.Answering(t, callCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.NoError(t, err)
	require.NotContains(t, string(at.Requests()[0].Content), "StatusCallback")
	require.NotContains(t, string(at.Requests()[0].Content), "Timeout")
}

func TestFind_takes_none_of_two_calls_that_look_alike(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	at := channeltest.Answering(t, callList(
		callEntry("one", agent, since.Add(time.Second)), callEntry("two", agent, since.Add(2*time.Second)),
		callEntry("late", agent, since.Add(time.Hour)), callEntry("early", agent, since.Add(-time.Hour)),
	))
	finder, ok := connect(t, at.URL).(channel.Finder)
	require.True(t, ok)
	_, err := finder.Find(t.Context(), outboundCall(), since)
	require.ErrorIs(t, err, channel.ErrNotFound)
	query := at.Requests()[0].URL.Query()
	require.Equal(t, agent+number, query.Get("To")+query.Get("From"))
}

func TestAuthorizeMedia_gives_the_credential_to_the_provider_alone(t *testing.T) {
	t.Parallel()
	authorizer, ok := connect(t, "https://api.example.com").(channel.MediaAuthorizer)
	require.True(t, ok)
	for at, wanted := range map[string]bool{
		"https://api.example.com/2010-04-01/Accounts/" + account + "/Recordings/RE1.mp3":         true,
		"https://API.example.com/2010-04-01/Accounts/" + account + "/Messages/MM1/Media/ME1":     true,
		"http://api.example.com/2010-04-01/Accounts/" + account + "/Recordings/RE1.mp3":          false,
		"https://api.example.com:444/2010-04-01/Accounts/" + account + "/Recordings/RE1.mp3":     false,
		"https://api.example.com.example.net/2010-04-01/Accounts/" + account + "/Recordings/RE1": false,
		"https://example.net/?https://api.example.com/2010-04-01/Accounts/" + account + "/x":     false,
		"https://api.example.com@example.net/2010-04-01/Accounts/" + account + "/Recordings/RE1": false,
		"https://api.example.com/2010-04-01/Accounts/" + account + "0/Recordings/RE1.mp3":        false,
		"https://api.example.com/elsewhere":                                                      false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		require.NoError(t, err)
		authorizer.AuthorizeMedia(request)
		_, password, given := request.BasicAuth()
		require.Equal(t, wanted, given, at)
		if wanted {
			require.Equal(t, secret, password)
		}
	}
}
