package telephony_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

// documented lists the codes of calls that are explained.
func documented() []string {
	return []string{
		"10001", "10004", "21201", "21203", "21205", "21210", "21211", "21212", "21213", "21214", "21215", "21216", "21217",
		"21219", "21220", "21606",
	}
}

func TestCallRefusal_names_what_to_do(t *testing.T) {
	t.Parallel()
	for _, code := range documented() {
		general := vendor().Codes()[code] // as the provider has explained it, who knows of messages alone
		refused := vendor().CallRefusal(&channel.Error{
			Class: channel.Permanent, ProviderCode: code, Message: general.Message, HTTPStatus: http.StatusBadRequest,
		})
		failure := channel.FailureOf(refused)
		require.Equal(t, code, failure.ProviderCode)
		require.NotContains(t, failure.Message, "message", "%s: a call is no message", code)
		require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
		require.True(t, strings.HasSuffix(failure.Remedy, "."), "%s: %q is a sentence", code, failure.Remedy)
	}
	busy := vendor().CallRefusal(&channel.Error{Class: channel.RateLimited, ProviderCode: "10004", HTTPStatus: http.StatusTooManyRequests})
	require.Equal(t, channel.RateLimited, busy.Class)
	require.Equal(t, "Too many calls of the account are going on at once.", busy.Message)
}

func TestCallRefusal_keeps_the_words_of_the_provider(t *testing.T) {
	t.Parallel()
	refuse := func(code, message string, status int) *channel.Error {
		return vendor().CallRefusal(&channel.Error{Class: channel.ClassOfStatus(status), ProviderCode: code, Message: message, HTTPStatus: status})
	}
	require.Equal(t, "To is wrong", refuse("21211", "To is wrong", 400).Message)
	require.Equal(t, "The number to ring is not a valid phone number.", refuse("21211", "The text goes to no number.", 400).Message)
	require.Equal(t, channel.Auth, refuse("20003", "", 401).Class)
	require.Empty(t, refuse("39999", "", 400).Message)
	lost := refuse("21211", "", 500)
	require.Equal(t, channel.UnknownOutcome, lost.Class, "after a server error no code proves that nobody was rung")
	require.Empty(t, lost.Message)
}

func TestCall_that_failed_says_why(t *testing.T) {
	t.Parallel()
	statusURL := channel.WithCallStep(sample().StatusURL, channel.CallStatus)
	for _, code := range append(documented(), "39999", "20003", "", "0") {
		delivery, err := parse(telephonytest.Post(statusURL, telephonytest.Form("CallSid", "C1", "CallStatus", "failed", "ErrorCode", code)))
		require.NoError(t, err)
		failure := delivery.Calls[0].Failure
		require.NotNil(t, failure, code)
		require.Equal(t, strings.TrimPrefix(code, "0"), failure.ProviderCode)
		require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
		require.Equal(t, code == "39999", strings.Contains(failure.Message, "(code 39999)"), "%s is explained", code)
	}
}
