package bench

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
)

func TestMarkOf_FindsTheTextInWhateverCarriesIt(t *testing.T) {
	t.Parallel()
	made := newTexts("http://127.0.0.1:1", nil, 1)
	for name, one := range map[string]struct {
		text string
		want int
		ok   bool
	}{
		"a form":                    {"From=%2B1&Body=" + mark(42) + "+the+parcel", 42, true},
		"a frame":                   {`{"type":"change","id":"m-x","message":{"body":"` + made.body(7) + `"}}`, 7, true},
		"behind what looks like it": {"m-00000000 m-+000000001 m-" + mark(3), 3, true},
		"nothing":                   {"the parcel has not come", 0, false},
		"cut off":                   {mark(42)[:markLength-1], 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, ok := markOf([]byte(one.text))
			require.Equal(t, one.ok, ok)
			require.Equal(t, one.want, n)
		})
	}
}

func TestAcknowledgedIn_ReadsBothFormsOfTheSubject(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]int{
		"$JS.ACK.INBOUND.store.1.17.9.1700000000000000000.0":               17,
		"$JS.ACK.hub.ACCOUNT.INBOUND.store.1.18.9.1700000000000000000.0.x": 18,
		"$JS.ACK.SEND.store.1.17.9.1700000000000000000.0":                  0,
		"$JS.ACK.INBOUND.store":                                            0,
	} {
		sequence, ok := acknowledgedIn(subject, "INBOUND")
		require.Equal(t, want, sequence, subject)
		require.Equal(t, want > 0, ok, subject)
	}
}

func TestSightings_CountFromWhenATextWasDueAndKeepTheFirst(t *testing.T) {
	t.Parallel()
	due := load.Schedule{Begun: time.Now(), Every: 10 * time.Millisecond}
	seen := newSightings(100, 2)
	seen.note(99, due.At(0)) // of somebody else
	seen.note(101, due.At(1).Add(5*time.Millisecond))
	seen.note(101, due.At(1).Add(time.Second))
	seen.note(100, due.At(0).Add(time.Millisecond))
	require.NoError(t, seen.wait(t.Context()))
	counted := seen.latencies(due)
	require.EqualValues(t, 2, counted.TotalCount())
	require.InDelta(t, 5_000, counted.Max(), 50)
	require.InDelta(t, 1_000, counted.Min(), 50)
}

func TestTexts_AreNeverTwiceTheSameAndGoToEveryWorkspaceInTurn(t *testing.T) {
	t.Parallel()
	homes := []tenant.Workspace{
		{Accounts: map[channel.Kind]tenant.Account{channel.SMS: {Address: "+15002000001"}}},
		{Accounts: map[channel.Kind]tenant.Account{channel.SMS: {Address: "+15002000002"}}},
	}
	made := newTexts("http://127.0.0.1:1", homes, 3)
	first, webhooks := made.next(4, len(homes))
	require.Zero(t, first)
	next, more := made.next(1, 1)
	require.Equal(t, 4, next)
	seen := map[string]bool{}
	for _, w := range append(webhooks, more...) {
		require.False(t, seen[string(w.Body)])
		seen[string(w.Body)] = true
	}
	require.Contains(t, string(webhooks[1].Body), "15002000002")
	require.Len(t, made.body(1), bodyLength)
	request := string(requests(webhooks[:1], "127.0.0.1:9", "/accept")[0])
	require.True(t, strings.HasPrefix(request, "POST /accept HTTP/1.1\r\nHost: 127.0.0.1:9\r\n"))
}

func TestMedian(t *testing.T) {
	t.Parallel()
	require.Zero(t, median(nil))
	require.InDelta(t, 2, median([]float64{3, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 0)
}
