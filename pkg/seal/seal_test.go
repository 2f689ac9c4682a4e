package seal_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const secret = "SG.an-example-of-a-key.0123456789abcdef"

func generate(tb testing.TB) *seal.Keys {
	tb.Helper()
	keys, err := seal.Generate()
	require.NoError(tb, err)
	return keys
}

func sealer(tb testing.TB, keys *seal.Keys) *seal.Sealer {
	tb.Helper()
	public, err := keys.Public()
	require.NoError(tb, err)
	made, err := seal.NewSealer(public)
	require.NoError(tb, err)
	return made
}

func opener(tb testing.TB, keys *seal.Keys) *seal.Opener {
	tb.Helper()
	made, err := keys.Opener()
	require.NoError(tb, err)
	return made
}

func sealed(tb testing.TB, keys *seal.Keys, place seal.Place) []byte {
	tb.Helper()
	text, err := sealer(tb, keys).Seal(secret, place)
	require.NoError(tb, err)
	return text
}

func somewhere() seal.Place {
	return seal.Place{Workspace: workspace.NewID(), Credential: "c1", Field: "apiKey"}
}

func TestWhatIsSealedOpensAtItsPlaceAlone(t *testing.T) {
	t.Parallel()
	keys, place := generate(t), somewhere()
	text := sealed(t, keys, place)
	require.NotContains(t, string(text), secret[:8])
	require.NotEqual(t, text, sealed(t, keys, place))
	opened, err := opener(t, keys).Open(text, place)
	require.NoError(t, err)
	require.Equal(t, secret, opened)

	for name, moved := range map[string]seal.Place{
		"workspace":  {Workspace: workspace.NewID(), Credential: place.Credential, Field: place.Field},
		"credential": {Workspace: place.Workspace, Credential: "c2", Field: place.Field},
		"field":      {Workspace: place.Workspace, Credential: place.Credential, Field: "token"},
		"border":     {Workspace: place.Workspace, Credential: "c1a", Field: "piKey"},
	} {
		_, err := opener(t, keys).Open(text, moved)
		require.ErrorIs(t, err, seal.ErrSealed, name)
	}
}

func TestWhatIsDamagedDoesNotOpen(t *testing.T) {
	t.Parallel()
	keys, place := generate(t), somewhere()
	text := sealed(t, keys, place)
	for at := range text {
		damaged := bytes.Clone(text)
		damaged[at] ^= 1
		_, err := opener(t, keys).Open(damaged, place)
		require.ErrorIs(t, err, seal.ErrSealed)
		_, err = opener(t, keys).Open(text[:at], place)
		require.ErrorIs(t, err, seal.ErrSealed)
	}
}

func TestOtherKeysNeverOpen(t *testing.T) {
	t.Parallel()
	keys, others, place := generate(t), generate(t), somewhere()
	text := sealed(t, keys, place)
	_, err := opener(t, others).Open(text, place)
	require.ErrorIs(t, err, seal.ErrSealed)
	require.True(t, opener(t, keys).Knows(text))
	require.False(t, opener(t, others).Knows(text))
	require.False(t, opener(t, keys).Knows([]byte("text")))
}

func TestARotatedKeysetOpensOldAndNew(t *testing.T) {
	t.Parallel()
	first, place := generate(t), somewhere()
	before := sealed(t, first, place)
	second, err := first.Rotate()
	require.NoError(t, err)
	require.Len(t, second.IDs(), 2)
	require.NotEqual(t, first.Primary(), second.Primary())
	after := sealed(t, second, place)
	for _, text := range [][]byte{before, after} {
		opened, err := opener(t, second).Open(text, place)
		require.NoError(t, err)
		require.Equal(t, secret, opened)
	}
	require.True(t, opener(t, second).Outdated(before))
	require.False(t, opener(t, second).Outdated(after))

	_, err = second.Retire(second.Primary())
	require.ErrorIs(t, err, seal.ErrKeys, "the one that seals stays")
	third, err := second.Retire(first.Primary())
	require.NoError(t, err)
	_, err = opener(t, third).Open(before, place)
	require.ErrorIs(t, err, seal.ErrSealed)
	_, err = opener(t, third).Open(after, place)
	require.NoError(t, err)
}

func TestKeysAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	keys, place := generate(t), somewhere()
	text := sealed(t, keys, place)
	clear, err := keys.JSON()
	require.NoError(t, err)
	again, err := seal.ParseKeys(clear, nil)
	require.NoError(t, err)
	_, err = opener(t, again).Open(text, place)
	require.NoError(t, err)

	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	require.NoError(t, err)
	kek, err := aead.New(handle)
	require.NoError(t, err)
	encrypted, err := keys.EncryptedJSON(kek)
	require.NoError(t, err)
	again, err = seal.ParseKeys(encrypted, kek)
	require.NoError(t, err)
	_, err = opener(t, again).Open(text, place)
	require.NoError(t, err)
}

func TestUnusableKeysAreRefused(t *testing.T) {
	t.Parallel()
	keys := generate(t)
	clear, err := keys.JSON()
	require.NoError(t, err)
	public, err := keys.Public()
	require.NoError(t, err)
	for name, text := range map[string]string{
		"nothing": "", "no keyset": "secret", "empty": "{}", "only the public part": string(public), "cut": string(clear[:len(clear)/2]),
	} {
		_, err := seal.ParseKeys([]byte(text), nil)
		require.ErrorIs(t, err, seal.ErrKeys, name)
		require.NotContains(t, err.Error(), "secret", "what it was given is not said again")
	}
	for name, text := range map[string]string{"nothing": "", "the private part": string(clear)} {
		_, err := seal.NewSealer([]byte(text))
		require.ErrorIs(t, err, seal.ErrKeys, name)
	}
	_, err = sealer(t, keys).Seal(strings.Repeat("x", seal.MaxSecret+1), somewhere())
	require.ErrorIs(t, err, seal.ErrTooLong)
}

func TestWhatIsShownOfASecret(t *testing.T) {
	t.Parallel()
	place, other := somewhere(), somewhere()
	require.Equal(t, "cdef", seal.Last4(secret))
	require.Equal(t, "éöüß", seal.Last4("a long one: éöüß"))
	require.Empty(t, seal.Last4("short"))
	require.Len(t, seal.Fingerprint(secret, place), 8)
	again := seal.Fingerprint(strings.Clone(secret), place)
	require.Equal(t, seal.Fingerprint(secret, place), again)
	require.NotEqual(t, seal.Fingerprint(secret, place), seal.Fingerprint(secret+"x", place))
	require.NotEqual(t, seal.Fingerprint(secret, place), seal.Fingerprint(secret, other))
}

func FuzzOpen(f *testing.F) {
	keys, place := generate(f), somewhere()
	f.Add(sealed(f, keys, place))
	f.Add([]byte{1, 0, 0, 0, 0, 0})
	opened := opener(f, keys)
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := opened.Open(text, place); err == nil {
			require.Equal(t, secret, got)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	keys, place := generate(b), somewhere()
	text, opened := sealed(b, keys, place), opener(b, keys)
	for b.Loop() {
		if _, err := opened.Open(text, place); err != nil {
			b.Fatal(err)
		}
	}
}
