package ring_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
)

func all(int) bool { return true }

func TestRingKeepsTheNewestWithinItsCount(t *testing.T) {
	t.Parallel()
	kept := ring.New[int](3, 1000)
	for i := range 10 {
		require.True(t, kept.Add(strconv.Itoa(i), i, 1))
	}
	require.Equal(t, []int{9, 8, 7}, kept.Newest(10, all))
	_, old := kept.Get("6")
	require.False(t, old)
	value, held := kept.Get("8")
	require.True(t, held)
	require.Equal(t, 8, value)
}

func TestRingKeepsTheNewestWithinItsSize(t *testing.T) {
	t.Parallel()
	kept := ring.New[int](100, 10)
	for i := range 5 {
		kept.Add(strconv.Itoa(i), i, 4)
	}
	require.Equal(t, []int{4, 3}, kept.Newest(10, all))
	kept.Add("huge", 99, 50)
	require.Equal(t, []int{99}, kept.Newest(10, all), "the newest stays, however large")
}

func TestRingTakesAKeyOnce(t *testing.T) {
	t.Parallel()
	kept := ring.New[int](3, 1000)
	require.True(t, kept.Add("a", 1, 1))
	require.False(t, kept.Add("a", 2, 1))
	changed, ok := kept.Update("a", func(v int) int { return v + 10 })
	require.True(t, ok)
	require.Equal(t, 11, changed)
	kept.Clear()
	require.Empty(t, kept.Newest(10, all))
	require.True(t, kept.Add("a", 3, 1))
}
