package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sendgrid"
)

// connectSendGrid makes the real adapter with the account the sandbox plays.
func (h *house) connectSendGrid(t *testing.T, key string) channel.Connection {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	provider, ok := registry.Provider(sendgrid.Name)
	require.True(t, ok)
	connection, err := provider.Connect(channel.Credential{
		"api_key": key, "webhook_public_key": sandbox.SendGridWebhookPublicKey,
		"parse_public_key": sandbox.SendGridParsePublicKey, "from_email": sandbox.SendGridFrom,
		"base_url": h.url + "/sendgrid",
	}, h.client)
	require.NoError(t, err)
	return connection
}

func (h *house) sendGridLetter(to string) channel.Outbound {
	letter := h.outbound(channel.Email, sendgrid.Name, "ada-1@mail.sandbox.test", to)
	letter.Subject, letter.ReplyTo = "Your order", "ada-1+token@mail.sandbox.test"
	return letter
}

func TestSendGridsKeysBelongToTheirSeeds(t *testing.T) {
	t.Parallel()
	for seed, want := range map[string]string{
		sandbox.SendGridWebhookSeed: sandbox.SendGridWebhookPublicKey,
		sandbox.SendGridParseSeed:   sandbox.SendGridParsePublicKey,
	} {
		got, err := sendgrid.PublicKey(seed)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestSendGridsAdapterAcceptsWhatTheSandboxSends(t *testing.T) {
	t.Parallel()
	for to, want := range map[string][]channel.Status{
		"ana@example.net":      {channel.Sent, channel.Delivered},
		"bounce-1@example.net": {channel.Sent, channel.Bounced},
		"complain@example.net": {channel.Sent, channel.Delivered, channel.Complained},
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection := h.connectSendGrid(t, sandbox.SendGridKey)
			letter := h.sendGridLetter(to)
			accepted, err := connection.Send(t.Context(), letter)
			require.NoError(t, err)
			for _, item := range h.received(t, to) {
				require.Equal(t, accepted.ExternalID, item["id"])
				require.Equal(t, letter.ReplyTo, item["replyTo"])
			}
			require.Equal(t, want, receipts(t, h, connection, letter, len(want)))
		})
	}
}

func TestSendGridsAdapterTellsTheKeysApart(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for key, want := range map[string]channel.CheckResult{
		sandbox.SendGridKey:        {KeyValid: true, CanSend: true, CanReceive: true, SenderVerified: new(true)},
		sandbox.SendGridSendingKey: {KeyValid: true, CanSend: true, CanReceive: true},
		"SG.wrong":                 {},
	} {
		checked, err := h.connectSendGrid(t, key).Check(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, checked.Detail)
		checked.Detail = ""
		require.Equal(t, want, checked)
	}
}

func TestSendGridsAdapterReadsWhatACustomerAnswers(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.connectSendGrid(t, sandbox.SendGridKey)
	letter := h.sendGridLetter("ana@example.net")
	letter.References = []string{"root@mail.sandbox.test"}
	_, err := connection.Send(t.Context(), letter)
	require.NoError(t, err)
	item := h.received(t, "ana@example.net")[0]
	h.arrived(t, 2)
	h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "email", "from": "ana@example.net", "body": "answer — ok 👍", "inReplyTo": item["id"],
	})
	answers := 0
	for _, post := range h.arrived(t, 3) {
		webhook := h.webhook(post)
		require.NoError(t, connection.Verify(webhook))
		delivery, err := connection.Parse(webhook)
		require.NoError(t, err)
		for _, inbound := range delivery.Inbound {
			answers++
			require.Equal(t, "answer — ok 👍", inbound.Body)
			require.Equal(t, "ana@example.net", inbound.From)
			require.Equal(t, []string{letter.ReplyTo}, inbound.To)
			require.Equal(t, "Re: Your order", inbound.Subject)
			parent := strings.Trim(item["messageId"].(string), "<>")
			require.Equal(t, parent, inbound.InReplyTo)
			require.Equal(t, []string{"root@mail.sandbox.test", parent}, inbound.References)
			webhook.Body = append(webhook.Body, ' ')
			require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		}
	}
	require.Equal(t, 1, answers)
}

func TestSendGridsAdapterClassesTheSandboxsFaults(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.connectSendGrid(t, sandbox.SendGridKey)
	for name, tc := range map[string]struct {
		fault map[string]any
		want  channel.Class
	}{
		"a rate limit":         {map[string]any{"failWith": 429}, channel.RateLimited},
		"a revoked key":        {map[string]any{"failWith": 401}, channel.Auth},
		"an unverified sender": {map[string]any{"failWith": 403}, channel.PermanentConfig},
		"a bad gateway":        {map[string]any{"failWith": 502}, channel.UnknownOutcome},
		"a dropped answer":     {map[string]any{"dropResponses": true}, channel.UnknownOutcome},
	} {
		tc.fault["provider"] = sendgrid.Name
		h.fault(t, tc.fault)
		_, err := connection.Send(t.Context(), h.sendGridLetter("ana@example.net"))
		require.Error(t, err, name)
		require.Equal(t, tc.want, channel.ClassOf(err), name)
	}
	h.fault(t, map[string]any{})
	foreign := h.sendGridLetter("ana@example.net")
	foreign.From = "hello@elsewhere.example"
	_, err := connection.Send(t.Context(), foreign)
	require.Equal(t, channel.PermanentConfig, channel.ClassOf(err))
}

func TestSendGridRefusesAsDocumented(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	valid := func() map[string]any {
		return map[string]any{
			"personalizations": []any{map[string]any{"to": []any{map[string]string{"email": "ana@example.net"}}}},
			"from":             map[string]string{"email": "ada-1@mail.sandbox.test"}, "subject": "Hi",
			"content": []any{map[string]string{"type": "text/plain", "value": "hello"}},
		}
	}
	send := func(t *testing.T, body any) reply {
		t.Helper()
		encoded, err := json.Marshal(body)
		require.NoError(t, err)
		request := h.request(t, http.MethodPost, "/sendgrid/v3/mail/send", string(encoded))
		request.Header.Set("Authorization", "Bearer "+sandbox.SendGridKey)
		return h.do(t, request)
	}
	taken := send(t, valid())
	require.Equal(t, http.StatusAccepted, taken.status, string(taken.body))
	require.Empty(t, taken.body)
	require.NotEmpty(t, taken.header.Get("X-Message-Id"))
	for field, wrong := range map[string]any{
		"personalizations": []any{}, "subject": "", "content": []any{}, "from": map[string]string{"email": "nobody"},
		"headers": map[string]string{"Reply-To": "x@example.net"}, "custom_args": map[string]int{"attempt": 1},
	} {
		body := valid()
		body[field] = wrong
		refused := send(t, body)
		require.Equal(t, http.StatusBadRequest, refused.status, field)
		require.NotEmpty(t, refused.json(t)["errors"])
	}
	require.Equal(t, http.StatusMethodNotAllowed, h.own(t, http.MethodGet, "/sendgrid/v3/mail/send", nil).status)
	require.Equal(t, http.StatusNotFound, h.own(t, http.MethodGet, "/sendgrid/v3/marketing", nil).status)
}
