package gateway_test

import (
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// attach gives a message a file, stored under a key of the workspace unless a key is given.
func (s *store) attach(t *testing.T, m *member, messageID, key, filename, content string) (attachmentID string) {
	t.Helper()
	attachmentID = uuid.NewString()
	if key == "" {
		key = strings.Join([]string{m.workspace.String(), messageID, attachmentID}, "/")
		path := filepath.Join(m.g.blobs, filepath.FromSlash(key))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	message := s.messages[keyOf(m, messageID)]
	message.Attachments = append(message.GetAttachments(), &eventv1.Attachment{
		Id: attachmentID, Filename: filename, ContentType: "text/html", Size: int64(len(content)), BlobKey: key,
	})
	return attachmentID
}

func keyOf(m *member, id string) key { return key{m.workspace, id} }

func TestAttachment(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada, ben := g.join(t), g.join(t)
	_, messageID := answering.converse(ada, ada.sms, "+14055550100")
	_, theirs := answering.converse(ben, ben.sms, "+14055550100")
	const content = "<script>alert(1)</script>"
	stored := answering.attach(t, ada, messageID, "", "über \"uns\".html", content)
	large := answering.attach(t, ada, messageID, "", "large.bin", strings.Repeat("x", 3<<20))
	lost := answering.attach(t, ada, messageID, ada.workspace.String()+"/gone", "gone.txt", "")
	foreign := answering.attach(t, ben, theirs, "", "secret.txt", "secret")
	stolen := answering.attach(t, ada, messageID, strings.Join([]string{ben.workspace.String(), theirs, foreign}, "/"), "x", "")
	escaping := answering.attach(t, ada, messageID, ada.workspace.String()+"/../"+ben.workspace.String()+"/"+theirs+"/"+foreign, "x", "")
	missing := answering.attach(t, ada, messageID, "-", "", "")
	answering.mu.Lock()
	for _, each := range answering.messages[keyOf(ada, messageID)].GetAttachments() {
		if each.GetId() == missing {
			each.BlobKey, each.MissingReason = "", "too_large"
		}
	}
	answering.mu.Unlock()
	path := func(message, attachment string) string {
		return "/api/messages/" + message + "/attachments/" + attachment
	}

	t.Run("is saved under its name and can run nothing", func(t *testing.T) {
		t.Parallel()
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			response := send(t, ada.request(t, method, path(messageID, stored), nil))
			require.Equal(t, http.StatusOK, response.StatusCode, response.body)
			require.Equal(t, int64(len(content)), response.ContentLength)
			require.Equal(t, "text/html", response.Header.Get("Content-Type"))
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
			require.Contains(t, response.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'")
			disposition, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
			require.NoError(t, err)
			require.Equal(t, "attachment", disposition)
			require.Equal(t, "über \"uns\".html", parameters["filename"])
			if method == http.MethodGet {
				require.Equal(t, content, response.body)
			}
		}
	})

	t.Run("comes whole when it is large", func(t *testing.T) {
		t.Parallel()
		require.Len(t, send(t, ada.request(t, http.MethodGet, path(messageID, large), nil)).body, 3<<20)
	})

	t.Run("is not found when it is lost, missing, unknown or another workspace's", func(t *testing.T) {
		t.Parallel()
		for _, where := range []string{
			path(messageID, lost), path(messageID, missing), path(messageID, stolen), path(messageID, escaping),
			path(messageID, uuid.NewString()), path(messageID, "nonsense"), path(theirs, foreign), path(uuid.NewString(), stored),
			path("nonsense", stored), path(messageID, foreign),
		} {
			response := send(t, ada.request(t, http.MethodGet, where, nil))
			require.Equal(t, http.StatusNotFound, response.StatusCode, where+response.body)
			require.Equal(t, "not_found", response.problem(t).Code)
		}
	})

	t.Run("says why it is not there", func(t *testing.T) {
		t.Parallel()
		_, body := ada.call(t, http.MethodGet, "/api/messages/"+messageID, nil)
		require.Contains(t, body, `"missingReason":"too_large"`)
		require.Equal(t, 1, strings.Count(body, "missingReason"))
	})

	t.Run("is shown when it is a picture, sound or film, and nothing else is", func(t *testing.T) {
		t.Parallel()
		for contentType, want := range map[string]string{
			"image/png": "inline", "image/jpeg": "inline", "audio/mpeg": "inline", "audio/ogg; codecs=opus": "inline", "video/mp4": "inline",
			"image/svg+xml": "attachment", "application/pdf": "attachment", "text/html": "attachment", "text/plain": "attachment", "nonsense": "attachment",
		} {
			_, message := answering.converse(ada, ada.sms, "+14055550100")
			id := answering.attach(t, ada, message, "", "a", "hello")
			answering.write(ada, message, func(m *eventv1.Message) { m.Attachments[0].ContentType = contentType })
			response := send(t, ada.request(t, http.MethodGet, path(message, id), nil))
			disposition, _, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
			require.NoError(t, err)
			require.Equal(t, want, disposition, contentType)
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.Contains(t, response.Header.Get("Content-Security-Policy"), "sandbox")
		}
	})
}

func TestRange(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	_, messageID := answering.converse(ada, ada.sms, "+14055550100")
	const content = "0123456789"
	recording := answering.attach(t, ada, messageID, "", "call.mp3", content)
	answering.write(ada, messageID, func(m *eventv1.Message) {
		m.Call = &eventv1.Call{State: "completed", Recording: m.GetAttachments()[0]}
		m.Call.Recording.ContentType = "audio/mpeg"
		m.Attachments = nil
	})
	ask := func(t *testing.T, method string, header map[string]string) answer {
		t.Helper()
		r := ada.request(t, method, "/api/messages/"+messageID+"/attachments/"+recording, nil)
		for name, value := range header {
			r.Header.Set(name, value)
		}
		return send(t, r)
	}
	whole := ask(t, http.MethodGet, nil)
	require.Equal(t, http.StatusOK, whole.StatusCode, "a recording is a file of its message")
	require.Equal(t, content, whole.body)
	require.Equal(t, "bytes", whole.Header.Get("Accept-Ranges"))
	etag := whole.Header.Get("ETag")
	require.NotEmpty(t, etag)

	for name, c := range map[string]struct {
		header             map[string]string
		status             int
		body, contentRange string
	}{
		"the beginning":           {map[string]string{"Range": "bytes=0-3"}, 206, "0123", "bytes 0-3/10"},
		"the middle":              {map[string]string{"Range": "bytes=4-6"}, 206, "456", "bytes 4-6/10"},
		"the rest":                {map[string]string{"Range": "bytes=7-"}, 206, "789", "bytes 7-9/10"},
		"the end":                 {map[string]string{"Range": "bytes=-2"}, 206, "89", "bytes 8-9/10"},
		"more than there is":      {map[string]string{"Range": "bytes=8-100"}, 206, "89", "bytes 8-9/10"},
		"past the end":            {map[string]string{"Range": "bytes=10-"}, 416, "", "bytes */10"},
		"nonsense":                {map[string]string{"Range": "bytes=x"}, 416, "", ""},
		"another unit":            {map[string]string{"Range": "lines=1-2"}, 416, "", ""},
		"many ranges":             {map[string]string{"Range": "bytes=0-0,2-2,4-4"}, 200, content, ""},
		"the same file as before": {map[string]string{"Range": "bytes=4-6", "If-Range": etag}, 206, "456", "bytes 4-6/10"},
		"another file meanwhile":  {map[string]string{"Range": "bytes=4-6", "If-Range": `"other"`}, 200, content, ""},
		"what one has":            {map[string]string{"If-None-Match": etag}, 304, "", ""},
	} {
		t.Run("of "+name, func(t *testing.T) {
			t.Parallel()
			response := ask(t, http.MethodGet, c.header)
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, c.contentRange, response.Header.Get("Content-Range"))
			if c.status == http.StatusRequestedRangeNotSatisfiable {
				require.Equal(t, "range_not_satisfiable", response.problem(t).Code)
				return
			}
			require.Equal(t, c.body, response.body)
		})
	}

	t.Run("is told in the head alone", func(t *testing.T) {
		t.Parallel()
		response := ask(t, http.MethodHead, map[string]string{"Range": "bytes=4-6"})
		require.Equal(t, http.StatusPartialContent, response.StatusCode)
		require.Equal(t, int64(3), response.ContentLength)
		require.Empty(t, response.body)
	})
}
