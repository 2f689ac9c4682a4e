package ratelimit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway/internal/ratelimit"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	slots := ratelimit.NewSlots(3, 2)
	enter := func(key string, wanted bool) func() {
		leave, ok := slots.Enter(key)
		require.Equal(t, wanted, ok, key)
		return leave
	}
	first := enter("a", true)
	enter("a", true)
	enter("a", false)
	second := enter("b", true)
	enter("c", false)
	second()
	second() // is harmless
	enter("c", true)
	enter("b", false)
	first()
	enter("a", true)
}
