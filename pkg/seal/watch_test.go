package seal_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/seal"
)

func TestKeysOfAFileAreTakenOverWhenTheyChange(t *testing.T) {
	t.Parallel()
	private := filepath.Join(t.TempDir(), "sealing.json")
	_, err := seal.MakeFile(private)
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var used []*seal.Opener
		refuse := false
		go seal.Source{File: private}.Watch(ctx, slog.New(slog.DiscardHandler), func(opener *seal.Opener) error {
			if refuse {
				return errors.New("some are sealed with another one")
			}
			used = append(used, opener)
			return nil
		})
		tick := func(times int) {
			<-time.After(time.Duration(times) * seal.ReloadEvery)
			synctest.Wait()
		}
		tick(3)
		require.Len(t, used, 1, "what does not change is taken once")

		keys := generate(t)
		text, err := keys.JSON()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(private, text[:len(text)/2], 0o600))
		tick(2)
		require.Len(t, used, 1, "half a file is no keys")
		refuse = true
		require.NoError(t, os.WriteFile(private, text, 0o600))
		tick(2)
		require.Len(t, used, 1)
		refuse = false
		tick(1)
		require.Len(t, used, 2, "what was refused is tried again")
		place := somewhere()
		opened, err := used[1].Open(sealed(t, keys, place), place)
		require.NoError(t, err)
		require.Equal(t, secret, opened)
		require.NoError(t, os.Remove(private))
		tick(2)
		require.Len(t, used, 2)
	})
}

func TestWhatSealsFollowsItsFile(t *testing.T) {
	t.Parallel()
	open := filepath.Join(t.TempDir(), "public.json")
	first, second, place := generate(t), generate(t), somewhere()
	write := func(keys *seal.Keys) {
		public, err := keys.Public()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(open, public, 0o600))
	}
	write(first)
	source := seal.PublicSource{File: open}
	sealer, err := source.Load()
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go source.Watch(ctx, slog.New(slog.DiscardHandler), sealer.Use)
		write(second)
		<-time.After(2 * seal.ReloadEvery)
		synctest.Wait()
		text, err := sealer.Seal(secret, place)
		require.NoError(t, err)
		require.True(t, opener(t, second).Knows(text))
	})
}

func TestASecretIsSealedAnewAtItsPlaceAlone(t *testing.T) {
	t.Parallel()
	first, place := generate(t), somewhere()
	before := sealed(t, first, place)
	second, err := first.Rotate()
	require.NoError(t, err)
	after, err := opener(t, second).Reseal(before, place)
	require.NoError(t, err)
	require.False(t, opener(t, second).Outdated(after))
	opened, err := opener(t, second).Open(after, place)
	require.NoError(t, err)
	require.Equal(t, secret, opened)
	_, err = opener(t, second).Reseal(before, somewhere())
	require.ErrorIs(t, err, seal.ErrSealed)
}
