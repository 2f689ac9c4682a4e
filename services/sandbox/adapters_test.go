package sandbox_test

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// connect makes the real adapter of a channel from the environment the sandbox gives.
func (h *house) connect(t *testing.T, kind channel.Kind) (channel.Connection, channel.PlatformAccount) {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	environment := sandbox.Environment(h.url)
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	require.NoError(t, err)
	account, ok := channel.PlatformAccountFor(accounts, kind)
	require.True(t, ok, "the environment configures the channel")
	provider, ok := registry.Provider(account.Provider)
	require.True(t, ok)
	connection, err := provider.Connect(account.Credential, h.client)
	require.NoError(t, err)
	return connection, account
}

func (h *house) webhook(post hook) channel.Webhook {
	rawURL := h.webhooks + post.path
	if post.query != "" {
		rawURL += "?" + post.query
	}
	return channel.Webhook{Method: http.MethodPost, URL: rawURL, Header: post.header, Body: post.body, ReceivedAt: time.Now()}
}

func (h *house) outbound(kind channel.Kind, provider, from, to string) channel.Outbound {
	message := channel.Outbound{
		WorkspaceID: "0192f0c0-0000-7000-8000-000000000001", MessageID: "0192f0c0-0000-7000-8000-000000000002",
		Kind: kind, From: from, To: to, Body: "hello ünïcødé ✓", Attempt: 1,
	}
	message.StatusURL = h.webhooks + "/api/webhooks/" + provider + "?" + channel.CallbackQuery(message).Encode()
	return message
}

func TestAdaptersAcceptWhatTheSandboxSends(t *testing.T) {
	t.Parallel()
	for kind, tc := range map[channel.Kind]struct {
		from, to string
		statuses []channel.Status
	}{
		channel.SMS: {
			"+15002000001", "+14055550123",
			[]channel.Status{channel.Queued, channel.Sending, channel.Sent, channel.Delivered},
		},
		channel.Email: {"ada-1@mail.sandbox.test", "ana@example.net", []channel.Status{channel.Sent, channel.Delivered}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection, account := h.connect(t, kind)
			checked, err := connection.Check(t.Context())
			require.NoError(t, err)
			require.True(t, checked.KeyValid, checked.Detail)
			require.True(t, checked.CanSend, checked.Detail)

			message := h.outbound(kind, account.Provider, tc.from, tc.to)
			message.Subject = map[bool]string{true: "Your order"}[kind == channel.Email]
			accepted, err := connection.Send(t.Context(), message)
			require.NoError(t, err)
			require.Equal(t, accepted.ExternalID, h.received(t, tc.to)[0]["id"])
			require.Equal(t, tc.statuses, receipts(t, h, connection, message, len(tc.statuses)))
		})
	}
}

// receipts reads the callbacks of a message, in the order of their rank.
func receipts(t *testing.T, h *house, connection channel.Connection, message channel.Outbound, n int) []channel.Status {
	t.Helper()
	byRank := map[int]channel.Status{}
	for _, post := range h.arrived(t, n) {
		webhook := h.webhook(post)
		require.NoError(t, connection.Verify(webhook))
		delivery, err := connection.Parse(webhook)
		require.NoError(t, err)
		require.Len(t, delivery.Receipts, 1)
		receipt := delivery.Receipts[0]
		require.Equal(t, message.MessageID, receipt.MessageID)
		require.Equal(t, message.WorkspaceID, receipt.WorkspaceID)
		require.Equal(t, 1, receipt.Attempt)
		rank, ok := receipt.Status.Rank()
		require.True(t, ok)
		byRank[rank] = receipt.Status

		webhook.Body = append([]byte("x"), webhook.Body...)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	}
	ordered := []channel.Status{}
	for rank := range 101 {
		if status, ok := byRank[rank]; ok {
			ordered = append(ordered, status)
		}
	}
	return ordered
}

func TestAdaptersReadWhatACustomerWrites(t *testing.T) {
	t.Parallel()
	for kind, tc := range map[channel.Kind]struct{ from, to string }{
		channel.SMS:   {"+14055550123", "+15002000001"},
		channel.Email: {"ana@example.net", "ada-1@mail.sandbox.test"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection, account := h.connect(t, kind)
			h.own(t, http.MethodPost, "/api/messages", map[string]string{
				"channel": string(kind), "from": tc.from, "to": tc.to, "body": "answer — ok 👍",
			})
			webhook := h.webhook(h.arrived(t, 1)[0])
			require.NoError(t, connection.Verify(webhook))
			delivery, err := connection.Parse(webhook)
			require.NoError(t, err)
			require.Len(t, delivery.Inbound, 1)
			inbound := delivery.Inbound[0]
			if completer, ok := connection.(channel.Completer); ok {
				require.NoError(t, completer.Complete(t.Context(), &inbound))
			}
			require.Equal(t, "answer — ok 👍", inbound.Body)
			require.Equal(t, tc.from, inbound.From)
			require.Equal(t, tc.to, inbound.To[0])
			if inbound.Account != "" {
				require.Equal(t, account.Account, inbound.Account)
			}
		})
	}
}

func TestAdaptersClassTheSandboxsFaults(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, tc := range map[string]struct {
		kind  channel.Kind
		to    string
		fault map[string]any
		want  channel.Class
	}{
		"an invalid number":     {channel.SMS, "+14055550000", nil, channel.Permanent},
		"an opted-out number":   {channel.SMS, "+14055550001", nil, channel.OptedOut},
		"a rate limit of texts": {channel.SMS, "+14055550123", map[string]any{"failWith": 429}, channel.RateLimited},
		"a revoked token":       {channel.SMS, "+14055550123", map[string]any{"failWith": 401}, channel.Auth},
		"a bad gateway":         {channel.SMS, "+14055550123", map[string]any{"failWith": 502}, channel.UnknownOutcome},
		"a dropped answer":      {channel.SMS, "+14055550123", map[string]any{"dropResponses": true}, channel.UnknownOutcome},
		"a rate limit of mails": {channel.Email, "ana@example.net", map[string]any{"failWith": "rate_limit_exceeded"}, channel.RateLimited},
		"a used-up quota":       {channel.Email, "ana@example.net", map[string]any{"failWith": "daily_quota_exceeded"}, channel.Quota},
		"a revoked key":         {channel.Email, "ana@example.net", map[string]any{"failWith": "invalid_api_key"}, channel.Auth},
	} {
		from := map[channel.Kind]string{channel.SMS: "+15002000001", channel.Email: "ada-1@mail.sandbox.test"}[tc.kind]
		connection, account := h.connect(t, tc.kind)
		rule := map[string]any{"provider": account.Provider}
		maps.Copy(rule, tc.fault)
		h.fault(t, rule)
		message := h.outbound(tc.kind, account.Provider, from, tc.to)
		message.Subject = map[bool]string{true: "Your order"}[tc.kind == channel.Email]
		_, err := connection.Send(t.Context(), message)
		require.Error(t, err, name)
		require.Equal(t, tc.want, channel.ClassOf(err), name)
	}
}

func TestAdaptersResolveADroppedAnswer(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	texts, account := h.connect(t, channel.SMS)
	h.fault(t, map[string]any{"dropResponses": true, "failCount": 1})
	message := h.outbound(channel.SMS, account.Provider, "+15002000001", "+14055550123")
	since := time.Now()
	_, err := texts.Send(t.Context(), message)
	require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	finder, ok := texts.(channel.Finder)
	require.True(t, ok)
	found, err := finder.Find(t.Context(), message, since)
	require.NoError(t, err)
	require.Equal(t, found.ExternalID, h.received(t, "+14055550123")[0]["id"])

	mails, account := h.connect(t, channel.Email)
	letter := h.outbound(channel.Email, account.Provider, "ada-1@mail.sandbox.test", "ana@example.net")
	letter.Subject = "Your order"
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	h.fault(t, map[string]any{"latencyMs": 400})
	_, err = mails.Send(ctx, letter)
	require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	h.fault(t, map[string]any{})
	require.Eventually(t, func() bool {
		_, err = mails.Send(t.Context(), letter)
		return err == nil
	}, patience, 10*time.Millisecond, "the key is in use until the first call has ended")
	require.Len(t, h.received(t, "ana@example.net"), 1)
}
