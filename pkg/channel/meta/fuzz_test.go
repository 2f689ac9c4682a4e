package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/meta"
)

func FuzzParse(f *testing.F) {
	connection, err := meta.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	for _, inbound := range inbounds() {
		f.Add(inbound.Webhook.Body)
	}
	for _, webhook := range irrelevant() {
		f.Add(webhook.Body)
	}
	f.Add(hook("messages", `"statuses":[{"id":"wamid.o","status":"failed","timestamp":1,"errors":[{"code":131047}],"biz_opaque_callback_data":"messageId=m&attempt=2"}]`).Body)
	f.Add(hook("user_preferences", `"user_preferences":[{"wa_id":"14055550123","user_id":"US.1","value":"stop","timestamp":1}]`).Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		webhook := channel.Webhook{Method: http.MethodPost, URL: hookURL, Body: body, ReceivedAt: time.Unix(1_700_000_000, 0)}
		delivery, err := connection.Parse(webhook)
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID == "" || inbound.From != "" && len(inbound.To) == 1)
			require.LessOrEqual(t, len(inbound.Media), 6)
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID == "" || receipt.DedupeKey != "" && receipt.Attempt >= 0)
			require.Equal(t, receipt.Status == channel.Failed, receipt.Failure != nil)
		}
		for _, suppression := range delivery.Suppressions {
			require.NotEmpty(t, suppression.Address)
		}
	})
}

func FuzzVerify(f *testing.F) {
	connection, err := meta.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	f.Add([]byte("{}"), "sha256=00")
	f.Add([]byte(""), "sha256=")
	f.Add([]byte("x"), "sha1=zz")
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		webhook := channel.Webhook{Method: http.MethodPost, URL: hookURL, Body: body, Header: http.Header{}}
		webhook.Header.Set("X-Hub-Signature-256", signature)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		sign(&webhook, secret)
		require.NoError(t, connection.Verify(webhook))
	})
}

func FuzzHandshake(f *testing.F) {
	connection, err := meta.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	handshaker, ok := connection.(channel.Handshaker)
	require.True(f, ok)
	f.Add("hub.mode=subscribe&hub.verify_token=x&hub.challenge=1")
	f.Add("%zz&hub.mode=subscribe")
	f.Fuzz(func(t *testing.T, query string) {
		reply, is := handshaker.Handshake(channel.Webhook{Method: http.MethodGet, URL: hookURL + "?" + query})
		require.False(t, is && reply.Status == http.StatusOK, "nobody knows the token")
	})
}
