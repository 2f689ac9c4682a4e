package gateway_test

import (
	"encoding/base64"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// sent finds a message in SEND.
func (m *member) sent(t *testing.T, id string) *eventv1.SendMessage {
	t.Helper()
	for _, message := range m.g.sent(t) {
		if message.GetMessageId() == id {
			return message
		}
	}
	require.Fail(t, "the message is not in SEND")
	return nil
}

func inlineFile(filename, content string) map[string]any {
	return map[string]any{"filename": filename, "contentType": "text/plain", "content": base64.StdEncoding.EncodeToString([]byte(content))}
}

func TestFilesOfAMessage(t *testing.T) {
	t.Parallel()
	g := setup(t)
	with := func(kind, to string, files ...any) map[string]any {
		return map[string]any{"channel": kind, "to": to, "body": "hello", "attachments": files}
	}

	t.Run("come with the request, too", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		body := with("email", "bob@example.net", inlineFile("a.txt", "hello"), inlineFile("", png))

		response, got := ada.send(t, body, "one")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		files := ada.sent(t, got.ID).GetAttachments()

		require.Len(t, files, 2)
		require.Equal(t, "a.txt", files[0].GetFilename())
		require.Equal(t, "text/plain", files[0].GetContentType())
		require.Equal(t, "hello", ada.blob(t, files[0].GetBlobKey()))
		require.Equal(t, "file", files[1].GetFilename())
		require.Equal(t, "image/png", files[1].GetContentType())
		_, again := ada.send(t, body, "one")
		require.Equal(t, got, again)
		require.Len(t, ada.blobsOf(t), 2)
	})

	t.Run("are held against the limits of the channel before one of them is kept", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		ada.chat(t, customer)
		ada.acceptedAtLast(t, map[string]any{"channel": "whatsapp", "to": customer, "body": "hello"})
		ada.mail(t)
		small := inlineFile("a.txt", "hello")
		for name, c := range map[string]struct {
			body map[string]any
			says string
		}{
			"too many":          {with("whatsapp", customer, small, small, small), "A message on WhatsApp takes 2 files, not 3."},
			"one too large":     {with("whatsapp", customer, small, inlineFile("b.txt", strings.Repeat("x", 4097))), `A file of this type may have 4 KB on WhatsApp; "b.txt" has`},
			"picture too large": {with("whatsapp", customer, inlineFile("b.png", png+strings.Repeat("x", 2000))), "A file of this type may have 1 KB on WhatsApp"},
			"together":          {with("whatsapp", customer, inlineFile("b.txt", strings.Repeat("x", 4000)), inlineFile("c.txt", strings.Repeat("x", 4000))), "together on WhatsApp"},
			"type":              {with("whatsapp", customer, inlineFile("b.zip", "PK\x03\x04")), "Files of the type application/zip cannot be sent on WhatsApp"},
			"name":              {with("email", "bob@example.net", inlineFile("b.pdf.EXE ", "hello")), "Files that end with .exe cannot be sent by e-mail"},
			"of an e-mail":      {with("email", "bob@example.net", small, small, small, small), "A message by e-mail takes 3 files, not 4."},
		} {
			response, _ := ada.send(t, c.body, "")
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, name)
			p := response.problem(t)
			require.Equal(t, "file_refused", p.Code, name+response.body)
			require.Contains(t, p.Detail, c.says, name)
			require.Contains(t, response.body, `"remedy":"`)
		}
		require.Empty(t, ada.blobsOf(t), "nothing is half done")
	})

	t.Run("that are none name the field", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		kept := ada.upload(t, "a.txt", "text/plain", "x")
		for name, c := range map[string]struct {
			body  map[string]any
			field string
		}{
			"neither":          {with("sms", customer, map[string]any{}), "attachments[0]"},
			"both":             {with("sms", customer, map[string]any{"id": kept.ID, "content": "eA=="}), "attachments[0]"},
			"id and name":      {with("sms", customer, map[string]any{"id": kept.ID, "filename": "b"}), "attachments[0]"},
			"no base64":        {with("sms", customer, map[string]any{"filename": "a", "content": "%%%"}), ""},
			"empty":            {with("sms", customer, map[string]any{"filename": "a", "content": ""}), "content"},
			"content id":       {with("sms", customer, map[string]any{"id": kept.ID, "contentId": "x"}), "attachments[0].contentId"},
			"content id twice": {with("email", "bob@example.net", map[string]any{"id": kept.ID, "contentId": "x"}, map[string]any{"id": kept.ID, "contentId": "x"}), "attachments[1].contentId"},
			"line in a content id": {
				with("email", "bob@example.net", map[string]any{"id": kept.ID, "contentId": "x\r\nBcc: y"}), "contentId",
			},
			"unknown field":    {with("sms", customer, map[string]any{"id": kept.ID, "path": "/etc/passwd"}), "path"},
			"another spelling": {with("sms", customer, map[string]any{"id": kept.ID, "Content": "eA=="}), "Content"},
			"a list of texts":  {with("sms", customer, "a"), "attachments[0]"},
			"too much at once": {with("email", "bob@example.net", inlineFile("a", strings.Repeat("x", 4<<20)), inlineFile("b", strings.Repeat("x", 4<<20+1))), "attachments"},
		} {
			response, _ := ada.send(t, c.body, "")
			require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusBadRequest}, response.StatusCode, name+response.body[:min(300, len(response.body))])
			p := response.problem(t)
			if c.field != "" {
				require.Equal(t, c.field, p.Errors[0].Field, name+response.body)
			}
		}
		require.Len(t, ada.blobsOf(t), 1)
	})
}

func TestLargeRequests_TakeBoundedMemory(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ada := g.join(t)
	large := map[string]any{"channel": "email", "to": "bob@example.net", "body": "x", "attachments": []any{inlineFile("a", strings.Repeat("x", 2<<20))}}
	head := "POST /api/communications HTTP/1.1\r\nHost: gateway\r\nCookie: conversations_session=" + ada.token +
		"\r\nContent-Type: application/json\r\nContent-Length: 16777216\r\n\r\n"
	var waiting []net.Conn
	for range 8 { // each announces 16 MiB and sends none of it
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(g.url, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.WriteString(conn, head)
		require.NoError(t, err)
		waiting = append(waiting, conn)
	}

	require.Eventually(t, func() bool {
		response, _ := ada.send(t, large, "")
		return response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != ""
	}, patience, 5*time.Millisecond)
	response, _ := ada.send(t, map[string]any{"channel": "sms", "to": customer, "body": "x"}, "")
	require.Equal(t, http.StatusAccepted, response.StatusCode, "a small request needs no room")

	for _, conn := range waiting {
		require.NoError(t, conn.Close())
	}
	ada.acceptedAtLast(t, large)
}

func TestChannelSettings(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ada := g.join(t)
	ada.connect(t, channel.WhatsApp, "delta", "+15002000077")

	_, body := ada.call(t, http.MethodGet, "/api/settings/communications", nil)

	require.Contains(t, body, `{"channel":"whatsapp","mode":"platform","provider":"delta","from":"+15002000077","sandbox":false,`+
		`"limits":{"maxFiles":2,"maxFileBytes":4096,"maxTypeBytes":{"image/":1024},"maxTotalBytes":5000,"fileTypes":["image/","text/plain","application/pdf"],`+
		`"maxBody":100,"maxRecipients":0},"hasTemplates":true,"isExperimental":true}`)
}

func TestCopies(t *testing.T) {
	t.Parallel()
	g := setup(t)

	t.Run("are normalised, each once, and openly before in secret", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		response, got := ada.send(t, map[string]any{
			"channel": "email", "to": "bob@example.net", "body": "x",
			"cc": []string{"Eve <EVE@example.net>", "bob@example.net", "eve@example.net"}, "bcc": []string{"dan@example.net", "eve@example.net"},
		}, "")
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		message := ada.sent(t, got.ID)
		require.Equal(t, []string{"eve@example.net"}, message.GetCc())
		require.Equal(t, []string{"dan@example.net"}, message.GetBcc())
	})

	t.Run("that are no addresses, too many, or not e-mail name the field", func(t *testing.T) {
		t.Parallel()
		ada := g.join(t)
		ada.mail(t)
		many := []string{"a@example.net", "b@example.net", "c@example.net", "d@example.net"}
		for name, c := range map[string]struct {
			body  map[string]any
			field string
		}{
			"no address":     {map[string]any{"cc": []string{"eve@example.net", "nobody"}}, "cc[1]"},
			"line break":     {map[string]any{"bcc": []string{"a@example.net\r\nX: y"}}, "bcc[0]"},
			"too many":       {map[string]any{"cc": many}, "cc"},
			"too many again": {map[string]any{"bcc": many}, "cc"},
			"no list":        {map[string]any{"cc": "eve@example.net"}, "cc"},
			"sms":            {map[string]any{"channel": "sms", "to": customer, "cc": many[:1]}, "cc"},
			"sms in secret":  {map[string]any{"channel": "sms", "to": customer, "bcc": many[:1]}, "bcc"},
		} {
			body := map[string]any{"channel": "email", "to": "bob@example.net", "body": "x"}
			maps.Copy(body, c.body)
			response, _ := ada.send(t, body, "")
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, name)
			p := response.problem(t)
			require.Equal(t, "invalid_request", p.Code)
			require.Equal(t, c.field, p.Errors[0].Field, name)
		}
	})
}
