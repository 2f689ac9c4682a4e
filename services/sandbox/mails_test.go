package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// verifySvix checks a post as Svix describes it, written down once more here.
func verifySvix(t *testing.T, post hook) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sandbox.ResendWebhookSecret, "whsec_"))
	require.NoError(t, err)
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%s.%s", post.header.Get("svix-id"), post.header.Get("svix-timestamp"), post.body)
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), post.header.Get("svix-signature"))
	seconds, err := strconv.ParseInt(post.header.Get("svix-timestamp"), 10, 64)
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), time.Unix(seconds, 0), time.Minute)
}

func TestMailReachesTheCustomerAndTellsItsEvents(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	got := h.mail(t, "Ana <Ana@Example.net>")
	require.Equal(t, http.StatusOK, got.status, string(got.body))
	id := got.json(t)["id"]
	require.Equal(t, map[string]any{"id": id}, got.json(t))
	require.NotEmpty(t, got.header.Get("ratelimit-limit"))

	items := h.received(t, "ana@example.net")
	require.Len(t, items, 1)
	require.Equal(t, id, items[0]["id"])
	require.Equal(t, "Ada's desk <ada-1@mail.sandbox.test>", items[0]["from"])
	require.Equal(t, "ada-1+token@mail.sandbox.test", items[0]["replyTo"])
	require.Equal(t, "<p>hello</p>", items[0]["html"])

	types := []string{}
	for _, post := range h.arrived(t, 2) {
		verifySvix(t, post)
		told := post.event(t)
		require.Equal(t, "/api/webhooks/resend", post.path)
		require.Equal(t, id, told.Data.EmailID)
		require.Equal(t, items[0]["messageId"], told.Data.MessageID)
		require.Equal(t, map[string]string{"message_id": "m1", "attempt": "2"}, told.Data.Tags)
		types = append(types, told.Type)
	}
	require.ElementsMatch(t, []string{"email.sent", "email.delivered"}, types)
	require.Eventually(t, func() bool {
		full := h.do(t, h.mailRequest(t, http.MethodGet, "/emails/"+fmt.Sprint(id), nil)).json(t)
		return full["last_event"] == "delivered"
	}, patience, 2*time.Millisecond)
}

func TestMailTakesABadEndByItsAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"bounce-1@example.net": {"email.sent", "email.bounced"},
		"complain@example.net": {"email.sent", "email.delivered", "email.complained"},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			h := setup(t, nil)
			h.mail(t, address)
			types := []string{}
			for _, post := range h.arrived(t, len(want)) {
				told := post.event(t)
				types = append(types, told.Type)
				if told.Type == "email.bounced" {
					require.Equal(t, "Permanent", told.Data.Bounce["type"])
					require.Empty(t, h.received(t, address))
				}
			}
			require.ElementsMatch(t, want, types)
		})
	}
}

func TestMailIsRefusedWithTheProvidersError(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, tc := range map[string]struct {
		field  string
		value  any
		status int
		want   string
	}{
		"no sender":               {"from", "", 422, "missing_required_field"},
		"no recipient":            {"to", []string{}, 422, "missing_required_field"},
		"no subject":              {"subject", "", 422, "missing_required_field"},
		"a malformed sender":      {"from", "nobody", 422, "invalid_from_address"},
		"an unverified domain":    {"from", "a@example.com", 403, "validation_error"},
		"a malformed recipient":   {"to", "nobody", 422, "validation_error"},
		"too many recipients":     {"to", strings.Split(strings.Repeat("a@example.net ", 50)+"a@example.net", " "), 422, "validation_error"},
		"an empty attachment":     {"attachments", []map[string]string{{"filename": "a"}}, 422, "invalid_attachment"},
		"a tag of other letters":  {"tags", []map[string]string{{"name": "a", "value": "ü"}}, 422, "validation_error"},
		"a field of another type": {"subject", 12, 400, "validation_error"},
		"a time in the future":    {"scheduled_at", "in 1 hour", 422, "validation_error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := mail("ana@example.net")
			body[tc.field] = tc.value
			got := h.do(t, h.mailRequest(t, http.MethodPost, "/emails", body))
			require.Equal(t, tc.status, got.status)
			require.Equal(t, tc.want, got.json(t)["name"])
		})
	}
	got := h.do(t, h.mailRequest(t, http.MethodPost, "/emails", "{"))
	require.Equal(t, http.StatusBadRequest, got.status)
}

func TestMailNeedsAKeyAndAUserAgent(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, tc := range map[string]struct {
		method, path, key string
		status            int
		want              string
	}{
		"no key":                   {http.MethodPost, "/emails", "", 401, "missing_api_key"},
		"a wrong key":              {http.MethodPost, "/emails", "Bearer re_wrong", 403, "invalid_api_key"},
		"a sending key that reads": {http.MethodGet, "/domains", "Bearer " + sandbox.ResendSendingKey, 401, "restricted_api_key"},
		"a wrong method":           {http.MethodDelete, "/emails", "Bearer " + sandbox.ResendKey, 405, "method_not_allowed"},
		"a mail nobody sent":       {http.MethodGet, "/emails/none", "Bearer " + sandbox.ResendKey, 404, "not_found"},
		"a mail nobody wrote":      {http.MethodGet, "/emails/receiving/none", "Bearer " + sandbox.ResendKey, 404, "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := h.mailRequest(t, tc.method, tc.path, mail("ana@example.net"))
			request.Header.Set("Authorization", tc.key)
			got := h.do(t, request)
			require.Equal(t, tc.status, got.status)
			require.Equal(t, tc.want, got.json(t)["name"])
		})
	}
	request := h.mailRequest(t, http.MethodPost, "/emails", mail("ana@example.net"))
	request.Header.Set("User-Agent", "")
	require.Equal(t, http.StatusForbidden, h.do(t, request).status)
	request = h.mailRequest(t, http.MethodPost, "/emails", mail("ana@example.net"))
	request.Header.Set("Authorization", "Bearer "+sandbox.ResendSendingKey)
	require.Equal(t, http.StatusOK, h.do(t, request).status)
	domains := h.do(t, h.mailRequest(t, http.MethodGet, "/domains", nil)).json(t)["data"].([]any)
	require.Equal(t, "verified", domains[0].(map[string]any)["status"])
}

func (h *house) keyed(t *testing.T, key string, body any) *http.Request {
	t.Helper()
	request := h.mailRequest(t, http.MethodPost, "/emails", body)
	request.Header["Idempotency-Key"] = []string{key}
	return request
}

func TestMailWithARepeatedKeyIsSentOnce(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	first := h.do(t, h.keyed(t, "k1", mail("ana@example.net")))
	second := h.do(t, h.keyed(t, "k1", mail("ana@example.net")))
	require.Equal(t, first.json(t), second.json(t))
	other := h.do(t, h.keyed(t, "k1", mail("ben@example.net")))
	require.Equal(t, http.StatusConflict, other.status)
	require.Equal(t, "invalid_idempotent_request", other.json(t)["name"])
	require.Len(t, h.received(t, "ana@example.net"), 1)
	require.Empty(t, h.received(t, "ben@example.net"))
	outcomes := []any{}
	for _, call := range h.own(t, http.MethodGet, "/api/requests?provider=resend", nil).items(t) {
		require.Equal(t, "k1", call["idempotencyKey"])
		outcomes = append(outcomes, call["outcome"])
	}
	require.Equal(t, []any{"accepted", "replayed", "refused"}, outcomes)
}

func TestMailWithAKeyInUseIsRefused(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"latencyMs": 300})
	statuses := make(chan reply, 2)
	var group sync.WaitGroup
	for _, request := range []*http.Request{h.keyed(t, "k1", mail("ana@example.net")), h.keyed(t, "k1", mail("ana@example.net"))} {
		group.Go(func() {
			got, err := h.try(request)
			if err == nil {
				statuses <- got
			}
		})
	}
	group.Wait()
	close(statuses)
	names := []any{}
	for got := range statuses {
		names = append(names, got.json(t)["name"])
	}
	require.ElementsMatch(t, []any{nil, "concurrent_idempotent_requests"}, names)
	require.Len(t, h.received(t, "ana@example.net"), 1)
}

func TestMailsKeyIsFreeAfterARefusal(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	require.Equal(t, http.StatusUnprocessableEntity, h.do(t, h.keyed(t, "k1", mail("nobody"))).status)
	require.Equal(t, http.StatusOK, h.do(t, h.keyed(t, "k1", mail("ana@example.net"))).status)
	for _, key := range []string{"", strings.Repeat("k", 257)} {
		got := h.do(t, h.keyed(t, key, mail("ana@example.net")))
		require.Equal(t, "invalid_idempotency_key", got.json(t)["name"])
	}
}

func TestAnswerGoesToReplyToAndNamesTheThread(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	body := mail("ana@example.net")
	body["headers"] = map[string]string{"References": "<root@example.net>", "In-Reply-To": "<root@example.net>"}
	id := h.do(t, h.mailRequest(t, http.MethodPost, "/emails", body)).json(t)["id"]
	h.arrived(t, 2)
	got := h.own(t, http.MethodPost, "/api/messages", map[string]any{
		"channel": "email", "from": "Ana <ana@example.net>", "to": "ada-1@mail.sandbox.test", "body": "ok — fine\n<b>", "inReplyTo": id,
	})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	require.Equal(t, "Re: Your order", got.json(t)["subject"])

	post := h.arrived(t, 3)[2]
	verifySvix(t, post)
	told := post.event(t)
	require.Equal(t, "email.received", told.Type)
	require.Equal(t, []string{"ada-1+token@mail.sandbox.test"}, told.Data.To)
	require.Equal(t, told.Data.To, told.Data.ReceivedFor)
	require.Equal(t, "Ana <ana@example.net>", told.Data.From)
	require.NotContains(t, string(post.body), "fine", "the webhook holds no body")

	full := h.do(t, h.mailRequest(t, http.MethodGet, "/emails/receiving/"+told.Data.EmailID, nil)).json(t)
	require.Equal(t, "ok — fine\n<b>", full["text"])
	require.Equal(t, "<div>ok — fine<br>&lt;b&gt;</div>", full["html"])
	original := "<" + fmt.Sprint(id) + "@mail.sandbox.test>"
	headers := full["headers"].(map[string]any)
	require.Equal(t, original, headers["in-reply-to"])
	require.Equal(t, "<root@example.net> "+original, headers["references"])
	require.Equal(t, told.Data.MessageID, full["message_id"])
}
