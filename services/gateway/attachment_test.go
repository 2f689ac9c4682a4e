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
}
