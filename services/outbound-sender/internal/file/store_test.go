package file_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
)

// open makes a store in a folder, with links or without.
func open(t *testing.T, directory, parameters string) *file.Store {
	t.Helper()
	bucket, err := blobstore.Open(t.Context(), "file://"+directory+parameters)
	require.NoError(t, err)
	t.Cleanup(func() { _ = bucket.Close() })
	return file.New(bucket)
}

func keep(t *testing.T, directory, key, content string) {
	t.Helper()
	path := filepath.Join(directory, filepath.FromSlash(key))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func attachment(key string) *eventv1.Attachment {
	return &eventv1.Attachment{
		Id: "1", Filename: "a.txt", ContentType: "text/plain", ContentId: "part@x", Size: 1, BlobKey: key,
	}
}

func TestStore_FilesAreReadWithTheSizeTheyHave(t *testing.T) {
	t.Parallel()
	directory, ws := t.TempDir(), workspace.NewID()
	keep(t, directory, ws.String()+"/uploads/1", "hello")
	store := open(t, directory, "")

	attachments := []*eventv1.Attachment{attachment(ws.String() + "/uploads/1")}
	files, err := store.Look(t.Context(), ws, attachments)
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Equal(t, int64(5), files[0].Size)
	require.Equal(t, "part@x", files[0].ContentID)
	reader, err := files[0].Open(t.Context())
	require.NoError(t, err)
	content, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	require.Equal(t, "hello", string(content))

	require.NoError(t, store.Link(t.Context(), files, attachments))
	require.Empty(t, files[0].URL, "this store makes no links")
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("not-a-secret"), 0o600))
	signing := open(t, directory, "?base_url=https://hooks.example.com/api/media&secret_key_path="+secret)
	require.NoError(t, signing.Link(t.Context(), files, attachments))
	require.Contains(t, files[0].URL, "https://hooks.example.com/api/media?")
}

func TestStore_WhatIsNotTheWorkspacesIsNotThere(t *testing.T) {
	t.Parallel()
	directory, ws, other := t.TempDir(), workspace.NewID(), workspace.NewID()
	keep(t, directory, other.String()+"/uploads/1", "secret")
	store := open(t, directory, "")
	for _, key := range []string{
		"", ws.String() + "/uploads/never", other.String() + "/uploads/1",
		ws.String() + "/../" + other.String() + "/uploads/1",
	} {
		_, err := store.Look(t.Context(), ws, []*eventv1.Attachment{attachment(key)})
		unread, ok := errors.AsType[*file.Error](err)
		require.True(t, ok, key)
		require.True(t, unread.Missing, key)
		require.Equal(t, channel.Permanent, unread.Outcome().Class)
		require.Equal(t, channel.CodeFileUnavailable, channel.FailureOf(unread.Outcome()).Code)
	}
}

func TestStore_AStoreThatDoesNotAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	directory, ws := t.TempDir(), workspace.NewID()
	key := ws.String() + "/uploads/1"
	keep(t, directory, key, "hello")
	bucket, err := blobstore.Open(t.Context(), "file://"+directory)
	require.NoError(t, err)
	store := file.New(bucket)
	files, err := store.Look(t.Context(), ws, []*eventv1.Attachment{attachment(key)})
	require.NoError(t, err)
	require.NoError(t, bucket.Close())

	_, looked := store.Look(t.Context(), ws, []*eventv1.Attachment{attachment(key)})
	_, opened := files[0].Open(t.Context())
	linked := store.Link(t.Context(), files, []*eventv1.Attachment{attachment(key)})
	for _, err := range []error{looked, opened, linked} {
		unread, ok := errors.AsType[*file.Error](err)
		require.True(t, ok)
		require.Equal(t, channel.Retryable, unread.Outcome().Class)
		require.NotEmpty(t, channel.FailureOf(unread.Outcome()).Remedy)
	}
}
