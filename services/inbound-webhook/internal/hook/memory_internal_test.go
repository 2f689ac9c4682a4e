package hook

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemory_bounds_all_bodies_together(t *testing.T) {
	t.Parallel()
	const size = 4 * weight * headSize // one head, and three more of the same for the rests
	m := newMemory(size)
	whole := strings.Repeat("x", headSize*4)
	first := m.reader(strings.NewReader(whole))
	body, err := readBody(first, -1)
	require.NoError(t, err)
	require.Equal(t, whole, string(body))
	second := m.reader(strings.NewReader("1"))
	_, err = readBody(second, -1)
	require.ErrorIs(t, err, errBusy)
	second.release()
	first.release()
	require.Zero(t, m.heads.held.Load())
	require.Zero(t, m.rests.held.Load())
	third := m.reader(strings.NewReader(whole + "1"))
	_, err = readBody(third, -1)
	require.ErrorIs(t, err, errBusy)
	third.release()
	require.Equal(t, int64(4*headSize), LargestBody(size))
}

func TestMemory_large_bodies_leave_small_ones_their_room(t *testing.T) {
	t.Parallel()
	m := newMemory(64 * weight * headSize)
	large := m.reader(strings.NewReader(strings.Repeat("x", headSize*49)))
	_, err := readBody(large, -1)
	require.NoError(t, err)
	more := m.reader(strings.NewReader(strings.Repeat("x", headSize+1)))
	_, err = readBody(more, -1)
	require.ErrorIs(t, err, errBusy)
	small := m.reader(strings.NewReader(strings.Repeat("x", headSize)))
	_, err = readBody(small, -1)
	require.NoError(t, err)
}

func TestReadBody_is_exact_whatever_the_length(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, firstChunk - 1, firstChunk, firstChunk + 1, 3 * firstChunk, 3*lastChunk + 5} {
		want := bytes.Repeat([]byte("ab"), length)[:length]
		got, err := readBody(sluggish{bytes.NewReader(want)}, -1)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), length)
	}
}

// sluggish reads less than it is asked for.
type sluggish struct{ from io.Reader }

func (s sluggish) Read(p []byte) (int, error) { return s.from.Read(p[:(len(p)+1)/2]) }

func TestReadBody_reads_all_whatever_is_announced(t *testing.T) {
	t.Parallel()
	want := bytes.Repeat([]byte("body"), 3*firstChunk)
	for _, size := range []int{0, 1, firstChunk - 1, firstChunk, firstChunk + 1, len(want)} {
		for _, announced := range []int64{-1, 0, 1, int64(size), firstChunk - 1, firstChunk, 1 << 62} {
			got, err := readBody(sluggish{bytes.NewReader(want[:size])}, announced)
			require.NoError(t, err)
			require.Equal(t, want[:size], got, "%d bytes, %d announced", size, announced)
		}
	}
}
