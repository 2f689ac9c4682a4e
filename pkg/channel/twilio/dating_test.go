package twilio_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

func TestWrittenAt(t *testing.T) {
	t.Parallel()
	telephonytest.RunDating(t, func(t *testing.T, base string) channel.Connection { t.Helper(); return connect(t, base) })
}

func TestWrittenAt_of_a_message_of_WhatsApp(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, channeltest.Reply{
		Status: http.StatusOK, Body: `{"sid":"SM1","from":"whatsapp:` + customer + `","date_created":"Tue, 17 Mar 2026 22:00:00 +0000"}`,
	})
	dater, ok := connect(t, at.URL).(channel.Dater)
	require.True(t, ok)
	written, err := dater.WrittenAt(t.Context(), channel.Inbound{Kind: channel.WhatsApp, ExternalID: "SM1"})
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC), written)
	require.Equal(t, "/2010-04-01/Accounts/"+account+"/Messages/SM1.json", at.Requests()[0].URL.Path)
}
