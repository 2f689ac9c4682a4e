package media_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

func TestFetch_keeps_a_file_that_the_webhook_brought(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	store := media.New(bucket, nil)
	fetch := func(key, contentType string, content []byte) media.Stored {
		return store.Fetch(t.Context(), key, media.File{ContentType: contentType, Filename: "file", Content: content})
	}

	stored := fetch("kept", "text/plain", []byte("hello"))
	require.NoError(t, stored.Err)
	require.Equal(t, media.Stored{Key: "kept", ContentType: "text/plain", Size: 5}, stored)
	content, err := bucket.ReadAll(t.Context(), "kept")
	require.NoError(t, err)
	require.Equal(t, "hello", string(content))

	require.Zero(t, fetch("empty", "text/plain", []byte{}).Size, "an empty file is a file")
	require.Equal(t, media.TypeRefused, fetch("page", "image/png", []byte("<html><body>")).Missing)
	require.Equal(t, media.TooLarge, fetch("huge", "text/plain", bytes.Repeat([]byte("x"), 25<<20+1)).Missing)
}

func TestFetch_says_when_the_blob_store_refuses_a_file(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	require.NoError(t, os.WriteFile(filepath.Join(folder, "taken"), nil, 0o600)) // no folder can have this name now
	stored := media.New(bucket, nil).Fetch(t.Context(), "taken/file", media.File{ContentType: "text/plain", Content: []byte("hello")})
	require.Equal(t, media.Unavailable, stored.Missing)
	require.ErrorIs(t, stored.Err, media.ErrRefused)
}
