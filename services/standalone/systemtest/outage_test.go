package systemtest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
)

func TestSystem_Postgres_down_neither_refuses_nor_loses_nor_doubles(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	owner := signUp(t, s.gateway)
	require.NoError(t, s.postgres.Kill())

	const each = 200
	sent := make([]string, each)
	var group sync.WaitGroup
	for at := range each {
		group.Go(func() {
			accepted, err := owner.try(http.MethodPost, "/api/communications",
				map[string]any{"channel": "sms", "to": customer(at), "body": "out " + strconv.Itoa(at)})
			if err == nil && accepted.status == http.StatusAccepted {
				sent[at] = accepted.text("id")
			}
		})
	}
	group.Wait()
	require.NotContains(t, sent, "", "a send was refused while Postgres was down")

	require.Eventually(t, func() bool { return deliveredOnce(t, s, each) }, 60*time.Second, 200*time.Millisecond,
		"messages reach the customers while Postgres is down")
	answers := make([]int, each)
	for at := range each {
		group.Go(func() { answers[at] = s.postText(customer(at), owner.from["sms"], "in "+strconv.Itoa(at)) })
	}
	group.Wait()
	for _, status := range answers {
		require.Equal(t, http.StatusOK, status, "a webhook was refused while Postgres was down")
	}

	require.NoError(t, s.postgres.Restart(t.Context()))
	s.services[event.ServiceStore].waitReady(t)
	for at, id := range sent {
		owner.waitStatus(id, "delivered")
		require.Len(t, received(t, s.sandbox, customer(at)), 1)
		require.ElementsMatch(t, []string{"in " + strconv.Itoa(at), "out " + strconv.Itoa(at)}, waitBodies(t, owner, id, 2))
	}
}

func customer(at int) string { return fmt.Sprintf("+1405556%04d", at+1000) }

func deliveredOnce(t *testing.T, s *system, want int) bool {
	t.Helper()
	arrived := 0
	for at := range want {
		items := received(t, s.sandbox, customer(at))
		require.LessOrEqual(t, len(items), 1, "the customer received it twice")
		arrived += len(items)
	}
	return arrived == want
}

// waitBodies waits until the conversation of a message holds n messages and returns their bodies, newest first.
func waitBodies(t *testing.T, c *client, messageID string, n int) []string {
	t.Helper()
	conversation := c.call(http.MethodGet, "/api/messages/"+messageID, nil).text("conversationId")
	var bodies []string
	require.Eventually(t, func() bool {
		bodies = nil
		for _, item := range c.call(http.MethodGet, "/api/conversations/"+conversation+"/messages", nil).items() {
			body, _ := item["body"].(string)
			bodies = append(bodies, body)
		}
		return len(bodies) >= n
	}, 30*time.Second, 50*time.Millisecond)
	return bodies
}
