package twilio_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

func TestCalls_of_the_protocol(t *testing.T) {
	t.Parallel()
	telephonytest.Run(t, sample(), func(t *testing.T, base string) channel.Connection { t.Helper(); return connect(t, base) })
}

func TestCall_refused_speaks_of_calls_and_of_this_provider(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"21606": "The calling number does not belong to the Twilio account.", // of a message the same code says something else
		"20003": "Twilio does not accept the account SID, the auth token or the API key.",
	} {
		at := channeltest.Answering(t, refusal(http.StatusBadRequest, code, ""))
		_, err := connect(t, at.URL).Send(t.Context(), sample().Message())
		require.Equal(t, code, channel.FailureOf(err).ProviderCode)
		require.Equal(t, want, channel.FailureOf(err).Message)
	}
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
