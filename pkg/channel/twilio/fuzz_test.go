package twilio_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/twilio"
)

func FuzzParse(f *testing.F) {
	connection, err := twilio.New().Connect(credential("http://127.0.0.1", secret), nil)
	require.NoError(f, err)
	for _, inbound := range inbounds() {
		f.Add(inbound.Webhook.Method, inbound.Webhook.URL, inbound.Webhook.Body)
	}
	for _, webhook := range irrelevant() {
		f.Add(webhook.Method, webhook.URL, webhook.Body)
	}
	for _, call := range callCase().Webhooks {
		f.Add(call.Webhook.Method, call.Webhook.URL, call.Webhook.Body)
	}
	f.Add("POST", statusURL, form("MessageStatus", "failed", "MessageSid", "x", "ErrorCode", "30008"))
	f.Add("POST", statusURL, form("MessageStatus", "read", "MessageSid", "x", "From", "whatsapp:", "To", "whatsapp:+1"))
	f.Add("POST", "::", []byte(`{"MessageSid":"x"}`))
	f.Fuzz(func(t *testing.T, method, at string, body []byte) {
		webhook := channel.Webhook{Method: method, URL: at, Body: body, ReceivedAt: time.Unix(1_700_000_000, 0)}
		delivery, err := connection.Parse(webhook)
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.LessOrEqual(t, len(delivery.Inbound)+len(delivery.Receipts)+len(delivery.Calls), 1)
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) == 1)
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "" && receipt.Attempt >= 0)
			require.True(t, receipt.Failure == nil || receipt.Failure.Message != "")
		}
	})
}

func FuzzVerify(f *testing.F) {
	connection, err := twilio.New().Connect(credential("http://127.0.0.1", secret), nil)
	require.NoError(f, err)
	f.Add("https://a.test/x?bodySHA256=00", []byte("a=1&a=2"), "sig")
	f.Add("https://u:p@a.test:443?It's+on#f", []byte("{}"), "")
	f.Add("http://[::1]/", []byte("%zz=%"), "x")
	f.Fuzz(func(t *testing.T, at string, body []byte, signature string) {
		webhook := channel.Webhook{Method: "POST", URL: at, Body: body, Header: http.Header{}}
		webhook.Header.Set("X-Twilio-Signature", signature)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})
}
