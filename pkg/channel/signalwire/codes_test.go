package signalwire_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// documented lists every code the provider documents for a message.
func documented() []string {
	return []string{
		"20003", "20404", "20429", "21210", "21606", "21717", "21211", "21217", "21603", "21604", "21614", "21219", "21602",
		"21610", "21611", "21612", "21620", "21623", "21617", "30001", "30002", "30003", "30004", "30005", "30006", "30007",
		"30008", "30010", "30022", "30027", "63019",
	}
}

func TestFailure_says_in_plain_words_what_a_bare_code_means(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, code := range append(documented(), "39999", "") {
		for _, word := range []string{"undelivered", "failed"} {
			delivery, err := connect(t, "http://127.0.0.1").Parse(post(statusURL, form(
				"MessageSid", "sid-1", "MessageStatus", word, "ErrorCode", code, "From", number, "To", customer)))
			require.NoError(t, err)
			failure := delivery.Receipts[0].Failure
			require.NotNil(t, failure, code)
			require.Equal(t, code, failure.ProviderCode)
			require.NotEmpty(t, failure.Code, code)
			require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
			require.True(t, strings.HasSuffix(failure.Remedy, "."), "%s: %q is a sentence", code, failure.Remedy)
			said[failure.Message] = code
		}
	}
	require.Greater(t, len(said), len(documented())-2, "the codes differ in what they say")
}

func TestFailure_keeps_the_providers_own_sentence(t *testing.T) {
	t.Parallel()
	delivery, err := connect(t, "http://127.0.0.1").Parse(post(statusURL, form(
		"MessageSid", "sid-1", "MessageStatus", "failed", "ErrorCode", "30003", "ErrorMessage", "Unreachable handset")))
	require.NoError(t, err)
	require.Equal(t, "Unreachable handset", delivery.Receipts[0].Failure.Message)
	require.Equal(t, channel.CodeUnreachable, delivery.Receipts[0].Failure.Code)
}

func TestFailure_of_a_refused_send_names_what_to_do(t *testing.T) {
	t.Parallel()
	for _, code := range documented() {
		at := channeltest.Answering(t, refusal(http.StatusBadRequest, code, ""))
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		failure := channel.FailureOf(err)
		require.NotEmpty(t, failure.Message, code)
		require.NotEmpty(t, failure.Remedy, code)
	}
	at := channeltest.Answering(t, refusal(http.StatusBadRequest, "21211", "To is not valid"))
	_, err := connect(t, at.URL).Send(t.Context(), outbound())
	require.Equal(t, channel.CodeInvalidRecipient, channel.FailureOf(err).Code)
	require.Equal(t, "To is not valid", channel.FailureOf(err).Message)
}
