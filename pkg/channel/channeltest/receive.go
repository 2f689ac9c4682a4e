package channeltest

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// receivedAt is when the suite's webhooks arrive.
func receivedAt() time.Time { return time.Date(2026, 3, 17, 22, 30, 0, 0, time.UTC) }

// signed is a copy of the webhook as the provider would send it.
func (c Case) signed(webhook channel.Webhook) channel.Webhook {
	webhook.Header = webhook.Header.Clone()
	if webhook.ReceivedAt.IsZero() {
		webhook.ReceivedAt = receivedAt()
	}
	c.Sign(&webhook, c.Secret)
	return webhook
}

// sent is what the suite's message carried.
func (c Case) sent(t *testing.T) Sent {
	t.Helper()
	at := Answering(t, c.Accepted)
	accepted, err := c.connection(t, at).Send(t.Context(), c.Message)
	require.NoError(t, err)
	request := at.Requests()[0]
	sent := c.Read(request.Request, request.Content)
	sent.ID = accepted.ExternalID
	return sent
}

func (c Case) anyWord() string {
	for word, status := range c.Words {
		if status == channel.Delivered {
			return word
		}
	}
	return c.UnknownWord
}

func verify(t *testing.T, c Case) {
	t.Helper()
	connection := c.connection(t, Answering(t, Reply{Status: 500}))
	plain := c.Status(c.sent(t), c.anyWord())
	good := c.signed(plain)
	require.NoError(t, connection.Verify(good))

	bad := map[string]func(webhook *channel.Webhook){
		"another secret": func(w *channel.Webhook) {
			w.Header = plain.Header.Clone()
			c.Sign(w, "whsec_"+"b3RoZXIgc2VjcmV0IG90aGVyIHNlY3JldA==")
		},
		"no signature":     func(w *channel.Webhook) { w.Header = plain.Header.Clone() },
		"no header at all": func(w *channel.Webhook) { w.Header = nil },
	}
	if !c.SharedPassword {
		bad["a changed body"] = func(w *channel.Webhook) { w.Body = bytes.Replace(w.Body, []byte("e"), []byte("E"), 1) }
		bad["a longer body"] = func(w *channel.Webhook) { w.Body = append(bytes.Clone(w.Body), []byte("&a=b")...) }
		bad["an empty body"] = func(w *channel.Webhook) { w.Body = nil }
	}
	if c.SignsURL {
		bad["another URL"] = func(w *channel.Webhook) { w.URL += "x" }
	}
	if c.Tolerance > 0 {
		bad["a time past the tolerance"] = func(w *channel.Webhook) { w.ReceivedAt = w.ReceivedAt.Add(c.Tolerance + time.Second) }
		bad["a time from the future"] = func(w *channel.Webhook) { w.ReceivedAt = w.ReceivedAt.Add(-c.Tolerance - time.Second) }
	}
	for name, spoil := range bad {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			webhook := good
			webhook.Header = good.Header.Clone()
			spoil(&webhook)
			err := connection.Verify(webhook)
			require.ErrorIs(t, err, channel.ErrBadSignature)
			require.NotContains(t, err.Error(), c.Secret)
		})
	}
	t.Run("takes a replay within the tolerance", func(t *testing.T) {
		t.Parallel()
		again := good
		again.ReceivedAt = good.ReceivedAt.Add(c.Tolerance)
		require.NoError(t, connection.Verify(again))
	})
}

func parse(t *testing.T, c Case) {
	t.Helper()
	connection, sent := c.connection(t, Answering(t, Reply{Status: 500})), c.sent(t)
	t.Run("status words", func(t *testing.T) { t.Parallel(); parseWords(t, c, connection, sent) })
	t.Run("an unknown word is kept and moves nothing", func(t *testing.T) {
		t.Parallel()
		receipt := c.receipt(t, connection, sent, c.UnknownWord)
		_, known := receipt.Status.Rank()
		require.False(t, known)
		require.Contains(t, receipt.ProviderStatus, c.UnknownWord)
	})
	t.Run("many at once", func(t *testing.T) {
		t.Parallel()
		webhook := c.signed(c.Status(sent, c.anyWord()))
		var group sync.WaitGroup
		for range 32 {
			group.Go(func() {
				_, err := connection.Parse(webhook)
				assert.NoError(t, errors.Join(err, connection.Verify(webhook)))
			})
		}
		group.Wait()
	})
	t.Run("inbound", func(t *testing.T) {
		t.Parallel()
		for _, inbound := range c.Inbound {
			parseInbound(t, c, connection, inbound)
		}
	})
	t.Run("what concerns no message is empty", func(t *testing.T) {
		t.Parallel()
		for _, webhook := range c.Irrelevant {
			webhook = c.signed(webhook)
			require.NoError(t, connection.Verify(webhook))
			delivery, err := connection.Parse(webhook)
			require.NoError(t, err, string(webhook.Body))
			require.Empty(t, delivery)
		}
	})
	t.Run("what is not documented is unparsable", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{"", "{", "[]", "null", "{}", `"text"`, "\xff\xfe", "<xml/>", `{"type":5}`, "a=b&&&=;%zz"} {
			webhook := c.Status(sent, c.anyWord())
			webhook.Body = []byte(body)
			_, err := connection.Parse(webhook)
			require.ErrorIs(t, err, channel.ErrUnparsable, "%q", body)
		}
	})
}

func parseWords(t *testing.T, c Case, connection channel.Connection, sent Sent) {
	t.Helper()
	keys := map[string]bool{}
	for word, status := range c.Words {
		receipt := c.receipt(t, connection, sent, word)
		require.Equal(t, status, receipt.Status, word)
		bad := slices.Contains([]channel.Status{
			channel.Failed, channel.Undelivered, channel.Bounced, channel.Complained,
		}, status)
		require.Equal(t, bad, receipt.Failure != nil, word)
		if bad {
			require.NotEmpty(t, receipt.Failure.Code)
			require.NotEmpty(t, receipt.Failure.Remedy)
		}
		keys[receipt.DedupeKey] = true
	}
	require.Len(t, keys, len(c.Words), "each fact has its key")
}

// receipt parses a status webhook and checks that our ids came back.
func (c Case) receipt(t *testing.T, connection channel.Connection, sent Sent, word string) channel.Receipt {
	t.Helper()
	webhook := c.signed(withUnknownField(c.Status(sent, word)))
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Empty(t, delivery.Inbound)
	require.Len(t, delivery.Receipts, 1)
	receipt := delivery.Receipts[0]
	require.Equal(t, sent.ID, receipt.ExternalID)
	require.Equal(t, c.Message.WorkspaceID, receipt.WorkspaceID)
	require.Equal(t, c.Message.MessageID, receipt.MessageID)
	require.Equal(t, c.Message.Attempt, receipt.Attempt)
	require.Equal(t, c.Message.Kind, receipt.Kind)
	require.False(t, receipt.OccurredAt.IsZero())
	require.NotEmpty(t, receipt.DedupeKey)
	again, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Equal(t, delivery, again, "the same webhook says the same")
	return receipt
}

func parseInbound(t *testing.T, c Case, connection channel.Connection, inbound Inbound) {
	t.Helper()
	webhook := c.signed(withUnknownField(inbound.Webhook))
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Empty(t, delivery.Receipts)
	require.Len(t, delivery.Inbound, 1)
	got := delivery.Inbound[0]
	if _, canAsk := connection.(channel.Dater); canAsk {
		require.Equal(t, inbound.Want.OccurredAt, got.OccurredAt, "what is not told is asked for, not guessed")
	} else {
		require.False(t, got.OccurredAt.IsZero())
	}
	if inbound.Want.OccurredAt.IsZero() {
		got.OccurredAt = time.Time{}
	}
	require.Equal(t, inbound.Want, got)
}

// withUnknownField adds a field nobody documented.
func withUnknownField(webhook channel.Webhook) channel.Webhook {
	if webhook.Method == http.MethodGet {
		return webhook
	}
	body := bytes.TrimSpace(webhook.Body)
	const extra = `{"unexpected":{"a":[1,null,"b"]},`
	switch {
	case bytes.HasPrefix(body, []byte("[{")):
		webhook.Body = append([]byte("["+extra), body[2:]...)
	case bytes.HasPrefix(body, []byte("{")):
		webhook.Body = append([]byte(extra), body[1:]...)
	case bytes.HasPrefix(body, []byte("--")): // a form of several parts, which begins with its boundary
		boundary, _, _ := bytes.Cut(body, []byte("\r\n"))
		part := append(bytes.Clone(boundary), "\r\nContent-Disposition: form-data; name=\"unexpected\"\r\n\r\n1\r\n"...)
		webhook.Body = append(part, webhook.Body...)
	default:
		webhook.Body = append(bytes.Clone(body), []byte("&Unexpected=1")...)
	}
	return webhook
}
