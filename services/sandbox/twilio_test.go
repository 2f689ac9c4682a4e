package sandbox_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	twilioNumber = "+15003000001"
	twilioAna    = "+14055550123"
)

// twilio makes the real adapter of the stand-in that the environment leaves out.
func (h *house) twilio(t *testing.T, changes channel.Credential) channel.Connection {
	t.Helper()
	registry, err := all.Registry()
	require.NoError(t, err)
	provider, ok := registry.Provider("twilio")
	require.True(t, ok)
	credential := channel.Credential{
		"account_sid": sandbox.TwilioAccount, "auth_token": sandbox.TwilioToken, "phone_number": sandbox.TwilioNumber,
		"base_url": h.url + "/twilio",
	}
	maps.Copy(credential, changes)
	connection, err := provider.Connect(credential, h.client)
	require.NoError(t, err)
	return connection
}

func TestTwilioTellsWhatBecameOfAText(t *testing.T) {
	t.Parallel()
	for to, last := range map[string]channel.Status{twilioAna: channel.Delivered, "+14055550002": channel.Undelivered} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			connection := h.twilio(t, nil)
			checked, err := connection.Check(t.Context())
			require.NoError(t, err)
			require.True(t, checked.KeyValid && checked.CanSend && checked.CanReceive, checked.Detail)

			message := h.outbound(channel.SMS, "twilio", twilioNumber, to)
			accepted, err := connection.Send(t.Context(), message)
			require.NoError(t, err)
			require.Equal(t, channel.Queued, accepted.Status)
			require.Equal(t, []channel.Status{channel.Queued, channel.Sending, channel.Sent, last},
				receipts(t, h, connection, message, 4))
			received := h.received(t, to)
			if last == channel.Undelivered {
				require.Empty(t, received)
				return
			}
			require.Equal(t, accepted.ExternalID, received[0]["id"])
		})
	}
}

func TestTwilioTakesAnAPIKeyAndAMessagingService(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	key := channel.Credential{
		"api_key_sid": sandbox.TwilioKey, "api_key_secret": sandbox.TwilioKeySecret, "messaging_service_sid": sandbox.TwilioService,
	}
	connection := h.twilio(t, key)
	checked, err := connection.Check(t.Context())
	require.NoError(t, err)
	require.True(t, checked.CanSend && checked.CanReceive, checked.Detail)
	accepted, err := connection.Send(t.Context(), h.outbound(channel.SMS, "twilio", twilioNumber, twilioAna))
	require.NoError(t, err)
	require.Equal(t, "accepted", accepted.ProviderStatus)
	require.Equal(t, twilioNumber, h.received(t, twilioAna)[0]["from"])

	for _, wrong := range []channel.Credential{{"auth_token": "wrong"}, {"api_key_sid": "SK1", "api_key_secret": "wrong"}} {
		checked, err = h.twilio(t, wrong).Check(t.Context())
		require.NoError(t, err)
		require.False(t, checked.KeyValid || checked.CanSend, checked.Detail)
	}
}

func TestTwilioBringsWhatACustomerWrites(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.twilio(t, nil)
	_, err := connection.Send(t.Context(), h.outbound(channel.SMS, "twilio", twilioNumber, twilioAna))
	require.NoError(t, err)
	h.arrived(t, 4)
	h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "sms", "from": twilioAna, "body": "answer — ok 👍", "inReplyTo": h.received(t, twilioAna)[0]["id"],
	})
	webhook := h.webhook(h.arrived(t, 5)[4])
	require.True(t, strings.HasSuffix(webhook.URL, "/api/webhooks/twilio"))
	require.NoError(t, connection.Verify(webhook))
	delivery, err := connection.Parse(webhook)
	require.NoError(t, err)
	require.Len(t, delivery.Inbound, 1)
	inbound := delivery.Inbound[0]
	require.Equal(t, "answer — ok 👍", inbound.Body)
	require.Equal(t, sandbox.TwilioAccount, inbound.Account)
	require.Equal(t, twilioAna, inbound.From)
	require.Equal(t, []string{twilioNumber}, inbound.To)
}

func TestTwilioFailsAsTheAdapterExpects(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.twilio(t, nil)
	for name, tc := range map[string]struct {
		to    string
		fault map[string]any
		want  channel.Class
	}{
		"an invalid number":     {"+14055550000", nil, channel.Permanent},
		"an opted-out number":   {"+14055550001", nil, channel.OptedOut},
		"a rate limit":          {twilioAna, map[string]any{"failWith": 429}, channel.RateLimited},
		"a full queue":          {twilioAna, map[string]any{"failWith": "21611"}, channel.RateLimited},
		"a number of strangers": {twilioAna, map[string]any{"failWith": "21659"}, channel.PermanentConfig},
		"a revoked token":       {twilioAna, map[string]any{"failWith": 401}, channel.Auth},
		"a server error":        {twilioAna, map[string]any{"failWith": 500}, channel.UnknownOutcome},
		"a bad gateway":         {twilioAna, map[string]any{"failWith": 502}, channel.UnknownOutcome},
	} {
		rule := map[string]any{"provider": "twilio"}
		maps.Copy(rule, tc.fault)
		h.fault(t, rule)
		_, err := connection.Send(t.Context(), h.outbound(channel.SMS, "twilio", twilioNumber, tc.to))
		require.Error(t, err, name)
		require.Equal(t, tc.want, channel.ClassOf(err), name)
	}
	require.Empty(t, h.received(t, twilioAna))
}

func TestTwilioFindsATextWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	connection := h.twilio(t, nil)
	since := time.Now()
	message := h.outbound(channel.SMS, "twilio", twilioNumber, twilioAna)
	h.fault(t, map[string]any{"provider": "twilio", "dropResponses": true, "failCount": 1})
	_, err := connection.Send(t.Context(), message)
	require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	for range 120 { // the text is on the second page
		other := h.outbound(channel.SMS, "twilio", twilioNumber, twilioAna)
		other.Body, other.StatusURL = "another text", ""
		_, err = connection.Send(t.Context(), other)
		require.NoError(t, err)
	}
	finder, ok := connection.(channel.Finder)
	require.True(t, ok)
	found, err := finder.Find(t.Context(), message, since)
	require.NoError(t, err)
	require.Equal(t, found.ExternalID, h.received(t, twilioAna)[0]["id"])
	message.Body = "never sent"
	_, err = finder.Find(t.Context(), message, since)
	require.ErrorIs(t, err, channel.ErrNotFound)
}

func TestTwilioAnswersInTheProvidersShape(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	const path = "/twilio/2010-04-01/Accounts/" + sandbox.TwilioAccount + "/Messages.json"
	form := url.Values{"To": {twilioAna}, "From": {twilioNumber}, "Body": {"hello"}, "MediaUrl": {"https://a.test/a.png"}}
	request := h.request(t, http.MethodPost, path, form.Encode())
	request.SetBasicAuth(sandbox.TwilioAccount, sandbox.TwilioToken)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	told := h.do(t, request).json(t)
	require.Regexp(t, "^MM[0-9a-f]{32}$", told["sid"])
	require.Equal(t, "1", told["num_segments"], "counts are texts")
	require.Equal(t, "1", told["num_media"])
	require.Nil(t, told["error_code"])
	require.Nil(t, told["date_sent"])

	request = h.request(t, http.MethodGet, path+"?DateSent=2001-01-01", "")
	request.SetBasicAuth(sandbox.TwilioAccount, sandbox.TwilioToken)
	require.Empty(t, h.do(t, request).json(t)["messages"])
	require.Equal(t, http.StatusUnauthorized, h.do(t, h.request(t, http.MethodGet, path, "")).status)
}
