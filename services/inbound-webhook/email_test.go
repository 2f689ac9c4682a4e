package webhook_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
)

func mailTo(id string, to ...string) map[string]any {
	return map[string]any{"type": "email.received", "created_at": "2026-11-23T10:00:00Z", "data": map[string]any{
		"email_id": id, "message_id": "<" + id + "@mail.example.com>", "from": "Ana <ana@example.com>", "to": to, "subject": "Hi",
	}}
}

// serveMail makes the provider's API hand out a message.
func (r *rig) serveMail(id string, mail map[string]any) {
	r.api.HandleFunc("GET /emails/receiving/"+id, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(mail)
	})
}

func TestEmail_is_completed_and_threaded_by_the_reply_token(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.serveMail("m1", map[string]any{
		"text": "the body", "html": "<p>the body</p>", "headers": map[string]string{"in-reply-to": "<parent@x>", "references": "<root@x> <parent@x>"},
	})
	thread := "5b0f3b86-1c0e-5a5e-9d7a-0123456789ab"
	address := conversation.ReplyAddress(r.email.Address, thread)
	require.Equal(t, http.StatusOK, r.send(t, r.signedJSON(t, "evt1", mailTo("m1", "other@example.com", address))).status)
	events := inbound(t, r)
	require.Len(t, events, 1)
	message := events[0]
	require.Equal(t, thread, message.GetConversationId())
	require.True(t, message.GetConversationFromToken())
	require.Equal(t, r.email.Address, message.GetTo())
	require.Equal(t, "the body", message.GetBody())
	require.Equal(t, "Ana", message.GetFromName())
	require.Equal(t, "parent@x", message.GetInReplyTo())
	require.Equal(t, []string{"root@x", "parent@x"}, message.GetReferences())
}

func TestEmail_to_two_workspaces_reaches_both(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := r.email
	other.Address = "globex-1@mail.sandbox.test"
	r.route(t, workspace.NewID(), other, "email", "0197a000-0000-7000-8000-00000000000c")
	r.serveMail("m1", map[string]any{"text": "to both"})
	require.Equal(t, http.StatusOK, r.send(t, r.signedJSON(t, "evt1", mailTo("m1", r.email.Address, other.Address))).status)
	events := inbound(t, r)
	require.Len(t, events, 2)
	require.NotEqual(t, events[0].GetWorkspaceId(), events[1].GetWorkspaceId())
}

func TestEmail_whose_body_cannot_be_had_makes_the_provider_come_again(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var asked atomic.Int32
	r.api.HandleFunc("GET /emails/receiving/m1", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"text": "second time"})
	})
	c := r.signedJSON(t, "evt1", mailTo("m1", r.email.Address))
	first := r.send(t, c)
	require.Equal(t, http.StatusServiceUnavailable, first.status)
	require.NotEmpty(t, first.header.Get("Retry-After"))
	require.Empty(t, inbound(t, r))
	require.Equal(t, http.StatusOK, r.send(t, c).status)
	require.Equal(t, "second time", inbound(t, r)[0].GetBody())
	require.Empty(t, quarantine(t, r))
}

func TestEmail_the_key_may_not_read_is_kept_until_it_may(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.api.HandleFunc("GET /emails/receiving/m1", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"statusCode":401,"name":"restricted_api_key","message":"This API key may only send."}`)
	})
	got := r.send(t, r.signedJSON(t, "evt1", mailTo("m1", r.email.Address)))
	require.Equal(t, http.StatusServiceUnavailable, got.status)
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.Equal(t, "incomplete", kept[0].GetReason())
}

// serveFiles makes the provider's API hand out a message with files.
func (r *rig) serveFiles(id string, files ...map[string]any) {
	r.serveMail(id, map[string]any{"text": "see attached", "attachments": files})
	r.api.HandleFunc("GET /emails/receiving/"+id+"/attachments", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"data": files})
	})
}

func TestFiles_are_in_the_store_before_the_message(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.AllowedPrivateHosts = []string{"127.0.0.1"} })
	var tries atomic.Int32
	r.api.HandleFunc("GET /files/photo", func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway) // the second try succeeds
			return
		}
		_, _ = io.WriteString(w, "\xff\xd8\xff photo")
	})
	r.api.HandleFunc("GET /files/huge", func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat("x", 1<<20)
		for range 26 {
			_, _ = io.WriteString(w, chunk)
		}
	})
	r.api.HandleFunc("GET /files/page", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html><script>alert(1)</script>")
	})
	r.serveFiles("m1",
		map[string]any{"filename": "../../etc/pho\u202eto.jpg", "content_type": "image/jpeg", "download_url": r.apiURL + "/files/photo", "content_id": "c1"},
		map[string]any{"filename": "huge.pdf", "content_type": "application/pdf", "download_url": r.apiURL + "/files/huge"},
		map[string]any{"filename": "picture.png", "content_type": "image/png", "download_url": r.apiURL + "/files/page"},
		map[string]any{"filename": "run.exe", "content_type": "application/x-msdownload", "download_url": r.apiURL + "/files/photo"},
		map[string]any{"filename": "gone.png", "content_type": "image/png", "download_url": r.apiURL + "/files/gone"},
		map[string]any{"filename": "inside.png", "content_type": "image/png", "download_url": strings.Replace(r.apiURL, "127.0.0.1", "127.0.0.2", 1) + "/files/photo"},
		map[string]any{"filename": "local.png", "content_type": "image/png", "download_url": "file:///etc/passwd"},
	)
	c := r.signedJSON(t, "evt1", mailTo("m1", r.email.Address))
	require.Equal(t, http.StatusOK, r.send(t, c).status)
	files := inbound(t, r)[0].GetAttachments()
	require.Len(t, files, 7)
	var missing []string
	for _, file := range files {
		missing = append(missing, file.GetMissingReason())
		require.Equal(t, file.GetMissingReason() != "", file.GetBlobKey() == "")
	}
	require.Equal(t, []string{
		"", "too_large", "type_refused", "type_refused", "unavailable", "address_refused", "address_refused",
	}, missing)
	require.Equal(t, "photo.jpg", files[0].GetFilename())
	require.Equal(t, "c1", files[0].GetContentId())
	require.Equal(t, int64(9), files[0].GetSize())
	content, err := os.ReadFile(filepath.Join(r.blobs, filepath.FromSlash(files[0].GetBlobKey())))
	require.NoError(t, err)
	require.Equal(t, "\xff\xd8\xff photo", string(content))
}

func TestFiles_that_our_store_does_not_take_make_the_provider_come_again(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.AllowedPrivateHosts = []string{"127.0.0.1"} })
	r.api.HandleFunc("GET /files/photo", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "\xff\xd8\xff photo")
	})
	r.serveFiles("m1", map[string]any{"filename": "photo.jpg", "content_type": "image/jpeg", "download_url": r.apiURL + "/files/photo"})
	folder := filepath.Join(r.blobs, r.workspace.String())
	require.NoError(t, os.WriteFile(folder, nil, 0o600)) // the workspace's folder cannot be made
	c := r.signedJSON(t, "evt1", mailTo("m1", r.email.Address))
	require.Equal(t, http.StatusServiceUnavailable, r.send(t, c).status)
	kept := quarantine(t, r)
	require.Len(t, kept, 1)
	require.Equal(t, "incomplete", kept[0].GetReason())

	require.NoError(t, os.Remove(folder))
	require.Equal(t, http.StatusOK, r.send(t, c).status)
	require.NotEmpty(t, inbound(t, r)[0].GetAttachments()[0].GetBlobKey())
}

func TestEmail_body_beyond_what_an_event_carries_is_kept_whole_as_a_file(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	long := strings.Repeat("é", 1<<20)
	r.serveMail("m1", map[string]any{"text": "x" + long, "html": long})
	require.Equal(t, http.StatusOK, r.send(t, r.signedJSON(t, "evt1", mailTo("m1", r.email.Address))).status)
	message := inbound(t, r)[0]
	require.Len(t, message.GetBody(), 512<<10-1, "it is cut at the edge of a character")
	require.Len(t, message.GetAttachments(), 2)
	whole, err := os.ReadFile(filepath.Join(r.blobs, filepath.FromSlash(message.GetAttachments()[0].GetBlobKey())))
	require.NoError(t, err)
	require.Equal(t, "x"+long, string(whole))
}

func TestFiles_that_do_not_come_hold_up_no_message_however_many_it_is_for(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *webhook.Config) { c.AllowedPrivateHosts = []string{"127.0.0.1"} })
	r.api.HandleFunc("GET /files/slow", func(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() })
	r.serveFiles("m1", map[string]any{"filename": "a.png", "content_type": "image/png", "download_url": r.apiURL + "/files/slow"})
	to := []string{r.email.Address}
	for i := range 4 {
		other := r.email
		other.Address = fmt.Sprintf("other-%d@mail.sandbox.test", i)
		r.route(t, workspace.NewID(), other, "email", fmt.Sprintf("0197a000-0000-7000-8000-0000000001%02d", i))
		to = append(to, other.Address)
	}
	require.Equal(t, http.StatusOK, r.send(t, r.signedJSON(t, "evt1", mailTo("m1", to...))).status)
	events := inbound(t, r)
	require.Len(t, events, len(to))
	for _, message := range events {
		require.Equal(t, "unavailable", message.GetAttachments()[0].GetMissingReason())
	}
}

func TestFiles_beyond_what_a_message_may_bring_are_listed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	files := make([]map[string]any, 40)
	for i := range files {
		files[i] = map[string]any{"filename": fmt.Sprintf("%d.txt", i), "content_type": "text/plain", "download_url": "file:///x"}
	}
	r.serveFiles("m1", files...)
	require.Equal(t, http.StatusOK, r.send(t, r.signedJSON(t, "evt1", mailTo("m1", r.email.Address))).status)
	listed := inbound(t, r)[0].GetAttachments()
	require.Len(t, listed, len(files))
	require.Equal(t, "too_many", listed[39].GetMissingReason())
	require.Equal(t, "39.txt", listed[39].GetFilename())
}
