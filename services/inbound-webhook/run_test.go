package webhook_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

func TestInbound_is_stored_once_however_often_it_comes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.signedForm(r.smsPath()+"?a=%2F&b", r.message("SM-1"))
	for range 10 {
		got := r.send(t, c)
		require.Equal(t, http.StatusOK, got.status)
		require.Contains(t, got.body, "<Response/>")
		require.Contains(t, got.header.Get("Content-Type"), "xml")
	}
	events := inbound(t, r)
	require.Len(t, events, 1)
	message := events[0]
	require.Equal(t, r.workspace.String(), message.GetWorkspaceId())
	require.Equal(t, customer, message.GetFrom())
	require.Equal(t, r.sms.Address, message.GetTo())
	require.Equal(t, "Grüße & hello", message.GetBody())
	require.Equal(t, conversation.DeriveID(r.workspace, channel.SMS, smsAccountID, customer), message.GetConversationId())
	require.Equal(t, conversation.DeriveMessageID(r.workspace, smsAccountID, "SM-1"), message.GetMessageId())
	require.Equal(t, c.body, message.GetRaw().GetBody())
	require.Equal(t, publicURL+c.path, message.GetRaw().GetUrl())
	require.Empty(t, quarantine(t, r))
}

func TestInbound_is_proved_against_the_public_url_whatever_the_host_says(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.signedForm(r.smsPath(), r.message("SM-1"))
	c.header.Set("X-Forwarded-Host", "elsewhere.example")
	c.header.Set("X-Forwarded-Proto", "gopher")
	require.Equal(t, http.StatusOK, r.send(t, c).status)
	require.Len(t, inbound(t, r), 1)
}

func TestQuarantine_keeps_the_whole_request(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason string
		status int
		change func(r *rig, c *call)
	}{
		"wrong signature": {"bad_signature", http.StatusForbidden, func(r *rig, c *call) {
			c.header.Set(r.sms.SignatureHeader, "bm90IGl0")
			c.body = append(c.body, 0, 0xff, '\r', '\n')
		}},
		"no signature": {"bad_signature", http.StatusForbidden, func(r *rig, c *call) {
			c.header.Del(r.sms.SignatureHeader)
		}},
		"signed for another URL": {"bad_signature", http.StatusForbidden, func(_ *rig, c *call) { c.path += "?more" }},
		"unknown address": {"unknown_address", http.StatusOK, func(r *rig, c *call) {
			fields := r.message("SM-1")
			fields.Set("To", "+15009999999")
			*c = r.signedForm(r.smsPath(), fields)
		}},
		"another account than the credential's": {"unknown_address", http.StatusOK, func(r *rig, c *call) {
			fields := r.message("SM-1")
			fields.Set("AccountSid", "another")
			*c = r.signedForm(r.smsPath(), fields)
		}},
		"unparsable": {"unparsable", http.StatusOK, func(r *rig, c *call) {
			*c = r.signedForm(r.smsPath(), url.Values{"Surprise": {"yes"}})
		}},
		"an id of no bounds": {"unparsable", http.StatusOK, func(r *rig, c *call) {
			*c = r.signedForm(r.smsPath(), r.message(strings.Repeat("S", 100_000)))
		}},
		"unknown endpoint": {"unknown_endpoint", http.StatusForbidden, func(r *rig, c *call) {
			*c = r.signedForm(r.smsPath()+"/some-token", r.message("SM-1"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c := r.signedForm(r.smsPath(), r.message("SM-1"))
			test.change(r, &c)
			for range 3 {
				got := r.send(t, c)
				require.Equal(t, test.status, got.status)
				require.Contains(t, got.body, "<Response/>")
			}
			kept := quarantine(t, r)
			require.Len(t, kept, 1, "the same request is kept once")
			require.Equal(t, test.reason, kept[0].GetReason())
			require.Equal(t, r.sms.Provider, kept[0].GetProvider())
			require.NotEmpty(t, kept[0].GetDetail())
			require.Equal(t, c.body, kept[0].GetRaw().GetBody())
			require.Equal(t, publicURL+c.path, kept[0].GetRaw().GetUrl())
			require.Equal(t, http.MethodPost, kept[0].GetRaw().GetMethod())
			require.Contains(t, kept[0].GetRaw().GetHeaders(), "Content-Type: application/x-www-form-urlencoded")
			require.Empty(t, inbound(t, r))
		})
	}
}

func TestWebhook_to_an_unknown_provider_is_not_found(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusNotFound, r.send(t, call{method: http.MethodPost, path: "/api/webhooks/nobody"}).status)
	require.Equal(t, http.StatusMethodNotAllowed, r.send(t, call{method: http.MethodDelete, path: r.smsPath()}).status)
	require.Empty(t, quarantine(t, r))
}

func TestReceipt(t *testing.T) {
	t.Parallel()
	status := func(r *rig, ws, message string) call {
		query := channel.CallbackQuery(channel.Outbound{WorkspaceID: ws, MessageID: message, Attempt: 2})
		return r.signedForm(r.smsPath()+"?"+query.Encode(), url.Values{
			"MessageSid": {"SM-9"}, "MessageStatus": {"delivered"}, "AccountSid": {r.sms.Account},
			"From": {r.sms.Address}, "To": {customer},
		})
	}
	message := "0197a000-0000-7000-8000-0000000000ff"

	t.Run("finds the workspace by the ids it carries back", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		for range 3 {
			require.Equal(t, http.StatusOK, r.send(t, status(r, r.workspace.String(), message)).status)
		}
		got := receipts(t, r)
		require.Len(t, got, 1)
		require.Equal(t, message, got[0].GetMessageId())
		require.Equal(t, int32(2), got[0].GetAttempt())
		require.Equal(t, "delivered", got[0].GetStatus())
		require.Equal(t, smsAccountID, got[0].GetChannelAccountId())
		require.Equal(t, "SM-9", got[0].GetExternalId())
	})

	t.Run("without ids finds it by our own address", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		require.Equal(t, http.StatusOK, r.send(t, status(r, "", "")).status)
		got := receipts(t, r)
		require.Len(t, got, 1)
		require.Empty(t, got[0].GetMessageId())
		require.Equal(t, r.workspace.String(), got[0].GetWorkspaceId())
	})

	t.Run("of a workspace that has no route on the credential is quarantined", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		require.Equal(t, http.StatusOK, r.send(t, status(r, workspace.NewID().String(), message)).status)
		require.Empty(t, receipts(t, r))
		require.Len(t, quarantine(t, r), 1)
	})
}

func TestBus_down_is_answered_with_unavailable_and_nothing_else(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), r.message("SM-before"))).status)
	r.server.Shutdown()
	r.server.WaitForShutdown()
	for _, c := range []call{
		r.signedForm(r.smsPath(), r.message("SM-after")),
		{method: http.MethodPost, path: r.smsPath(), body: []byte("unsigned")},
	} {
		got := r.send(t, c)
		require.Equal(t, http.StatusServiceUnavailable, got.status)
		require.NotEmpty(t, got.header.Get("Retry-After"))
	}
	require.Equal(t, http.StatusServiceUnavailable, r.send(t, call{method: http.MethodGet, path: "/readyz"}).status)
	require.Equal(t, http.StatusOK, r.send(t, call{method: http.MethodGet, path: "/livez"}).status)
}

func TestStream_full_is_answered_with_unavailable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream, err := r.bus.JetStream().Stream(t.Context(), event.StreamInbound)
	require.NoError(t, err)
	full := stream.CachedInfo().Config
	full.MaxBytes = 100
	_, err = r.bus.JetStream().UpdateStream(t.Context(), full)
	require.NoError(t, err)
	got := r.send(t, r.signedForm(r.smsPath(), r.message("SM-1")))
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	require.NotEmpty(t, got.header.Get("Retry-After"))
	require.Empty(t, inbound(t, r))
}

func TestBody_too_large_is_refused_and_its_beginning_kept(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.MaxBodyBytes = 1000 })
	got := r.send(t, call{method: http.MethodPost, path: r.smsPath(), body: []byte(strings.Repeat("x", 200_000))})
	require.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	require.Contains(t, got.body, "<Response/>")
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.Equal(t, strings.Repeat("x", 1001), string(kept[0].GetRaw().GetBody()))
}

func TestBody_too_slow_is_given_up(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.ReadTimeout = 50 * time.Millisecond })
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.root, "http://"))
	require.NoError(t, err)
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", r.smsPath())
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "408 Request Timeout")
	require.NoError(t, conn.Close())
	require.Empty(t, quarantine(t, r))
}

func TestStrangers_cannot_fill_the_quarantine(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.QuarantineRate, c.QuarantineBurst = 0.001, 20 })
	counts := map[int]int{}
	for i := range 50 {
		got := r.send(t, call{method: http.MethodPost, path: r.smsPath(), body: fmt.Appendf(nil, "n=%d", i)})
		counts[got.status]++
	}
	require.Equal(t, map[int]int{http.StatusForbidden: 20, http.StatusTooManyRequests: 30}, counts)
	require.Len(t, quarantine(t, r), 20)
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), r.message("SM-1"))).status,
		"what is proved is never held back")
}

func TestStrangers_leave_half_of_the_quarantine_to_what_is_proved(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream, err := r.bus.JetStream().Stream(t.Context(), event.StreamQuarantine)
	require.NoError(t, err)
	small := stream.CachedInfo().Config
	small.MaxBytes = 64 << 10
	_, err = r.bus.JetStream().UpdateStream(t.Context(), small)
	require.NoError(t, err)
	unknown := r.message("SM-1")
	unknown.Set("To", "+15009999999")
	unknown.Set("Body", strings.Repeat("x", 40<<10))
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), unknown)).status)
	stranger := call{method: http.MethodPost, path: r.smsPath(), body: []byte("unsigned")}
	require.Equal(t, http.StatusTooManyRequests, r.send(t, stranger).status)
	require.Len(t, quarantine(t, r), 1)
}

func TestWebhook_that_concerns_no_message_is_kept_all_the_same(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call := r.signedForm(r.smsPath(), url.Values{
		"ConferenceSid": {"CF-1"}, "StatusCallbackEvent": {"conference-start"},
	})
	for range 2 {
		got := r.send(t, call)
		require.Equal(t, http.StatusOK, got.status)
		require.Contains(t, got.body, "<Response/>")
	}
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.Equal(t, "no_message", kept[0].GetReason())
	require.Equal(t, call.body, kept[0].GetRaw().GetBody())
}

func TestQuarantine_takes_a_webhook_whose_reason_is_as_long_as_itself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	fields := r.message("SM-1")
	fields.Set("To", strings.Repeat("\x01", 900<<10))
	require.Equal(t, http.StatusOK, r.send(t, r.signedForm(r.smsPath(), fields)).status)
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.LessOrEqual(t, len(kept[0].GetDetail()), 2<<10)
}

func TestConcurrent_webhooks_are_each_stored_once(t *testing.T) {
	t.Parallel()
	const messages, repeats = 100, 3
	r := newRig(t)
	statuses := make(chan int, messages*repeats)
	var sending sync.WaitGroup
	for i := range messages * repeats {
		sending.Go(func() {
			c := r.signedForm(r.smsPath(), r.message(fmt.Sprintf("SM-%d", i%messages)))
			if got, err := r.try(t.Context(), c); err == nil {
				statuses <- got.status
			}
		})
	}
	sending.Wait()
	require.Len(t, statuses, messages*repeats)
	close(statuses)
	for status := range statuses {
		require.Equal(t, http.StatusOK, status)
	}
	require.Len(t, inbound(t, r), messages)
}

func TestOps_tell_what_came(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send(t, r.signedForm(r.smsPath(), r.message("SM-1")))
	r.send(t, call{method: http.MethodPost, path: r.smsPath()})
	got := r.send(t, call{method: http.MethodGet, path: "/metrics"})
	for _, result := range []string{"stored", "bad_signature"} {
		require.Contains(t, got.body, fmt.Sprintf(
			`conversations_webhook_requests_total{outcome=%q,provider=%q} 1`, result, r.sms.Provider))
	}
	require.Contains(t, r.send(t, call{method: http.MethodGet, path: "/readyz"}).body, `"nats":"ok"`)
	require.NoError(t, r.stop())
}
