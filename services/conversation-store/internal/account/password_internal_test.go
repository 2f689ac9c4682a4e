package account

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	passwords, err := newPasswords(Cost{})
	require.NoError(t, err)
	kept, err := passwords.hash(t.Context(), "correct horse")
	require.NoError(t, err)

	t.Run("are kept as argon2id with 19 MiB, two passes and one lane", func(t *testing.T) {
		t.Parallel()
		require.True(t, strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$"), kept)
	})
	t.Run("match only themselves", func(t *testing.T) {
		t.Parallel()
		match, err := passwords.matches(t.Context(), "correct horse", kept)
		require.NoError(t, err)
		require.True(t, match)
		match, err = passwords.matches(t.Context(), "Correct horse", kept)
		require.NoError(t, err)
		require.False(t, match)
	})
	t.Run("are the same however the accent is typed", func(t *testing.T) {
		t.Parallel()
		kept, err := passwords.hash(t.Context(), "caf\u00e9 caf\u00e9 caf\u00e9")
		require.NoError(t, err)
		match, err := passwords.matches(t.Context(), "cafe\u0301 cafe\u0301 cafe\u0301", kept)
		require.NoError(t, err)
		require.True(t, match)
	})
	t.Run("nobody's never matches", func(t *testing.T) {
		t.Parallel()
		match, err := passwords.matches(t.Context(), "", "")
		require.NoError(t, err)
		require.False(t, match)
	})
	t.Run("are refused at once when too many wait", func(t *testing.T) {
		t.Parallel()
		busy, err := newPasswords(Cost{MemoryKiB: 8, Iterations: 1, Concurrent: 1, Waiting: 1})
		require.NoError(t, err)
		require.True(t, busy.slots.TryAcquire(1))
		require.True(t, busy.places.TryAcquire(2))
		_, err = busy.hash(t.Context(), "correct horse")
		require.ErrorIs(t, err, bus.ErrUnavailable)
		_, err = busy.matches(t.Context(), "correct horse", kept)
		require.ErrorIs(t, err, bus.ErrUnavailable)
		busy.slots.Release(1)
		busy.places.Release(2)
		_, err = busy.hash(t.Context(), "correct horse")
		require.NoError(t, err)
		require.True(t, busy.places.TryAcquire(2), "all places are free again")
	})
	t.Run("wait for a slot no longer than asked", func(t *testing.T) {
		t.Parallel()
		busy, err := newPasswords(Cost{MemoryKiB: 8, Iterations: 1, Concurrent: 1})
		require.NoError(t, err)
		require.True(t, busy.slots.TryAcquire(1))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = busy.hash(ctx, "correct horse")
		require.ErrorIs(t, err, context.Canceled)
		_, err = busy.matches(ctx, "correct horse", kept)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestUnknownUserCostsTheTimeOfAWrongPassword(t *testing.T) {
	t.Parallel()
	passwords, err := newPasswords(Cost{})
	require.NoError(t, err)
	kept, err := passwords.hash(t.Context(), "correct horse")
	require.NoError(t, err)
	for _, hash := range []string{kept, ""} {
		match, err := passwords.matches(t.Context(), "wrong horse", hash)
		require.NoError(t, err)
		require.False(t, match)
	}
	work := func(hash string) []string { return strings.Split(hash, "$")[:4] } // algorithm, version, memory, passes, threads
	require.Equal(t, work(kept), work(passwords.decoy), "nobody's hash is as much work as somebody's")
	require.Len(t, passwords.decoy, len(kept))
}
