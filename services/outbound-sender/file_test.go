package sender_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
)

// store keeps a file of a workspace.
func (w *world) store(ws workspace.ID, filename, contentType string, content []byte) *eventv1.Attachment {
	w.t.Helper()
	id := uuid.NewString()
	key := ws.String() + "/uploads/" + id
	path := filepath.Join(w.blobs, filepath.FromSlash(key))
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(w.t, os.WriteFile(path, content, 0o600))
	return &eventv1.Attachment{
		Id: id, Filename: filename, ContentType: contentType, Size: int64(len(content)), BlobKey: key,
	}
}

func TestFiles_LeaveWithTheirContent(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("not-a-secret"), 0o600))
	w.start(func(c *sender.Config) {
		c.BlobURL += "?base_url=https://hooks.example.com/api/media&secret_key_path=" + secret
	})
	send := request(ws, v, "c", "with files")
	picture := w.store(ws, "logo.png", "image/png", []byte("picture"))
	picture.ContentId, picture.Size = "logo@example.com", 0
	send.Attachments = []*eventv1.Attachment{w.store(ws, "a.txt", "text/plain", []byte("text")), picture}
	send.Cc, send.Bcc = []string{"cc@example.com"}, []string{"bcc@example.com"}
	w.publish(send)
	w.await(send, "accepted")

	files := v.files[send.GetMessageId()]
	require.Len(t, files, 2)
	for i := range files {
		require.Contains(t, files[i].URL, "https://hooks.example.com/api/media?")
		files[i].URL = ""
	}
	require.Equal(t, []parcel{
		{Filename: "a.txt", ContentType: "text/plain", Content: "text", Size: 4},
		{Filename: "logo.png", ContentType: "image/png", ContentID: "logo@example.com", Content: "picture", Size: 7},
	}, files, "the size is the one it has in the store")
	require.Equal(t, []string{"cc@example.com"}, v.calls[0].Cc)
	require.Equal(t, []string{"bcc@example.com"}, v.calls[0].Bcc)
}

func TestFiles_PastALimitOrNotThereEndTheMessageAndSayWhy(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	v.about.Limits = map[channel.Kind]channel.Limits{channel.SMS: {
		MaxFiles: 2, MaxFileBytes: 10, MaxTotalBytes: 15, FileTypes: []string{"text/"}, RefusedExtensions: []string{".exe"},
		MaxBody: 100, MaxRecipients: 2,
	}}
	w := newWorld(t, v)
	w.start()
	text := func(ws workspace.ID, size int) *eventv1.Attachment {
		return w.store(ws, "a.txt", "text/plain", bytes.Repeat([]byte("x"), size))
	}
	cases := map[string]struct {
		change func(ws workspace.ID, send *eventv1.SendMessage)
		code   string
	}{
		"too large": {func(ws workspace.ID, send *eventv1.SendMessage) {
			lying := text(ws, 11)
			lying.Size = 1
			send.Attachments = []*eventv1.Attachment{lying}
		}, channel.CodeFileRefused},
		"too large together": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{text(ws, 8), text(ws, 8)}
		}, channel.CodeFileRefused},
		"too many": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{text(ws, 1), text(ws, 1), text(ws, 1)}
		}, channel.CodeFileRefused},
		"a type": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{w.store(ws, "a.zip", "application/zip", nil)}
		}, channel.CodeFileRefused},
		"an ending": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{w.store(ws, "a.exe", "text/plain", nil)}
		}, channel.CodeFileRefused},
		"a file that is gone": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{text(ws, 1)}
			send.Attachments[0].BlobKey = ws.String() + "/uploads/gone"
		}, channel.CodeFileUnavailable},
		"a file that never was stored": {func(ws workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{{Filename: "a.txt", MissingReason: "too_large"}}
		}, channel.CodeFileUnavailable},
		"a file of another workspace": {func(_ workspace.ID, send *eventv1.SendMessage) {
			send.Attachments = []*eventv1.Attachment{text(workspace.NewID(), 1)}
		}, channel.CodeFileUnavailable},
		"a text": {func(_ workspace.ID, send *eventv1.SendMessage) {
			send.Body = strings.Repeat("x", 101)
		}, channel.CodeRefused},
		"recipients": {func(_ workspace.ID, send *eventv1.SendMessage) {
			send.Cc, send.Bcc = []string{"a@example.com"}, []string{"b@example.com"}
		}, channel.CodeRefused},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws := w.newWorkspace(v)
			send := request(ws, v, "c", name)
			c.change(ws, send)
			w.publish(send)
			failure := w.await(send, "failed").GetFailure()
			require.Equal(t, c.code, failure.GetCode())
			require.NotEmpty(t, failure.GetMessage())
			require.NotEmpty(t, failure.GetRemedy())
			require.Equal(t, "failed", w.entry(send).GetStatus())
		})
	}
	t.Cleanup(func() { require.Zero(t, v.requests()) })
}

func TestFiles_AFileThatVanishesBeforeTheCallIsMissingAndNotInDoubt(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	send := request(ws, v, "c", "vanishing")
	send.Attachments = []*eventv1.Attachment{w.store(ws, "a.txt", "text/plain", []byte("text"))}
	v.answer = func(channel.Outbound, int) (int, http.Header) {
		_ = os.Remove(filepath.Join(w.blobs, filepath.FromSlash(send.GetAttachments()[0].GetBlobKey())))
		return http.StatusTooEarly, nil
	}
	w.start()
	w.publish(send)

	require.Equal(t, channel.CodeFileUnavailable, w.await(send, "failed").GetFailure().GetCode())
	require.Equal(t, 1, v.requests())
}

func TestFiles_AStoreThatDoesNotAnswerIsWaitedFor(t *testing.T) {
	t.Parallel()
	v := newVendor(t, "acme")
	w := newWorld(t, v)
	ws := w.newWorkspace(v)
	send := request(ws, v, "c", "patient")
	send.Attachments = []*eventv1.Attachment{w.store(ws, "a.txt", "text/plain", []byte("text"))}
	path := filepath.Join(w.blobs, filepath.FromSlash(send.GetAttachments()[0].GetBlobKey()))
	folder := filepath.Dir(path)
	require.NoError(t, os.Rename(folder, folder+".away"))
	require.NoError(t, os.WriteFile(folder, nil, 0o600)) // a path through a file is an error, and not one of a missing file
	w.start(func(c *sender.Config) { c.RetryTries = 1000 })
	w.publish(send)
	require.Eventually(t, func() bool {
		return w.has(send) && w.entry(send).GetState() == "waiting"
	}, patience, time.Millisecond)
	require.NoError(t, os.Remove(folder))
	require.NoError(t, os.Rename(folder+".away", folder))

	w.await(send, "claimed")
	w.await(send, "accepted")
	require.Equal(t, "text", v.files[send.GetMessageId()][0].Content)
}

func TestFiles_BytesOnTheirWayAreBoundedAndTextsPassBy(t *testing.T) {
	t.Parallel()
	const size = 1 << 10
	v := newVendor(t, "acme")
	held, letGo := context.WithCancel(t.Context())
	t.Cleanup(letGo) // before the provider is closed, which waits for its calls
	v.answer = func(message channel.Outbound, _ int) (int, http.Header) {
		if message.Body == "file" {
			<-held.Done()
		}
		return http.StatusOK, nil
	}
	w := newWorld(t, v)
	w.start(func(c *sender.Config) { c.FileBytes, c.SendTimeout = 2*size, 2*patience })
	var sends []*eventv1.SendMessage
	for i := range 8 {
		ws := w.newWorkspace(v)
		send := request(ws, v, strconv.Itoa(i), "file")
		send.Attachments = []*eventv1.Attachment{w.store(ws, "a.bin", "application/octet-stream", bytes.Repeat([]byte("x"), size))}
		sends = append(sends, send)
		w.publish(send)
	}
	require.Eventually(t, func() bool { return v.requests() == 2 }, patience, time.Millisecond)
	huge := request(w.newWorkspace(v), v, "huge", "file") // which waits until it is alone
	ws, err := workspace.ParseID(huge.GetWorkspaceId())
	require.NoError(t, err)
	huge.Attachments = []*eventv1.Attachment{w.store(ws, "a.bin", "application/octet-stream", bytes.Repeat([]byte("x"), 3*size))}
	w.publish(huge)
	text := request(w.newWorkspace(v), v, "text", "text")
	w.publish(text)
	w.await(text, "accepted")
	require.Equal(t, 3, v.requests())

	letGo()
	for _, send := range append(sends, huge) {
		w.await(send, "accepted")
	}
	require.Equal(t, 2, v.most)
}
