package webhook_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

// text is a message of the customer.
func (r *rig) text(t *testing.T, id, body string) call {
	t.Helper()
	fields := r.message(id)
	fields.Set("Body", body)
	return r.signedForm(r.smsPath(), fields)
}

func sends(tb testing.TB, r *rig) []*eventv1.SendMessage {
	tb.Helper()
	return stored[eventv1.SendMessage](tb, r, event.StreamSend)
}

// consent is what the customer wants of the rig's workspace; nil when nothing is known.
func (r *rig) consent(t *testing.T) *eventv1.Consent {
	t.Helper()
	bucket, err := r.bus.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	entry, err := bucket.Get(t.Context(), event.ConsentKey(r.workspace, channel.SMS, customer))
	if errors.Is(err, bus.ErrKeyNotFound) {
		return nil
	}
	require.NoError(t, err)
	known := &eventv1.Consent{}
	require.NoError(t, proto.Unmarshal(entry.Value, known))
	return known
}

func TestStop_holds_when_the_provider_is_answered_and_is_confirmed_once(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stop := r.text(t, "SM-1", " stop. ")
	for range 3 {
		require.Equal(t, http.StatusOK, r.send(t, stop).status)
		known := r.consent(t)
		require.Equal(t, channel.OptedOutState, known.GetState())
		require.Equal(t, channel.SourceKeyword, known.GetSource())
	}
	require.Equal(t, "stop", inbound(t, r)[0].GetKeyword())
	answers := sends(t, r)
	require.Len(t, answers, 1)
	require.True(t, answers[0].GetAnswersKeyword())
	require.True(t, answers[0].GetAutomatic())
	require.Equal(t, customer, answers[0].GetTo())
	require.Equal(t, r.sms.Address, answers[0].GetFrom())
	require.Equal(t, inbound(t, r)[0].GetConversationId(), answers[0].GetConversationId())
	require.Contains(t, answers[0].GetBody(), "START")

	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-2", "UNSUBSCRIBE")).status)
	require.Len(t, sends(t, r), 1, "who has stopped already hears nothing more")
}

func TestStop_replayed_after_a_start_does_not_win(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stop := r.text(t, "SM-1", "STOP")
	require.Equal(t, http.StatusOK, r.send(t, stop).status)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-2", "start")).status)
	require.Equal(t, channel.OptedInState, r.consent(t).GetState())
	require.Equal(t, http.StatusOK, r.send(t, stop).status)
	require.Equal(t, channel.OptedInState, r.consent(t).GetState())
	require.Len(t, sends(t, r), 2)
}

func TestStop_older_than_what_is_known_changes_nothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bucket, err := r.bus.Bucket(t.Context(), event.BucketConsent)
	require.NoError(t, err)
	newer, err := proto.Marshal(&eventv1.Consent{
		State: channel.OptedInState, Source: channel.SourcePerson, ChangedAt: timestamppb.New(time.Now().Add(time.Hour)),
	})
	require.NoError(t, err)
	_, err = bucket.Put(t.Context(), event.ConsentKey(r.workspace, channel.SMS, customer), newer)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-1", "STOP")).status)
	require.Equal(t, channel.SourcePerson, r.consent(t).GetSource())
	require.Empty(t, sends(t, r))
}

func TestStop_that_the_provider_answers_itself_is_only_written_down(t *testing.T) {
	t.Parallel()
	const account, token, number = "AC00000000000000000000000000000001", "auth-token", "+15003000001"
	r := newRig(t, func(c *webhook.Config) {
		lookup := c.Lookup
		more := map[string]string{"TWILIO_ACCOUNT_SID": account, "TWILIO_AUTH_TOKEN": token, "TWILIO_PHONE_NUMBER": number}
		c.Lookup = func(name string) (string, bool) {
			if value, ok := more[name]; ok {
				return value, true
			}
			return lookup(name)
		}
	})
	answering := fixture{Provider: "twilio", Account: account, Address: number}
	r.route(t, r.workspace, answering, "sms", "0197a000-0000-7000-8000-0000000000f1")
	for body, optOut := range map[string]string{"STOP": "", "Arrêt": "STOP"} {
		fields := url.Values{
			"MessageSid": {"SM-" + optOut}, "AccountSid": {account}, "From": {customer}, "To": {number}, "Body": {body},
			"OptOutType": {optOut},
		}
		c := r.signedForm("/api/webhooks/twilio", fields)
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte(publicURL + c.path))
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			mac.Write([]byte(name + fields.Get(name)))
		}
		c.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		require.Equal(t, http.StatusOK, r.send(t, c).status)
	}
	for _, message := range inbound(t, r) {
		require.Equal(t, "stop", message.GetKeyword())
	}
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Empty(t, sends(t, r))
}

func TestHelp_is_answered_and_changes_nothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	help := r.text(t, "SM-1", "Info")
	require.Equal(t, http.StatusOK, r.send(t, help).status)
	require.Equal(t, http.StatusOK, r.send(t, help).status)
	require.Len(t, sends(t, r), 1)
	require.Contains(t, sends(t, r)[0].GetBody(), "STOP")
	require.Nil(t, r.consent(t))
}

func TestMessage_with_a_keyword_in_it_is_a_message(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-1", "please do not stop")).status)
	require.Empty(t, inbound(t, r)[0].GetKeyword())
	require.Nil(t, r.consent(t))
	require.Empty(t, sends(t, r))
}

func TestStop_in_a_text_that_is_longer_than_a_keyword_is_a_message(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	padded := "STOP" + strings.Repeat("!", 60)
	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-1", padded+"!")).status)
	require.Empty(t, inbound(t, r)[0].GetKeyword())
	require.Equal(t, padded+"!", inbound(t, r)[0].GetBody(), "the message is there for a person to read")
	require.Nil(t, r.consent(t))
	require.Empty(t, sends(t, r))

	require.Equal(t, http.StatusOK, r.send(t, r.text(t, "SM-2", padded)).status)
	require.Equal(t, "stop", inbound(t, r)[1].GetKeyword())
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Len(t, sends(t, r), 1)
}

func TestStop_cannot_be_written_down_so_the_provider_comes_again(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream, err := r.bus.JetStream().Stream(t.Context(), "KV_"+event.BucketConsent)
	require.NoError(t, err)
	full := stream.CachedInfo().Config
	full.MaxBytes = 1
	_, err = r.bus.JetStream().UpdateStream(t.Context(), full)
	require.NoError(t, err)
	stop := r.text(t, "SM-1", "STOP")
	got := r.send(t, stop)
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	require.Empty(t, inbound(t, r))
	full.MaxBytes = -1
	_, err = r.bus.JetStream().UpdateStream(t.Context(), full)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.send(t, stop).status)
	require.Equal(t, channel.OptedOutState, r.consent(t).GetState())
	require.Len(t, sends(t, r), 1, "the first try ended before it was confirmed")
}

func TestWebhook_by_GET_is_proved_like_any_other(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	path := r.smsPath() + "?" + url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"42"}}.Encode()
	got := r.send(t, call{method: http.MethodGet, path: path})
	require.Equal(t, http.StatusForbidden, got.status)
	require.NotContains(t, got.body, "42")
}
