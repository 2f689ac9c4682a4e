package signalwire_test

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
	telephonytest.Run(t, sample(), connect)
}

func TestCall_refused_speaks_of_calls_and_of_this_provider(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"21606": "The calling number does not belong to the SignalWire project.", // of a message the same code says something else
		"20003": "SignalWire does not accept the project ID or the API token.",
	} {
		at := channeltest.Answering(t, refusal(http.StatusBadRequest, code, ""))
		_, err := connect(t, at.URL).Send(t.Context(), sample().Message())
		require.Equal(t, code, channel.FailureOf(err).ProviderCode)
		require.Equal(t, want, channel.FailureOf(err).Message)
	}
}
