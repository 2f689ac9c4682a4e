package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func TestFaultFailsSoManyCallsAndNoMore(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"failWith": 503, "failCount": 2})
	require.Equal(t, http.StatusServiceUnavailable, h.text(t, "+14055550123").status)
	require.Equal(t, http.StatusServiceUnavailable, h.text(t, "+14055550123").status)
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	require.Equal(t, http.StatusServiceUnavailable, h.mail(t, "ana@example.net").status, "each provider counts for itself")
	require.Len(t, h.received(t, "+14055550123"), 1)
}

func TestFaultFailsByTheProvidersOwnError(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"provider": "signalwire", "failWith": "21611"})
	h.fault(t, map[string]any{"provider": "resend", "failWith": "daily_quota_exceeded"})
	for range 3 {
		require.InDelta(t, 21611, h.text(t, "+14055550123").json(t)["code"], 0)
		require.Equal(t, "daily_quota_exceeded", h.mail(t, "ana@example.net").json(t)["name"])
	}
	require.Equal(t, http.StatusOK, h.look(t, "/Messages").status, "look-ups go on")
	h.fault(t, map[string]any{"failWith": 401, "calls": "all"})
	require.Equal(t, http.StatusUnauthorized, h.look(t, "/Messages").status)
	h.fault(t, map[string]any{})
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
}

func TestFaultAcceptsAndDropsTheAnswer(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"dropResponses": true, "failCount": 1})
	_, err := h.try(h.textRequest(t, h.form("+14055550123")))
	require.Error(t, err)
	require.Len(t, h.received(t, "+14055550123"), 1)
	texts, _ := h.look(t, "/Messages?To=%2B14055550123").json(t)["messages"].([]any)
	require.Len(t, texts, 1, "the look-up finds what was accepted")
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	calls := h.own(t, http.MethodGet, "/api/requests?provider=signalwire", nil).items(t)
	require.Equal(t, "accepted_then_cut", calls[0]["outcome"])
	require.Equal(t, "accepted", calls[2]["outcome"])
}

func TestFaultSlowsTheAnswerButNotTheMessage(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"provider": "signalwire", "latencyMs": 250})
	started := time.Now()
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	require.GreaterOrEqual(t, time.Since(started), 250*time.Millisecond)
}

func TestFaultLimitsTheRate(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"ratePerSecond": 0.01})
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	got := h.text(t, "+14055550123")
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "1", got.header.Get("Retry-After"))
	require.InDelta(t, 20429, got.json(t)["code"], 0)
	require.Equal(t, http.StatusOK, h.mail(t, "ana@example.net").status)
	limited := h.mail(t, "ana@example.net")
	require.Equal(t, "rate_limit_exceeded", limited.json(t)["name"])
	require.Equal(t, "0", limited.header.Get("ratelimit-remaining"))
}

func TestFaultDropsCallbacks(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"dropCallbacks": true})
	h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "sms", "from": "+14055550123", "to": "+15002000001", "body": "lost",
	})
	require.Eventually(t, func() bool {
		return h.own(t, http.MethodGet, "/api/outgoing", nil).items(t)[0]["state"] == "lost"
	}, patience, 2*time.Millisecond)
	h.fault(t, map[string]any{})
	h.text(t, "+14055550123")
	for _, post := range h.arrived(t, 4) {
		require.NotEqual(t, "lost", post.form(t).Get("Body"))
	}
}

func TestFaultDoublesCallbacks(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"duplicateCallbacks": true})
	h.mail(t, "ana@example.net")
	ids := map[string]int{}
	for _, post := range h.arrived(t, 4) {
		verifySvix(t, post)
		ids[post.header.Get("svix-id")]++
	}
	require.Len(t, ids, 2)
	for id, times := range ids {
		require.Equal(t, 2, times, id)
	}
}

func TestFaultShufflesCallbacks(t *testing.T) {
	t.Parallel()
	h := setup(t, nil, func(c *sandbox.Config) { c.Step = 100 * time.Millisecond })
	h.fault(t, map[string]any{"shuffleCallbacks": true})
	for n := 0; ; n += 2 { // on a busy machine a post can overtake another by itself
		h.mail(t, "ana@example.net")
		posts := h.arrived(t, n+2)[n:]
		require.Len(t, posts, 2)
		if posts[0].event(t).Type == "email.delivered" {
			return
		}
		require.Less(t, n, 20)
	}
}

func TestCallbackIsRepeatedUntilItIsTaken(t *testing.T) {
	t.Parallel()
	h := setup(t, func(n int) int { return map[bool]int{true: 500, false: 200}[n < 2] })
	h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "email", "from": "ana@example.net", "to": "ada-1@mail.sandbox.test", "subject": "Hi", "body": "hello",
	})
	posts := h.arrived(t, 3)
	for _, post := range posts {
		verifySvix(t, post)
		require.Equal(t, posts[0].header.Get("svix-id"), post.header.Get("svix-id"))
	}
	require.Eventually(t, func() bool {
		return h.own(t, http.MethodGet, "/api/outgoing", nil).items(t)[0]["state"] == "taken"
	}, patience, 2*time.Millisecond)
}

func TestTextsWebhookIsTriedThreeTimes(t *testing.T) {
	t.Parallel()
	h := setup(t, func(int) int { return 503 })
	h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "sms", "from": "+14055550123", "to": "+15002000001", "body": "hello",
	})
	require.Eventually(t, func() bool {
		return h.own(t, http.MethodGet, "/api/outgoing", nil).items(t)[0]["state"] == "lost"
	}, patience, 2*time.Millisecond)
	require.Len(t, h.arrived(t, 3), 3)
	require.Contains(t, h.own(t, http.MethodGet, "/api/outgoing", nil).items(t)[0]["detail"], "503")
}

func TestCallbackNeverLeavesForAnotherHost(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	form := h.form("+14055550123")
	form.Set("StatusCallback", "http://elsewhere.example/hook")
	require.Equal(t, http.StatusCreated, h.do(t, h.textRequest(t, form)).status)
	h.text(t, "+14055550199")
	h.arrived(t, 4)
	require.Eventually(t, func() bool { // it is counted when the answer has been read
		return strings.Contains(string(h.do(t, h.request(t, http.MethodGet, "/metrics", "")).body),
			`conversations_sandbox_callbacks_total{outcome="taken",provider="signalwire"} `)
	}, patience, 2*time.Millisecond)
}

func TestFaultsAreChecked(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, tc := range map[string]struct {
		body, field string
		status      int
	}{
		"an unknown provider":       {`{"provider":"pigeon"}`, "provider", 422},
		"a negative latency":        {`{"latencyMs":-1}`, "latencyMs", 422},
		"a latency too long":        {`{"latencyMs":60001}`, "latencyMs", 422},
		"a status that is no error": {`{"failWith":200}`, "failWith", 422},
		"an error nobody knows":     {`{"failWith":"tired"}`, "failWith", 422},
		"an error of the other":     {`{"provider":"resend","failWith":"21610"}`, "failWith", 422},
		"an error only one knows":   {`{"failWith":"21610"}`, "failWith", 422},
		"a negative count":          {`{"failCount":-1}`, "failCount", 422},
		"a negative rate":           {`{"ratePerSecond":-1}`, "ratePerSecond", 422},
		"an unknown set of calls":   {`{"calls":"some"}`, "calls", 422},
		"an unknown field":          {`{"mood":"bad"}`, "mood", 400},
		"a field of another type":   {`{"latencyMs":"slow"}`, "latencyMs", 400},
		"broken JSON":               {`{"latencyMs":`, "", 400},
		"something after the JSON":  {`{} {}`, "", 400},
		"a boolean that is none":    {`{"dropCallbacks":1}`, "dropCallbacks", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := h.own(t, http.MethodPut, "/api/faults", tc.body)
			require.Equal(t, tc.status, got.status, string(got.body))
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
			field, _ := got.json(t)["field"].(string)
			require.Equal(t, tc.field, field)
		})
	}
}

func TestFaultsReplaceOneAnother(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	h.fault(t, map[string]any{"latencyMs": 7, "dropCallbacks": true})
	h.fault(t, map[string]any{"provider": "resend", "shuffleCallbacks": true})
	rules := map[any]map[string]any{}
	for _, rule := range h.own(t, http.MethodGet, "/api/faults", nil).items(t) {
		rules[rule["provider"]] = rule
	}
	require.Equal(t, false, rules["resend"]["dropCallbacks"])
	require.Equal(t, true, rules["resend"]["shuffleCallbacks"])
	require.Equal(t, true, rules["signalwire"]["dropCallbacks"])
	require.InDelta(t, 7, rules["signalwire"]["latencyMs"], 0)
}

func TestManyAtOnceAreTakenOnceEach(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	const many = 200
	requests := make([]*http.Request, many)
	for i := range requests {
		form := h.form("+14055550123")
		form.Set("Body", fmt.Sprint("text ", i))
		requests[i] = h.textRequest(t, form)
	}
	var group sync.WaitGroup
	for part := range slices.Chunk(requests, many/8) {
		group.Go(func() {
			for _, request := range part {
				_, _ = h.try(request)
			}
		})
	}
	group.Wait()
	bodies := map[any]bool{}
	for _, item := range h.received(t, "+14055550123") {
		bodies[item["body"]] = true
	}
	require.Len(t, bodies, many)
	calls := h.own(t, http.MethodGet, "/api/requests?"+url.Values{"provider": {"signalwire"}}.Encode(), nil).items(t)
	require.Len(t, calls, many)
	posts := map[string]bool{}
	for _, post := range h.arrived(t, 4*many) {
		posts[post.form(t).Get("MessageSid")+post.form(t).Get("MessageStatus")] = true
	}
	require.Len(t, posts, 4*many)
}
