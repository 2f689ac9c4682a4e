package hook

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemory_bounds_all_bodies_together(t *testing.T) {
	t.Parallel()
	m := &memory{limit: 10}
	first := m.reader(strings.NewReader("1234567"))
	_, err := io.ReadAll(first)
	require.NoError(t, err)
	second := m.reader(strings.NewReader("1234567"))
	_, err = io.ReadAll(second)
	require.ErrorIs(t, err, errBusy)
	second.release()
	first.release()
	require.Zero(t, m.held.Load())
	third := m.reader(strings.NewReader("1234567890"))
	_, err = io.ReadAll(third)
	require.NoError(t, err)
	third.release()
}
