package sendgrid_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/sendgrid"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	pkix := func(t *testing.T, key any) string {
		t.Helper()
		der, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err)
		return base64.StdEncoding.EncodeToString(der)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, key := range map[string]string{
		"an RSA key": pkix(t, &rsaKey.PublicKey), "an Ed25519 key": pkix(t, edKey), "no base64": "%%%",
		"no key": base64.StdEncoding.EncodeToString([]byte("key")), "half a key": publicKey("suite")[:60],
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			for _, field := range []string{"webhook_public_key", "parse_public_key"} {
				with := credential("", publicKey("suite"))
				with[field] = key
				_, err := sendgrid.New().Connect(with, nil)
				require.ErrorIs(t, err, channel.ErrInvalidCredential)
				require.ErrorContains(t, err, field)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	connectWith := func(t *testing.T, event, parse string) channel.Connection {
		t.Helper()
		with := credential("", publicKey("suite"))
		with["webhook_public_key"], with["parse_public_key"] = event, parse
		connection, err := sendgrid.New().Connect(with, nil)
		require.NoError(t, err)
		return connection
	}
	signed := func(webhook channel.Webhook, name string) channel.Webhook {
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		webhook.Header = webhook.Header.Clone()
		signAs(&webhook, name)
		return webhook
	}
	event, letter := status(channeltest.Sent{ID: "e-1"}, "open"), parsedForm().Webhook

	t.Run("events and inbound e-mail have a key each", func(t *testing.T) {
		t.Parallel()
		connection := connectWith(t, publicKey("event"), publicKey("parse"))
		require.NoError(t, connection.Verify(signed(event, "event")))
		require.NoError(t, connection.Verify(signed(letter, "parse")))
		require.ErrorIs(t, connection.Verify(signed(event, "parse")), channel.ErrBadSignature)
		require.ErrorIs(t, connection.Verify(signed(letter, "event")), channel.ErrBadSignature)
	})

	t.Run("without its key no inbound e-mail is proved", func(t *testing.T) {
		t.Parallel()
		connection := connectWith(t, publicKey("suite"), "")
		require.NoError(t, connection.Verify(signed(event, "suite")))
		require.ErrorIs(t, connection.Verify(signed(letter, "suite")), channel.ErrBadSignature)
		require.ErrorIs(t, connection.Verify(letter), channel.ErrBadSignature)
	})

	t.Run("no part of the body passes for the time, or the other way round", func(t *testing.T) {
		t.Parallel()
		connection := connect(t, "")
		for cut := range 12 {
			webhook := signed(letter, "suite")
			all := webhook.Header.Get(headerTimestamp) + string(webhook.Body)
			webhook.Header.Set(headerTimestamp, all[:cut])
			webhook.Body = []byte(all[cut:])
			err := connection.Verify(webhook)
			require.Equal(t, cut == 10, err == nil, cut)
		}
	})

	t.Run("another boundary reads no other form out of what was signed", func(t *testing.T) {
		t.Parallel()
		webhook := signed(form([2]string{"text", "--evil\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\nx@y.example"}), "suite")
		connection := connect(t, "")
		require.NoError(t, connection.Verify(webhook))
		webhook.Header.Set("Content-Type", "multipart/form-data; boundary=evil")
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})
}

// TestVerify_agrees_with_the_vendor plays the vendor's validator beside ours.
func TestVerify_agrees_with_the_vendor(t *testing.T) {
	t.Parallel()
	key, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(publicKey("suite"))
	require.NoError(t, err)
	for name, spoil := range map[string]func(*channel.Webhook){
		"genuine": func(*channel.Webhook) {}, "another body": func(w *channel.Webhook) { w.Body = append(w.Body, ' ') },
		"another time": func(w *channel.Webhook) { w.Header.Set(headerTimestamp, "1700000001") },
		"another key":  func(w *channel.Webhook) { signAs(w, "another") },
		"half a signature": func(w *channel.Webhook) {
			w.Header.Set(headerSignature, w.Header.Get(headerSignature)[:40])
		},
	} {
		webhook := status(channeltest.Sent{ID: "e-1"}, "open")
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		signAs(&webhook, "suite")
		spoil(&webhook)
		theirs, _ := eventwebhook.VerifySignature(key, webhook.Body, webhook.Header.Get(headerSignature), webhook.Header.Get(headerTimestamp))
		require.Equal(t, name == "genuine", theirs, name)
		require.Equal(t, theirs, connect(t, "").Verify(webhook) == nil, name)
	}
}
