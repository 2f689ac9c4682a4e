package seal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/seal"
)

func TestKeysComeFromTheEnvironmentOrAFile(t *testing.T) {
	t.Parallel()
	keys, place := generate(t), somewhere()
	clear, err := keys.JSON()
	require.NoError(t, err)
	public, err := keys.Public()
	require.NoError(t, err)
	folder := t.TempDir()
	private, open := filepath.Join(folder, "private.json"), filepath.Join(folder, "public.json")
	require.NoError(t, os.WriteFile(private, clear, 0o600))
	require.NoError(t, os.WriteFile(open, public, 0o600))

	for _, from := range []seal.Source{{Keys: string(clear)}, {File: private}} {
		loaded, err := from.Load()
		require.NoError(t, err)
		_, err = loaded.Open(sealed(t, keys, place), place)
		require.NoError(t, err)
	}
	for _, from := range []seal.PublicSource{{Keys: string(public)}, {File: open}} {
		loaded, err := from.Load()
		require.NoError(t, err)
		text, err := loaded.Seal(secret, place)
		require.NoError(t, err)
		_, err = opener(t, keys).Open(text, place)
		require.NoError(t, err)
	}
	none, err := seal.Source{}.Load()
	require.NoError(t, err)
	require.Nil(t, none)
	mute, err := seal.PublicSource{}.Load()
	require.NoError(t, err)
	require.Nil(t, mute)

	for name, wrong := range map[string]seal.Source{
		"both": {Keys: string(clear), File: private}, "no file": {File: folder + "/none"}, "no keys": {Keys: "{}"},
		"the public part": {File: open}, "a service nobody knows": {File: private, KMS: "nobody-kms://key"},
	} {
		_, err := wrong.Load()
		require.Error(t, err, name)
	}
	_, err = seal.PublicSource{File: private}.Load()
	require.ErrorIs(t, err, seal.ErrKeys, "private keys have no business where is sealed only")
}

func TestKeysAreMadeOnce(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "sealing.json")
	public, err := seal.MakeFile(name)
	require.NoError(t, err)
	about, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), about.Mode().Perm())
	again, err := seal.MakeFile(name)
	require.NoError(t, err)
	require.JSONEq(t, string(public), string(again))
	require.NoError(t, os.WriteFile(name, []byte("{}"), 0o600))
	_, err = seal.MakeFile(name)
	require.ErrorIs(t, err, seal.ErrKeys)
}
