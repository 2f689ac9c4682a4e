package signalwire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

func TestWrittenAt(t *testing.T) {
	t.Parallel()
	telephonytest.RunDating(t, func(t *testing.T, base string) channel.Connection { t.Helper(); return connect(t, base) })
}

func TestWrittenAt_of_WhatsApp_is_told_by_the_webhook_alone(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, channeltest.Reply{Status: http.StatusOK, Body: "{}"})
	dater, ok := connectChat(t, at.URL).(channel.Dater)
	require.True(t, ok)
	_, err := dater.WrittenAt(t.Context(), channel.Inbound{Kind: channel.WhatsApp, ExternalID: "m-1"})
	require.ErrorIs(t, err, channel.ErrNotFound)
	require.Empty(t, at.Requests())
}
