package gateway_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/gateway"
)

// png begins as a picture does.
const png = "\x89PNG\r\n\x1a\n"

type attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"`
}

// form is a form with one file, and a field before it.
func form(t *testing.T, field, filename, contentType, content string) (body *bytes.Buffer, formType string) {
	t.Helper()
	body = &bytes.Buffer{}
	writer := multipart.NewWriter(body)
	require.NoError(t, writer.WriteField("note", "hello"))
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition(field, filename))
	header.Set("Content-Type", contentType)
	part, err := writer.CreatePart(header)
	require.NoError(t, err)
	_, err = io.WriteString(part, content)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return body, writer.FormDataContentType()
}

// uploading is a request with one file.
func (m *member) uploading(t *testing.T, query, filename, contentType, content string) *http.Request {
	t.Helper()
	body, formType := form(t, "file", filename, contentType, content)
	r := m.request(t, http.MethodPost, "/api/attachments"+query, nil)
	r.Body, r.ContentLength = io.NopCloser(body), int64(body.Len())
	r.Header.Set("Content-Type", formType)
	return r
}

func (m *member) upload(t *testing.T, filename, contentType, content string) attachment {
	t.Helper()
	response := send(t, m.uploading(t, "", filename, contentType, content))
	require.Equal(t, http.StatusCreated, response.StatusCode, response.body)
	var got attachment
	response.decode(t, &got)
	return got
}

func TestUpload(t *testing.T) {
	t.Parallel()
	g := setup(t)

	t.Run("a file is stored with a clean name and the type it has, and sent by its id", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		content := png + strings.Repeat("x", 300_000)

		got := ada.upload(t, "../../etc/pass\u202Ewd.png", "text/plain", content)

		require.Equal(t, "passwd.png", got.Filename)
		require.Equal(t, "image/png", got.ContentType)
		require.Equal(t, int64(len(content)), got.Size)
		response, message := ada.send(t, map[string]any{
			"channel": "email", "to": "bob@example.net", "html": `<img src="cid:logo">`, "attachments": []any{map[string]any{"id": got.ID, "contentId": "logo"}},
		}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		sent := ada.sent(t, message.ID)
		require.Empty(t, sent.GetBody(), "a file needs no text")
		require.Len(t, sent.GetAttachments(), 1)
		file := sent.GetAttachments()[0]
		require.Equal(t, "passwd.png", file.GetFilename())
		require.Equal(t, "image/png", file.GetContentType())
		require.Equal(t, int64(len(content)), file.GetSize())
		require.Equal(t, "logo", file.GetContentId())
		require.NotEqual(t, got.ID, file.GetId(), "a file that is sent twice is a file of each message")
		require.Equal(t, content, ada.blob(t, file.GetBlobKey()))
	})

	t.Run("a file that was uploaded once can be sent twice", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		got := ada.upload(t, "a.txt", "text/plain", "hello")
		body := map[string]any{"channel": "sms", "to": customer, "attachments": []any{map[string]any{"id": got.ID}}}
		_, first := ada.send(t, body, "")
		_, second := ada.send(t, body, "")
		one, two := ada.sent(t, first.ID).GetAttachments()[0], ada.sent(t, second.ID).GetAttachments()[0]
		require.NotEqual(t, one.GetId(), two.GetId())
		require.Equal(t, one.GetBlobKey(), two.GetBlobKey())
	})

	t.Run("another workspace's file answers as one that never was", func(t *testing.T) {
		t.Parallel()
		ada, ben := g.join(t), g.join(t)
		theirs := ben.upload(t, "secret.txt", "text/plain", "secret")
		bodies := map[string]bool{}
		for _, id := range []string{theirs.ID, uuid.NewString(), "nonsense", "../" + theirs.ID} {
			response, _ := ada.send(t, map[string]any{"channel": "sms", "to": customer, "attachments": []any{map[string]any{"id": id}}}, "")
			require.Equal(t, http.StatusNotFound, response.StatusCode, response.body)
			require.Equal(t, "body.attachments[0].id", response.problem(t).Errors[0].Location)
			bodies[response.body] = true
		}
		require.Len(t, bodies, 1)
	})

	t.Run("the limits of a channel are told at once, and nothing is kept", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		ada.chat(t, customer)
		for name, c := range map[string]struct{ filename, contentType, content, says string }{
			"too large":                 {"a.txt", "text/plain", strings.Repeat("x", 4097), "A file of this type may have 4 KB on WhatsApp."},
			"too large for its type":    {"a.png", "image/png", png + strings.Repeat("x", 1100), "A file of this type may have 1 KB on WhatsApp."},
			"of a type that is refused": {"a.zip", "application/zip", "PK\x03\x04x", "Files of the type application/zip cannot be sent on WhatsApp"},
			"of a type that lies":       {"a.png", "image/png", "<html><script>alert(1)</script>", "Files of the type text/html cannot be sent on WhatsApp"},
			"a program":                 {"a.pdf", "application/pdf", "MZ\x90\x00", "Files of the type application/x-executable cannot be sent on WhatsApp"},
		} {
			response := send(t, ada.uploading(t, "?channel=whatsapp", c.filename, c.contentType, c.content))
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, name+response.body)
			p := response.problem(t)
			require.Equal(t, "file_refused", p.Code, name)
			require.Contains(t, p.Detail, c.says, name)
			require.Equal(t, "file", p.Errors[0].Field)
		}
		require.Empty(t, ada.blobsOf(t))
		require.Equal(t, http.StatusCreated, send(t, ada.uploading(t, "?channel=whatsapp", "a.txt", "text/plain", strings.Repeat("x", 4096))).StatusCode)
	})

	t.Run("who sends much too much hears why", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		ada.chat(t, customer)
		response := send(t, ada.uploading(t, "?channel=whatsapp", "a.png", "image/png", png+strings.Repeat("x", 20<<20)))
		require.Equal(t, "file_refused", response.problem(t).Code)
		require.Empty(t, ada.blobsOf(t))
	})

	t.Run("what is no form with a file in it is refused, and nothing is kept", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		post := func(contentType, body string) answer {
			r := ada.request(t, http.MethodPost, "/api/attachments", body)
			r.Header.Set("Content-Type", contentType)
			return send(t, r)
		}
		for _, contentType := range []string{"application/json", "multipart/form-data", "multipart/mixed; boundary=x", "text/plain", ""} {
			require.Equal(t, "unsupported_media_type", post(contentType, "{}").problem(t).Code, contentType)
		}
		whole, formType := form(t, "file", "a.txt", "text/plain", strings.Repeat("x", 10_000))
		elsewhere, otherType := form(t, "picture", "a.txt", "text/plain", "hello")
		empty, emptyType := form(t, "file", "a.txt", "text/plain", "")
		for name, c := range map[string]struct {
			response answer
			status   int
			field    string
		}{
			"broken off in the file":    {post(formType, whole.String()[:5000]), http.StatusBadRequest, ""},
			"nothing":                   {post(formType, "x"), http.StatusUnprocessableEntity, "file"},
			"a file in another field":   {post(otherType, elsewhere.String()), http.StatusUnprocessableEntity, "file"},
			"an empty file":             {post(emptyType, empty.String()), http.StatusUnprocessableEntity, "file"},
			"a channel without account": {send(t, ada.uploading(t, "?channel=social", "a", "", "x")), http.StatusUnprocessableEntity, "channel"},
			"an unknown channel":        {send(t, ada.uploading(t, "?channel=pigeon", "a", "", "x")), http.StatusUnprocessableEntity, "channel"},
		} {
			require.Equal(t, c.status, c.response.StatusCode, name+c.response.body)
			p := c.response.problem(t)
			if c.field != "" {
				require.Equal(t, c.field, p.Errors[0].Field, name)
			}
		}
		require.Empty(t, ada.blobsOf(t))
	})

	t.Run("one key is one file, and one answer", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		upload := func(content string) answer {
			r := ada.uploading(t, "", "a.txt", "text/plain", content)
			r.Header.Set("Idempotency-Key", "one")
			return send(t, r)
		}
		first, second, other := upload("hello"), upload("hello"), upload("other")
		require.Equal(t, http.StatusCreated, first.StatusCode, first.body)
		require.Equal(t, first.body, second.body)
		require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))
		require.Equal(t, "idempotency_key_reused", other.problem(t).Code)
		require.Len(t, ada.blobsOf(t), 1)
	})
}

func TestUpload_rate(t *testing.T) {
	t.Parallel()
	g := setup(t, func(cfg *gateway.Config) { cfg.UploadsPerMinute = 2 })
	ada, ben := g.join(t), g.join(t)

	ada.upload(t, "a", "", "x")
	ada.upload(t, "a", "", "x")
	response := send(t, ada.uploading(t, "", "a", "", "x"))

	require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	require.Equal(t, "rate_limited", response.problem(t).Code)
	require.NotEmpty(t, response.Header.Get("Retry-After"))
	ben.upload(t, "a", "", "x")
}
