package file_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
)

func TestBudget_LetsInWhatFitsAndServesTheOthersInOrder(t *testing.T) {
	t.Parallel()
	budget, ws := file.NewBudget(10), workspace.NewID()
	var order []string
	wait := func(name string) func() { return func() { order = append(order, name) } }

	require.True(t, budget.Enter(ws, 6, nil))
	require.False(t, budget.Enter(ws, 100, wait("larger than all")))
	require.False(t, budget.Enter(ws, 1, wait("small")), "nobody overtakes")
	require.False(t, budget.Enter(ws, 9, wait("large")))
	require.Empty(t, order)

	budget.Leave(6)
	require.Equal(t, []string{"larger than all"}, order, "it goes alone")
	budget.Leave(100)
	require.Equal(t, []string{"larger than all", "small", "large"}, order)
	require.False(t, budget.Enter(ws, 1, wait("last")))
	budget.Leave(1)
	require.Equal(t, "last", order[3])
}

func TestBudget_ANeighboursFilesAreNoQueueToWaitIn(t *testing.T) {
	t.Parallel()
	budget, noisy, other := file.NewBudget(10), workspace.NewID(), workspace.NewID()
	var order []string
	wait := func(name string) func() { return func() { order = append(order, name) } }
	require.True(t, budget.Enter(noisy, 10, nil))
	for range 100 {
		require.False(t, budget.Enter(noisy, 10, wait("noisy")))
	}
	require.False(t, budget.Enter(other, 10, wait("other")))

	budget.Leave(10)
	budget.Leave(10)
	require.Equal(t, []string{"noisy", "other"}, order)
}
