package blobstore_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

func TestOwns_OnlyKeysOfTheWorkspaceAsTheyStand(t *testing.T) {
	t.Parallel()
	ws, other := workspace.NewID(), workspace.NewID()
	require.True(t, blobstore.Owns(ws, ws.String()+"/uploads/1"))
	for _, key := range []string{
		"", ws.String(), ws.String() + "/", other.String() + "/uploads/1", "x/" + ws.String() + "/1",
		ws.String() + "/../" + other.String() + "/1", ws.String() + "//1", ws.String() + "x/1",
	} {
		require.False(t, blobstore.Owns(ws, key), key)
	}
	require.False(t, blobstore.Owns(workspace.ID{}, workspace.ID{}.String()+"/1"))
}

func TestLink_WorksWhereTheStoreMakesLinks(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("not-a-secret"), 0o600))
	plain := "file://" + directory
	signing := plain + "?" + url.Values{
		"base_url": {"https://hooks.example.com/api/media"}, "secret_key_path": {secret},
	}.Encode()

	bucket, err := blobstore.Open(t.Context(), plain)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	link, err := blobstore.Link(t.Context(), bucket, "ws/file")
	require.NoError(t, err)
	require.Empty(t, link)

	signed, err := blobstore.Open(t.Context(), signing)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, signed.Close()) })
	link, err = blobstore.Link(t.Context(), signed, "ws/file")
	require.NoError(t, err)
	parsed, err := url.Parse(link)
	require.NoError(t, err)
	require.Equal(t, "hooks.example.com/api/media", parsed.Host+parsed.Path)
	require.NotEmpty(t, parsed.Query().Get("signature"))

	_, err = blobstore.Open(t.Context(), "nothing://")
	require.ErrorContains(t, err, "opening the blob store")
}
