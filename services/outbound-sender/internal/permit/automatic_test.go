package permit_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
)

func TestAutomatic_AtMostSoManyInAnyStretch(t *testing.T) {
	t.Parallel()
	a, err := permit.NewAutomatic(5, 10*time.Minute)
	require.NoError(t, err)
	begun := time.Now()
	at := func(minutes float64) time.Time { return begun.Add(time.Duration(minutes * float64(time.Minute))) }

	for i := range 5 {
		require.True(t, a.Allow("one", at(float64(i))))
	}
	require.False(t, a.Allow("one", at(5)))
	require.False(t, a.Allow("one", at(9.9)), "what was refused did not count")
	require.True(t, a.Allow("two", at(9.9)), "conversations do not share it")
	require.True(t, a.Allow("one", at(10)))
	require.False(t, a.Allow("one", at(10.5)))
	require.True(t, a.Allow("one", at(11)))
	require.True(t, a.Allow("one", at(100)))
}

func TestAutomatic_ForgetsTheOldestConversationsRatherThanGrow(t *testing.T) {
	t.Parallel()
	a, err := permit.NewAutomatic(1, time.Hour)
	require.NoError(t, err)
	now := time.Now()
	require.True(t, a.Allow("first", now))
	for i := range 50_000 {
		require.True(t, a.Allow(strconv.Itoa(i), now))
	}
	require.True(t, a.Allow("first", now))
	require.False(t, a.Allow("49999", now))
}
