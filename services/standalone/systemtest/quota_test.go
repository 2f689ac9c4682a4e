package systemtest_test

import (
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service/servicetest"
)

// startGateway starts one more gateway of the system, and answers its URL.
func (s *system) startGateway() string {
	address := servicetest.FreeAddress(s.t)
	env := maps.Clone(s.env)
	env["CONVERSATIONS_GATEWAY_ADDRESS"], env["CONVERSATIONS_GATEWAY_PUBLIC_URL"] = address, "http://"+address
	spawn(s.t, s.t.TempDir(), event.ServiceGateway, "http://"+address+"/readyz", env).waitReady(s.t)
	return "http://" + address
}

// texts is what the API says of the allowance of texts.
func (c *client) texts() map[string]any {
	c.t.Helper()
	usage := c.call(http.MethodGet, "/api/usage", nil)
	allowances, _ := usage.body["allowances"].([]any)
	for _, element := range allowances {
		if allowance, _ := element.(map[string]any); allowance["meter"] == "sms" {
			return allowance
		}
	}
	return nil
}

func TestQuota_a_thousand_sends_at_once_without_Postgres_accept_exactly_the_limit(t *testing.T) {
	t.Parallel()
	s := startSystem(t, map[string]string{"CONVERSATIONS_DEFAULT_PLAN": "free"}) // 50 texts a month
	second := s.startGateway()
	c := signUp(t, s.gateway)
	also := &client{t: t, base: second, http: c.http, from: c.from}
	require.NoError(t, s.postgres.Kill())

	var mu sync.Mutex
	statuses, ids := map[int]int{}, []string{}
	refusal := answer{}
	var group sync.WaitGroup
	for at := range 1000 {
		group.Go(func() {
			by := []*client{c, also}[at%2]
			got, err := by.try(http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": customer(at), "body": "hello"})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				statuses[0]++
				return
			}
			statuses[got.status]++
			if got.status == http.StatusAccepted {
				ids = append(ids, got.text("id"))
			} else {
				refusal = got
			}
		})
	}
	group.Wait()
	require.Equal(t, map[int]int{http.StatusAccepted: 50, http.StatusPaymentRequired: 950}, statuses)
	require.Equal(t, "quota_exceeded", refusal.text("code"))

	require.NoError(t, s.postgres.Restart(t.Context()))
	s.services[event.ServiceStore].waitReady(t)
	for _, id := range ids {
		c.waitStatus(id, "delivered")
	}
	require.Eventually(t, func() bool {
		texts := c.texts()
		return texts["used"] == 50.0 && texts["pending"] == 0.0 && texts["reached"] == 100.0
	}, 30*time.Second, 50*time.Millisecond, "the ledger agrees")
	again := c.call(http.MethodPost, "/api/communications", map[string]any{"channel": "sms", "to": customer(0), "body": "one more"})
	require.Equal(t, http.StatusPaymentRequired, again.status, again.body)
	quota, _ := again.body["quota"].(map[string]any)
	require.InDelta(t, 50, quota["used"], 0, "and so does the count")
	entries := c.call(http.MethodGet, "/api/usage/entries?limit=100&period="+quota["period"].(string), nil).items()
	require.Len(t, entries, 50)
}
