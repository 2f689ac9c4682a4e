package webhook_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

// FuzzHandler sends hostile requests: whatever comes, the service answers and stays up, and nothing makes it unable to
// store. With signed set the request is signed, so that the parsers see it too.
func FuzzHandler(f *testing.F) {
	r := newRig(f, func(c *webhook.Config) { c.QuarantineRate, c.QuarantineBurst = 1e9, 1e9 })
	r.route(f, r.workspace, r.sms, "call", callAccountID)
	f.Add(true, true, "", "MessageSid=SM1&From=%2B14155550123&To=%2B15002000001&Body=x", "")
	f.Add(true, false, "?workspaceId=x&messageId=y&attempt=-1", "MessageSid=SM1&MessageStatus=delivered", "x: y")
	f.Add(false, true, "/token", `{"type":"email.received","data":{"email_id":"x","from":"a@b.c","to":["d@e.f"]}}`, "svix-id: 1")
	f.Add(false, false, "/%ff%00?%zz", "\x00\xff{", "Content-Length: 5")
	f.Add(true, true, "", "MessageSid=%00%ff&MessageStatus=%zz&From=&To=&Body=%", "")
	f.Add(true, true, "", `{"id":"x","status":"sent","project_id":1e999}`, "")
	f.Add(true, true, "", "CallSid=CA1&CallStatus=ringing&From=%2B14155550123&To=%2B15002000001&Direction=inbound", "")
	f.Add(true, true, "?workspaceId=x&messageId=y&callStep=dialed&turn=-1", "CallSid=CA1&DialCallStatus=busy", "")
	f.Add(true, true, "?callStep=recording&voicemail=true", "RecordingSid=RE1&RecordingUrl=file%3A%2F%2F%2Fetc%2Fpasswd&RecordingStatus=completed", "")
	f.Add(true, true, "?callStep=transcription", "TranscriptionSid=TR1&TranscriptionText=%00%ff", "")
	f.Add(true, true, "", "MessageSid=SM2&From=%2B14155550123&To=%2B15002000001&Body=STOP", "")
	f.Fuzz(func(t *testing.T, sms, signed bool, suffix, body, header string) {
		c := r.hostile(t, sms, signed, suffix, body)
		if name, value, ok := strings.Cut(header, ":"); ok {
			c.header.Add(strings.TrimSpace(name), value)
		}
		before := held(t, r)
		got, err := r.try(t.Context(), c)
		if err != nil {
			return // the client itself refuses to send it
		}
		require.Contains(t, []int{200, 301, 307, 308, 400, 401, 403, 404, 405, 413, 503}, got.status)
		if got.status == http.StatusServiceUnavailable {
			require.True(t, !sms || strings.Contains(body, "Recording"),
				"the bus is there, so the provider is asked again only for what cannot be had")
		}
		require.GreaterOrEqual(t, held(t, r), before)
	})
}

func (r *rig) hostile(tb testing.TB, sms, signed bool, suffix, body string) call {
	tb.Helper()
	provider := r.email
	if sms {
		provider = r.sms
	}
	path := "/api/webhooks/" + provider.Provider + suffix
	switch {
	case signed && sms:
		return r.signedText(path, body)
	case signed:
		c := r.signedBody(tb, "evt", []byte(body))
		c.path = path
		return c
	default:
		return call{method: http.MethodPost, path: path, body: bytes.Clone([]byte(body)), header: http.Header{}}
	}
}

// held is how much the streams hold.
func held(tb testing.TB, r *rig) uint64 {
	tb.Helper()
	sum := uint64(0)
	for _, stream := range []string{event.StreamInbound, event.StreamReceipt, event.StreamQuarantine} {
		_, last, err := r.bus.Bounds(tb.Context(), stream)
		require.NoError(tb, err)
		sum += last
	}
	return sum
}
