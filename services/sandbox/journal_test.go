package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// journal reads everything that happened, page by page.
func (h *house) journal(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for after := float64(0); ; {
		page := h.own(t, http.MethodGet, fmt.Sprintf("/api/journal?limit=2&after=%.0f", after), nil).items(t)
		if len(page) == 0 {
			return all
		}
		after, _ = page[len(page)-1]["seq"].(float64)
		all = append(all, page...)
	}
}

func count(entries []map[string]any, want map[string]any) int {
	n := 0
	for _, entry := range entries {
		same := true
		for key, value := range want {
			same = same && entry[key] == value
		}
		if same {
			n++
		}
	}
	return n
}

func TestTheJournalTellsWhatReachedWhomAndWhatWasAnswered(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "sms", "from": "+14055550124", "to": "+15002000001", "body": "hello",
	})
	received := h.received(t, "+14055550123")[0]
	require.Eventually(t, func() bool {
		return count(h.journal(t), map[string]any{"kind": "callback", "name": "status delivered", "externalId": received["externalId"]}) == 1
	}, patience, 10*time.Millisecond)
	entries := h.journal(t)
	require.Equal(t, 1, count(entries, map[string]any{
		"kind": "received", "customer": "+14055550123", "externalId": received["externalId"], "text": received["body"],
	}))
	require.Equal(t, 1, count(entries, map[string]any{"kind": "request", "outcome": "accepted", "externalId": received["externalId"]}))
	require.Equal(t, 1, count(entries, map[string]any{"kind": "written", "customer": "+14055550124", "text": "hello"}))
	require.Equal(t, 1, count(entries, map[string]any{"kind": "callback", "name": "inbound text", "outcome": "taken", "status": float64(200)}))
	for at, entry := range entries {
		require.InDelta(t, at+1, entry["seq"], 0)
	}
}

func TestTheJournalKeepsNoMoreThanItIsTold(t *testing.T) {
	t.Parallel()
	h := setup(t, nil, func(config *sandbox.Config) { config.Journal = 3 })
	for range 5 {
		require.Equal(t, http.StatusCreated, h.text(t, "+14055550123").status)
	}
	got := h.own(t, http.MethodGet, "/api/journal?limit=10", nil).json(t)
	require.Len(t, got["items"], 3)
	require.Greater(t, got["first"], float64(1), "that something is missing is told")
	require.Equal(t, http.StatusUnprocessableEntity, h.own(t, http.MethodGet, "/api/journal?after=x", nil).status)
}
