package blobstore_test

import (
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
)

func TestMakeSecret_OnceForAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "links.key")
	blobURL := "file:///blobs?" + url.Values{"base_url": {"https://hooks.example.com/api/media"}, "secret_key_path": {path}}.Encode()
	var making sync.WaitGroup
	for range 10 {
		making.Go(func() { _ = blobstore.MakeSecret(blobURL) })
	}
	making.Wait()
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, first, 64)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, blobstore.MakeSecret(blobURL))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, first, again)
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)

	require.NoError(t, blobstore.MakeSecret("file:///blobs"))
	require.NoError(t, blobstore.MakeSecret("s3://bucket?secret_key_path="+path+"x"))
	require.NoFileExists(t, path+"x")
	require.Error(t, blobstore.MakeSecret("file:///blobs?secret_key_path="+filepath.Join(path, "no", "folder")))
}
