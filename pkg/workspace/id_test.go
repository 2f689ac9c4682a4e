package workspace_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestParseID(t *testing.T) {
	t.Parallel()

	t.Run("takes what String gives", func(t *testing.T) {
		t.Parallel()
		for range 100 {
			id := workspace.NewID()
			require.False(t, id.IsZero())
			again, err := workspace.ParseID(id.String())
			require.NoError(t, err)
			require.Equal(t, id, again)
			require.Equal(t, id.String(), id.UUID().String())
		}
	})

	t.Run("refuses every other spelling, so that one workspace has one subject", func(t *testing.T) {
		t.Parallel()
		text := workspace.NewID().String()
		for _, bad := range []string{
			"", "none", "*", ">", strings.ToUpper(text), "{" + text + "}", "urn:uuid:" + text, strings.ReplaceAll(text, "-", ""),
			text + " ", text + ".x", "00000000-0000-0000-0000-000000000000",
		} {
			_, err := workspace.ParseID(bad)
			require.ErrorIs(t, err, workspace.ErrInvalidID, bad)
		}
	})

	t.Run("ids are ordered by time", func(t *testing.T) {
		t.Parallel()
		last := workspace.NewID().String()
		for range 100 {
			next := workspace.NewID().String()
			require.Greater(t, next, last)
			last = next
		}
	})

	t.Run("the zero id belongs to no workspace", func(t *testing.T) {
		t.Parallel()
		require.True(t, workspace.ID{}.IsZero())
	})
}
