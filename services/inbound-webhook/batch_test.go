package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

const (
	batchAccount = "1000000000001"
	batchPath    = "/api/webhooks/meta"
	ourNumber    = "+15004000001"
	theirNumber  = "+15004000002"
)

// withBatches adds a provider whose webhooks tell several things at once.
func withBatches(c *webhook.Config) {
	lookup := c.Lookup
	more := map[string]string{
		"META_ACCESS_TOKEN": "token", "META_APP_SECRET": "app-secret", "META_VERIFY_TOKEN": "verify-token",
		"META_WHATSAPP_BUSINESS_ACCOUNT_ID": batchAccount, "META_WHATSAPP_NUMBER": ourNumber,
	}
	c.Lookup = func(name string) (string, bool) {
		if value, ok := more[name]; ok {
			return value, true
		}
		return lookup(name)
	}
}

// change is the part of a webhook that is about one of our numbers.
func change(number string, value map[string]any) map[string]any {
	value["messaging_product"] = "whatsapp"
	value["metadata"] = map[string]any{"display_phone_number": number[1:], "phone_number_id": "2" + number[2:]}
	return map[string]any{"id": batchAccount, "changes": []map[string]any{{"field": "messages", "value": value}}}
}

func written(id, text string) map[string]any {
	return map[string]any{"messages": []map[string]any{{
		"id": id, "from": customer[1:], "timestamp": strconv.FormatInt(time.Now().Unix(), 10), "type": "text",
		"text": map[string]any{"body": text},
	}}}
}

func signedBatch(t *testing.T, entries ...map[string]any) call {
	t.Helper()
	body, err := json.Marshal(map[string]any{"object": "whatsapp_business_account", "entry": entries})
	require.NoError(t, err)
	mac := hmac.New(sha256.New, []byte("app-secret"))
	mac.Write(body)
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return call{method: http.MethodPost, path: batchPath, body: body, header: header}
}

func TestBatch_of_two_workspaces_shows_neither_the_others_part(t *testing.T) {
	t.Parallel()
	r := newRig(t, withBatches)
	other := workspace.NewID()
	batch := fixture{Provider: "meta", Account: batchAccount, Address: ourNumber}
	r.route(t, r.workspace, batch, "whatsapp", "0197a000-0000-7000-8000-0000000000e1")
	batch.Address = theirNumber
	r.route(t, other, batch, "whatsapp", "0197a000-0000-7000-8000-0000000000e2")

	c := signedBatch(t, change(ourNumber, written("wamid.1", "for acme")), change(theirNumber, written("wamid.2", "for globex")),
		change(theirNumber, map[string]any{"statuses": []map[string]any{{
			"id": "wamid.3", "status": "delivered", "timestamp": "1700000000", "recipient_id": customer[1:],
		}}}),
		change("+15004000009", written("wamid.4", "for nobody")))
	for range 2 {
		got := r.send(t, c)
		require.Equal(t, http.StatusOK, got.status, got.body)
	}
	events := inbound(t, r)
	require.Len(t, events, 2)
	require.Equal(t, r.workspace.String(), events[0].GetWorkspaceId())
	require.Contains(t, string(events[0].GetRaw().GetBody()), "for acme")
	require.NotContains(t, string(events[0].GetRaw().GetBody()), "globex")
	require.Equal(t, other.String(), events[1].GetWorkspaceId())
	require.NotContains(t, string(events[1].GetRaw().GetBody()), "acme")
	news := receipts(t, r)
	require.Len(t, news, 1)
	require.Equal(t, other.String(), news[0].GetWorkspaceId())
	require.NotContains(t, string(news[0].GetRaw().GetBody()), "acme")
	require.Len(t, quarantine(t, r), 1, "what is for nobody is kept, with all around it")
}

func TestStop_is_kept_apart_by_channel_and_workspace(t *testing.T) {
	t.Parallel()
	r := newRig(t, withBatches)
	r.route(t, r.workspace, fixture{Provider: "meta", Account: batchAccount, Address: ourNumber}, "whatsapp", "0197a000-0000-7000-8000-0000000000e1")
	require.Equal(t, http.StatusOK, r.send(t, signedBatch(t, change(ourNumber, written("wamid.1", "Stop")))).status)
	require.Nil(t, r.consent(t), "texts go on")
	answers := sends(t, r)
	require.Len(t, answers, 1)
	require.Equal(t, "whatsapp", answers[0].GetChannel())
}

func TestSuppression_becomes_a_consent_of_the_workspace(t *testing.T) {
	t.Parallel()
	r := newRig(t, withBatches)
	r.route(t, r.workspace, fixture{Provider: "meta", Account: batchAccount, Address: ourNumber}, "whatsapp", "0197a000-0000-7000-8000-0000000000e1")
	told := map[string]any{"user_preferences": []map[string]any{{
		"wa_id": customer[1:], "category": "marketing_messages", "value": "stop", "detail": "User requested to stop",
		"timestamp": strconv.FormatInt(time.Now().Unix(), 10),
	}}}
	entry := change(ourNumber, told)
	entry["changes"].([]map[string]any)[0]["field"] = "user_preferences" //nolint:forcetypeassert // change made it
	for range 2 {
		require.Equal(t, http.StatusOK, r.send(t, signedBatch(t, entry)).status)
	}
	news := receipts(t, r)
	require.Len(t, news, 1)
	require.Empty(t, news[0].GetMessageId())
	require.Empty(t, news[0].GetStatus())
	require.Equal(t, customer, news[0].GetConsent().GetAddress())
	require.Equal(t, channel.OptedOutState, news[0].GetConsent().GetState())
	require.Equal(t, r.workspace.String(), news[0].GetConsent().GetWorkspaceId())
	require.NotNil(t, news[0].GetConsent().GetChangedAt())
}

func TestHandshake_is_answered_to_who_knows_the_word(t *testing.T) {
	t.Parallel()
	r := newRig(t, withBatches)
	ask := func(query url.Values) answer {
		return r.send(t, call{method: http.MethodGet, path: fmt.Sprintf("%s?%s", batchPath, query.Encode())})
	}
	got := ask(url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {"verify-token"}, "hub.challenge": {"1158201444"}})
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "1158201444", got.body)
	require.Contains(t, got.header.Get("Content-Type"), "text/plain")
	for _, denied := range []url.Values{
		{},
		{"hub.mode": {"subscribe"}, "hub.challenge": {"42"}},
		{"hub.mode": {"subscribe"}, "hub.verify_token": {"wrong"}, "hub.challenge": {"42"}},
	} {
		got := ask(denied)
		require.Equal(t, http.StatusForbidden, got.status)
		require.NotContains(t, got.body, "42")
	}
	require.Empty(t, quarantine(t, r), "nothing that anybody can ask is kept")
}
