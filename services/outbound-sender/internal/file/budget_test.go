package file_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
)

func TestBudget_LetsInWhatFitsAndServesTheOthersInOrder(t *testing.T) {
	t.Parallel()
	budget := file.NewBudget(10)
	var order []string
	wait := func(name string) func() { return func() { order = append(order, name) } }

	require.True(t, budget.Enter(6, nil))
	require.False(t, budget.Enter(100, wait("larger than all")))
	require.False(t, budget.Enter(1, wait("small")), "nobody overtakes")
	require.False(t, budget.Enter(9, wait("large")))
	require.Empty(t, order)

	budget.Leave(6)
	require.Equal(t, []string{"larger than all"}, order, "it goes alone")
	budget.Leave(100)
	require.Equal(t, []string{"larger than all", "small", "large"}, order)
	require.False(t, budget.Enter(1, wait("last")))
	budget.Leave(1)
	require.Equal(t, "last", order[3])
}
