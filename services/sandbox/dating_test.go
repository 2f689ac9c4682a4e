package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// dates asks for the time of what the customer has written last, as the adapter does.
func (h *house) dates(t *testing.T, connection channel.Connection) {
	t.Helper()
	delivery, err := connection.Parse(h.webhook(h.arrived(t, 1)[0]))
	require.NoError(t, err)
	require.Len(t, delivery.Inbound, 1)
	inbound := delivery.Inbound[0]
	require.Zero(t, inbound.OccurredAt, "the webhook does not say")
	dater, ok := connection.(channel.Dater)
	require.True(t, ok)
	written, err := dater.WrittenAt(t.Context(), inbound)
	require.NoError(t, err)
	require.Zero(t, written.Nanosecond(), "whole seconds alone are told")
	require.WithinDuration(t, time.Now(), written, 30*time.Second)
	require.False(t, written.After(time.Now()))
	inbound.ExternalID = "SM00000000000000000000000000000000"
	_, err = dater.WrittenAt(t.Context(), inbound)
	require.ErrorIs(t, err, channel.ErrNotFound)
}

func TestCustomersTextIsDatedByItsID(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection, _ := h.connect(t, channel.SMS)
	h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "sms", "from": "+14055550123", "to": "+15002000001", "body": "START",
	})
	h.dates(t, connection)
	sid := h.arrived(t, 1)[0].form(t).Get("MessageSid")
	told := h.look(t, "/Messages/"+sid+".json").json(t)
	require.Equal(t, "inbound", told["direction"])
	require.Equal(t, "received", told["status"])
	require.NotEmpty(t, told["date_created"])
	require.Equal(t, told, h.look(t, "/Messages/"+sid).json(t))
}

func TestTwilioDatesWhatACustomerWrites(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sms", "whatsapp"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			got := h.own(t, http.MethodPost, "/api/messages", map[string]string{
				"channel": kind, "provider": "twilio", "from": twilioAna, "to": twilioNumber, "body": "START",
			})
			require.Equal(t, http.StatusAccepted, got.status, string(got.body))
			h.dates(t, h.twilio(t, channel.Credential{"whatsapp_number": twilioNumber}))
		})
	}
}
