package growth

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/tenant"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

func TestConversationsOf(t *testing.T) {
	t.Parallel()

	t.Run("they add up to the messages wanted", func(t *testing.T) {
		t.Parallel()
		for _, messages := range []int{100_000, 1_000_000, 5_000_000} {
			total := 0
			for _, count := range conversationsOf(messages, 1000) {
				total += count * perConversation
			}
			require.InEpsilon(t, messages, total, 0.02)
		}
	})
	t.Run("the greatest comes first and none is empty", func(t *testing.T) {
		t.Parallel()
		counts := conversationsOf(100_000, 1000)
		require.Len(t, counts, 1000)
		require.IsNonIncreasing(t, counts)
		require.Positive(t, counts[999])
		require.InDelta(t, 474, counts[0], 10, "one in 21")
		require.Greater(t, counts[0], 40*counts[500])
	})
	t.Run("a workspace only grows", func(t *testing.T) {
		t.Parallel()
		few, many := conversationsOf(100_000, 1000), conversationsOf(1_000_000, 1000)
		for n := range few {
			require.GreaterOrEqual(t, many[n], few[n])
		}
	})
}

func TestPicker_ChoosesByTheSizeOfTheWorkspace(t *testing.T) {
	t.Parallel()
	workspaces := []tenant.Workspace{{Key: "large"}, {Key: "small"}}
	p := newPicker(&loader{workspaces: workspaces, held: []int{9, 1}})
	seen := map[string]map[int]int{"large": {}, "small": {}}
	for range 10_000 {
		ws, n := p.next()
		seen[ws.Key][n]++
	}

	require.Len(t, seen["large"], 9)
	require.Len(t, seen["small"], 1)
	for n, count := range seen["large"] {
		require.InDelta(t, 1000, count, 200, n)
	}
	require.InDelta(t, 1000, seen["small"][0], 200)
}

func TestCurve_ComparesWithTheFirstSizeAndJudgesTheLast(t *testing.T) {
	t.Parallel()
	c := newCurve(1_000_000)
	for _, size := range []int{1000, 10_500, 1_000_000} {
		c.add("list", point{size: size, cost: float64(size) / 1000, unit: "ms", barred: true})
		c.add("send", point{size: size, cost: 2, unit: "ms"})
	}
	figures := c.figures()

	require.Len(t, figures, 6)
	require.Equal(t, "list, 1 thousand messages", figures[0].Name)
	require.Zero(t, figures[0].Ratio)
	require.Equal(t, "list, 10500 messages", figures[1].Name)
	require.InDelta(t, 10.5, figures[1].Ratio, 0.001)
	require.Equal(t, report.None, figures[1].Verdict(), "only the last is judged")
	require.Equal(t, "list, 1 million messages", figures[2].Name)
	require.Equal(t, report.Missed, figures[2].Verdict())
	require.Equal(t, report.None, figures[5].Verdict(), "nothing is asked of it")
	require.InDelta(t, 1, figures[5].Ratio, 0.001)
}
