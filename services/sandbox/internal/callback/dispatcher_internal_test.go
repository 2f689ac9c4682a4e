package callback

import (
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
)

// order delivers n callbacks about one message and tells in which order they fall due.
func order(t *testing.T, n int, rule fault.Rule) []string {
	t.Helper()
	faults := fault.NewSet("acme")
	faults.Put(rule, "acme")
	dispatcher, err := New("http://127.0.0.1:1", faults, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	now := time.Now()
	callbacks := make([]Callback, n)
	for i := range callbacks {
		callbacks[i] = Callback{Provider: "acme", Name: strconv.Itoa(i), At: now.Add(time.Duration(i) * time.Second)}
	}
	dispatcher.Deliver(callbacks...)
	names := []string{}
	for {
		next, _ := dispatcher.take(now.Add(time.Hour))
		if next == nil {
			return names
		}
		names = append(names, next.Name)
	}
}

func TestDeliverKeepsTheOrderUnlessToldToShuffle(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"0", "1", "2", "3"}, order(t, 4, fault.Rule{}))
	for range 50 {
		shuffled := order(t, 4, fault.Rule{ShuffleCallbacks: true})
		require.ElementsMatch(t, []string{"0", "1", "2", "3"}, shuffled)
		require.NotEqual(t, []string{"0", "1", "2", "3"}, shuffled)
	}
	require.Equal(t, []string{"1", "0"}, order(t, 2, fault.Rule{ShuffleCallbacks: true}))
	require.Equal(t, []string{"0"}, order(t, 1, fault.Rule{ShuffleCallbacks: true}))
}
