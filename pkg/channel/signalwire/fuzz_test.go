package signalwire_test

import (
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
)

func FuzzParse(f *testing.F) {
	connection, err := signalwire.New().Connect(credential("http://127.0.0.1", secret), nil)
	require.NoError(f, err)
	for _, inbound := range inbounds() {
		f.Add(inbound.Webhook.Method, inbound.Webhook.URL, inbound.Webhook.Body)
	}
	for _, call := range callCase().Webhooks {
		f.Add(call.Webhook.Method, call.Webhook.URL, call.Webhook.Body)
	}
	f.Add("POST", statusURL, form("MessageStatus", "failed", "MessageSid", "x", "ErrorCode", "30008"))
	f.Add("POST", statusURL, []byte(`{"id":"x","status":"failed","error_code":30008,"custom_variables":{"message_id":1}}`))
	f.Add("POST", "::", []byte(`{"message":{"media":[{}]}}`))
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
		}
	})
}

func FuzzVerify(f *testing.F) {
	connection, err := signalwire.New().Connect(credential("http://127.0.0.1", secret), nil)
	require.NoError(f, err)
	f.Add("https://a.test/x?bodySHA256=00", []byte("a=1&a=2"), "sig")
	f.Add("https://a.test:443", []byte("{}"), "")
	f.Add("http://[::1]/", []byte("%zz=%"), "x")
	f.Fuzz(func(t *testing.T, at string, body []byte, signature string) {
		webhook := channel.Webhook{Method: "POST", URL: at, Body: body, Header: http.Header{}}
		webhook.Header.Set("X-SignalWire-Signature", signature)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		webhook.Header.Set("X-SignalWire-Signature", hex.EncodeToString(sum(secret, at, string(body))))
		require.NoError(t, connection.Verify(webhook))
	})
}
