package sandbox_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	postmarkDesk = "ada-1@mail.sandbox.test"
	postmarkAna  = "ana@example.net"
)

// postmark makes the real adapter of the stand-in that the environment leaves out.
func (h *house) postmark(t *testing.T, token string) channel.Connection {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	provider, ok := registry.Provider("postmark")
	require.True(t, ok)
	connection, err := provider.Connect(channel.Credential{
		"server_token": token, "webhook_user": sandbox.PostmarkWebhookUser,
		"webhook_password": sandbox.PostmarkWebhookPassword, "from_email": sandbox.PostmarkFrom,
		"base_url": h.url + "/postmark",
	}, h.client)
	require.NoError(t, err)
	return connection
}

func (h *house) letter(to string) channel.Outbound {
	message := h.outbound(channel.Email, "postmark", postmarkDesk, to)
	message.Subject, message.ReplyTo = "Your order", "ada-1+token@mail.sandbox.test"
	message.InReplyTo, message.References = "root@example.net", []string{"root@example.net"}
	return message
}

func TestPostmarkTellsWhatBecameOfAMail(t *testing.T) {
	t.Parallel()
	for to, want := range map[string][]channel.Status{
		postmarkAna:            {channel.Delivered},
		"bounce-1@example.net": {channel.Bounced},
		"complain@example.net": {channel.Delivered, channel.Complained},
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection := h.postmark(t, sandbox.PostmarkToken)
			checked, err := connection.Check(t.Context())
			require.NoError(t, err)
			require.True(t, checked.KeyValid && checked.CanSend && checked.CanReceive, checked.Detail)

			accepted, err := connection.Send(t.Context(), h.letter(to))
			require.NoError(t, err)
			statuses := []channel.Status{}
			posts := len(want)
			if to != postmarkAna {
				posts++ // the address is written to no more
			}
			for _, post := range h.arrived(t, posts) {
				webhook := h.webhook(post)
				require.NoError(t, connection.Verify(webhook))
				delivery, err := connection.Parse(webhook)
				require.NoError(t, err)
				if len(delivery.Receipts) == 0 {
					require.Len(t, delivery.Suppressions, 1)
					require.Equal(t, to, delivery.Suppressions[0].Address)
					require.True(t, delivery.Suppressions[0].OptedOut)
					continue
				}
				require.Len(t, delivery.Receipts, 1)
				receipt := delivery.Receipts[0]
				require.Equal(t, accepted.ExternalID, receipt.ExternalID)
				require.Equal(t, h.letter(to).MessageID, receipt.MessageID)
				require.Equal(t, 1, receipt.Attempt)
				statuses = append(statuses, receipt.Status)
				webhook.Header.Del("Authorization")
				require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
			}
			require.ElementsMatch(t, want, statuses)
			if want[0] == channel.Bounced {
				require.Empty(t, h.received(t, to))
				return
			}
			item := h.received(t, to)[0]
			require.Equal(t, accepted.ExternalID, item["id"])
			require.Equal(t, "<"+accepted.EmailMessageID+">", item["messageId"])
			require.Equal(t, "ada-1+token@mail.sandbox.test", item["replyTo"])
			require.Equal(t, "<root@example.net>", item["inReplyTo"])
		})
	}
}

func TestPostmarkBringsTheAnswerToItsMail(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.postmark(t, sandbox.PostmarkToken)
	accepted, err := connection.Send(t.Context(), h.letter(postmarkAna))
	require.NoError(t, err)
	h.arrived(t, 1)
	answered := h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "email", "from": "Ana <ana@example.net>", "to": postmarkDesk, "body": "answer — ok 👍", "inReplyTo": accepted.ExternalID,
	})
	require.Equal(t, http.StatusAccepted, answered.status, string(answered.body))
	require.Equal(t, "postmark", answered.json(t)["provider"], "it goes back the way the mail came")

	webhook := h.webhook(h.arrived(t, 2)[1])
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Len(t, delivery.Inbound, 1)
	inbound := delivery.Inbound[0]
	require.Equal(t, "answer — ok 👍", inbound.Body)
	require.Equal(t, postmarkAna, inbound.From)
	require.Equal(t, "Ana", inbound.FromName)
	require.Equal(t, []string{"ada-1+token@mail.sandbox.test"}, inbound.To)
	require.Equal(t, "Re: Your order", inbound.Subject)
	require.Equal(t, accepted.EmailMessageID, inbound.InReplyTo)
	require.Equal(t, []string{"root@example.net", accepted.EmailMessageID}, inbound.References)
}

func TestPostmarkCarriesAFirstMailWhenAskedTo(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	draft := map[string]string{"channel": "email", "from": postmarkAna, "to": postmarkDesk, "body": "hello", "provider": "postmark"}
	require.Equal(t, http.StatusAccepted, h.own(t, http.MethodPost, "/api/messages", draft).status)
	require.Equal(t, "/api/webhooks/postmark", h.arrived(t, 1)[0].path)
	draft["provider"] = "signalwire"
	require.Equal(t, http.StatusUnprocessableEntity, h.own(t, http.MethodPost, "/api/messages", draft).status)
}

func TestPostmarkRefusesWithItsOwnCodes(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	_, err := h.postmark(t, "another token").Send(t.Context(), h.letter(postmarkAna))
	require.Equal(t, channel.Auth, channel.ClassOf(err))
	connection := h.postmark(t, sandbox.PostmarkToken)
	for name, tc := range map[string]struct {
		change func(message *channel.Outbound)
		fault  map[string]any
		want   channel.Class
	}{
		"a foreign sender":      {func(m *channel.Outbound) { m.From = "a@example.com" }, nil, channel.PermanentConfig},
		"no address":            {func(m *channel.Outbound) { m.To = "nobody" }, nil, channel.Permanent},
		"too many recipients":   {func(m *channel.Outbound) { m.Cc = manyAddresses(50) }, nil, channel.Permanent},
		"an inactive recipient": {func(m *channel.Outbound) { m.To = "inactive@example.net" }, nil, channel.Suppressed},
		"a revoked token":       {nil, map[string]any{"failWith": 401}, channel.Auth},
		"a rate limit":          {nil, map[string]any{"failWith": 429}, channel.RateLimited},
		"a bad gateway":         {nil, map[string]any{"failWith": 502}, channel.UnknownOutcome},
		"maintenance":           {nil, map[string]any{"failWith": "error_100"}, channel.Retryable},
		"out of credits":        {nil, map[string]any{"failWith": "error_405"}, channel.PermanentConfig},
	} {
		rule := map[string]any{"provider": "postmark"}
		maps.Copy(rule, tc.fault)
		h.fault(t, rule)
		message := h.letter(postmarkAna)
		if tc.change != nil {
			tc.change(&message)
		}
		_, err := connection.Send(t.Context(), message)
		require.Error(t, err, name)
		require.Equal(t, tc.want, channel.ClassOf(err), name)
	}
	require.Empty(t, h.received(t, postmarkAna))
	unknown := h.own(t, http.MethodPut, "/api/faults", map[string]any{"provider": "postmark", "failWith": "error_7"})
	require.Equal(t, http.StatusUnprocessableEntity, unknown.status)
}

func TestPostmarkFindsAMailWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.postmark(t, sandbox.PostmarkToken)
	finder, ok := connection.(channel.Finder)
	require.True(t, ok)
	since := time.Now()
	_, err := finder.Find(t.Context(), h.letter(postmarkAna), since)
	require.ErrorIs(t, err, channel.ErrNotFound)

	h.fault(t, map[string]any{"provider": "postmark", "dropResponses": true, "failCount": 1})
	_, err = connection.Send(t.Context(), h.letter(postmarkAna))
	require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	found, err := finder.Find(t.Context(), h.letter(postmarkAna), since)
	require.NoError(t, err)
	require.Equal(t, found.ExternalID, h.received(t, postmarkAna)[0]["id"])
	retry := h.letter(postmarkAna)
	retry.Attempt++
	_, err = finder.Find(t.Context(), retry, since)
	require.ErrorIs(t, err, channel.ErrNotFound, "another attempt is another mail")
}

func manyAddresses(count int) []string {
	addresses := make([]string, count)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("copy-%d@example.net", i)
	}
	return addresses
}
