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
	body, err := readBody(first)
	require.NoError(t, err)
	require.Equal(t, whole, string(body))
	second := m.reader(strings.NewReader("1"))
	_, err = readBody(second)
	require.ErrorIs(t, err, errBusy)
	second.release()
	first.release()
	require.Zero(t, m.heads.held.Load())
	require.Zero(t, m.rests.held.Load())
	third := m.reader(strings.NewReader(whole + "1"))
	_, err = readBody(third)
	require.ErrorIs(t, err, errBusy)
	third.release()
	require.Equal(t, int64(4*headSize), LargestBody(size))
}

func TestMemory_large_bodies_leave_small_ones_their_room(t *testing.T) {
	t.Parallel()
	m := newMemory(64 * weight * headSize)
	large := m.reader(strings.NewReader(strings.Repeat("x", headSize*49)))
	_, err := readBody(large)
	require.NoError(t, err)
	more := m.reader(strings.NewReader(strings.Repeat("x", headSize+1)))
	_, err = readBody(more)
	require.ErrorIs(t, err, errBusy)
	small := m.reader(strings.NewReader(strings.Repeat("x", headSize)))
	_, err = readBody(small)
	require.NoError(t, err)
}

func TestReadBody_is_exact_whatever_the_length(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, firstChunk - 1, firstChunk, firstChunk + 1, 3 * firstChunk, 3*lastChunk + 5} {
		want := bytes.Repeat([]byte("ab"), length)[:length]
		got, err := readBody(sluggish{bytes.NewReader(want)})
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), length)
	}
}

// sluggish reads less than it is asked for.
type sluggish struct{ from io.Reader }

func (s sluggish) Read(p []byte) (int, error) { return s.from.Read(p[:(len(p)+1)/2]) }
