package twilio_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

// documented lists the codes that are explained.
func documented() []string {
	return []string{
		"20003", "20005", "20008", "20403", "20404", "20422", "20429", "21210", "21211", "21212", "21214", "21217", "21219",
		"21265", "21266", "21408", "21601", "21602", "21603", "21604", "21606", "21608", "21609", "21610", "21611", "21612",
		"21614", "21617", "21619", "21620", "21621", "21623", "21635", "21659", "21660", "21661", "21701", "21703", "21704",
		"21705", "21712", "30001", "30002", "30003", "30004", "30005", "30006", "30007", "30008", "30009", "30010", "30011",
		"30017", "30018", "30019", "30022", "30023", "30024", "30027", "30032", "30033", "30034", "30036", "30038", "30045",
		"30410", "63001", "63003", "63005", "63007", "63012", "63013", "63016", "63018", "63019", "63020", "63024", "63027",
		"63032", "63049", "70051",
	}
}

func TestFailure_says_in_plain_words_what_a_bare_code_means(t *testing.T) {
	t.Parallel()
	connection := connect(t, "")
	for _, code := range append(documented(), "39999", "") {
		for _, word := range []string{"undelivered", "failed", "canceled"} {
			delivery, err := connection.Parse(post(statusURL, form(
				"MessageSid", "SM1", "MessageStatus", word, "ErrorCode", code, "From", number, "To", customer)))
			require.NoError(t, err)
			failure := delivery.Receipts[0].Failure
			require.NotNil(t, failure, code)
			require.Equal(t, code, failure.ProviderCode)
			require.NotEmpty(t, failure.Code, code)
			require.True(t, strings.HasSuffix(failure.Message, "."), "%s: %q is a sentence", code, failure.Message)
			require.True(t, strings.HasSuffix(failure.Remedy, "."), "%s: %q is a sentence", code, failure.Remedy)
			if code != "39999" {
				require.NotContains(t, failure.Message, "(code", "%s is explained", code)
			}
		}
	}
}

func TestFailure_keeps_the_providers_own_sentence(t *testing.T) {
	t.Parallel()
	delivery, err := connect(t, "").Parse(post(statusURL, form(
		"MessageSid", "SM1", "MessageStatus", "failed", "ErrorCode", "30003", "ErrorMessage", "Unreachable handset")))
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
		require.Equal(t, code, failure.ProviderCode)
	}
}
