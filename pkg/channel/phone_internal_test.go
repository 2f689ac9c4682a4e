package channel

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireAsTheLibrary compares what is seen from the digits with what the library says.
func requireAsTheLibrary(tb testing.TB, text string) {
	tb.Helper()
	if !isPlainPhone(text) {
		return
	}
	number, ok := formatPhone(text)
	require.True(tb, ok, text)
	require.Equal(tb, text, number)
}

func TestPlainPhone_is_what_the_library_gives_back_unchanged(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	seen := 0
	for head := range 100_000 { // the country's code and what a national prefix could be
		for _, length := range []int{11, 12} {
			rest := random.Uint64N(1e15)
			text := "+" + fmt.Sprintf("%05d%015d", head, rest)[:length]
			if isPlainPhone(text) {
				seen++
				requireAsTheLibrary(t, text)
			}
		}
	}
	require.Greater(t, seen, 10_000)
}

func TestPlainPhone_knows_numbers_that_are_common(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"+14155550123", "+15002000001", "+442079460018", "+33123456789"} {
		require.True(t, isPlainPhone(text), text)
		requireAsTheLibrary(t, text)
	}
	for _, text := range []string{
		"", "+", "+1", "+11155550123", "+1415555012", "+141555501234", "14155550123", "+1415555012x", "+1 415 555 0123", "+３３123456789",
		"+44020794600", strings.Repeat("+1", 6),
	} {
		require.False(t, isPlainPhone(text), text)
	}
}

func FuzzPlainPhone(f *testing.F) {
	for _, text := range []string{"+14155550123", "+442079460018", "+33123456789", "+4930901820", "+491711234567", "+61255501234"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { requireAsTheLibrary(t, text) })
}

func BenchmarkNormalizeAddress(b *testing.B) {
	for _, text := range []string{"+14155550123", "+4930901820", "+1 (415) 555-0123"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NormalizeAddress(SMS, text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
