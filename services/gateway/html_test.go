package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// write changes a message of the store.
func (s *store) write(m *member, messageID string, change func(*eventv1.Message)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.messages[keyOf(m, messageID)])
}

func TestHTML(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	_, messageID := answering.converse(ada, ada.email, "bob@example.net")
	logo := answering.attach(t, ada, messageID, "", "logo.png", png)
	answering.write(ada, messageID, func(m *eventv1.Message) {
		m.Attachments[0].ContentId = "logo@example.net"
		m.Html = `<p onclick=alert(1)>Hi<script>alert(1)</script></p><img src="cid:logo@example.net"><img src="https://example.net/pixel.gif" alt="p"><a href="javascript:alert(1)">x</a>`
	})
	path := "/api/messages/" + messageID + "/html"
	ours := `<img src="/api/messages/` + messageID + `/attachments/` + logo + `">`

	t.Run("of a message runs nothing and loads nothing", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{"", "?images=held"} {
			response := send(t, ada.request(t, http.MethodGet, path+query, nil))
			require.Equal(t, http.StatusOK, response.StatusCode, response.body)
			require.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"))
			policy := response.Header.Get("Content-Security-Policy")
			require.Contains(t, policy, "script-src 'none'")
			require.Contains(t, policy, "default-src 'none'")
			require.Contains(t, policy, "frame-ancestors 'self'")
			require.True(t, strings.HasSuffix(policy, "img-src 'self'"), policy)
			require.Equal(t, "SAMEORIGIN", response.Header.Get("X-Frame-Options"))
			require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
			require.Equal(t, "no-referrer", response.Header.Get("Referrer-Policy"))
			require.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
			require.Contains(t, response.body, `<p>Hi</p>`+ours+`<img alt="p"><a>x</a>`)
			require.NotContains(t, response.body, "alert")
			require.NotContains(t, response.body, "example.net")
		}
	})

	t.Run("shows pictures of others when a person wants them", func(t *testing.T) {
		t.Parallel()
		response := send(t, ada.request(t, http.MethodGet, path+"?images=shown", nil))
		require.Contains(t, response.body, ours+`<img src="https://example.net/pixel.gif" alt="p">`)
		require.True(t, strings.HasSuffix(response.Header.Get("Content-Security-Policy"), "img-src 'self' https:"))
		require.Equal(t, http.StatusUnprocessableEntity, send(t, ada.request(t, http.MethodGet, path+"?images=all", nil)).StatusCode)
	})

	t.Run("has no body when only the head is asked for", func(t *testing.T) {
		t.Parallel()
		response := send(t, ada.request(t, http.MethodHead, path, nil))
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Positive(t, response.ContentLength)
		require.Empty(t, response.body)
	})

	t.Run("in the message is as clean", func(t *testing.T) {
		t.Parallel()
		var got map[string]any
		send(t, ada.request(t, http.MethodGet, "/api/messages/"+messageID, nil)).decode(t, &got)
		require.Equal(t, `<p>Hi</p>`+ours+`<img alt="p"><a>x</a>`, got["html"])
		require.Equal(t, true, got["hasRemoteImages"])
	})

	t.Run("of a message without it is its text", func(t *testing.T) {
		t.Parallel()
		_, plain := answering.converse(ada, ada.email, "eve@example.net")
		answering.write(ada, plain, func(m *eventv1.Message) { m.Body = "1 < 2\n<script>alert(1)</script>" })
		response := send(t, ada.request(t, http.MethodGet, "/api/messages/"+plain+"/html", nil))
		require.Contains(t, response.body, "<pre>1 &lt; 2\n&lt;script&gt;alert(1)&lt;/script&gt;</pre>")
	})
}

func TestRealtimeShape(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	_, messageID := answering.converse(ada, ada.email, "bob@example.net")
	answering.write(ada, messageID, func(m *eventv1.Message) {
		m.Html, m.Cc = `<p>Hi<script>x</script></p><img src="https://example.net/p.gif">`, []string{"eve@example.net"}
		m.Call = &eventv1.Call{State: "ringing"}
	})
	s := ada.dial(t, "")
	s.read(t)

	answering.mu.Lock()
	_, err := g.bus.Publish(t.Context(), bus.Publishing{
		Subject: event.ChangeSubject(ada.workspace, "message", "updated"),
		Payload: &eventv1.Change{Entity: "message", Verb: "updated", EntityId: messageID, Data: &eventv1.Change_Message{
			Message: answering.messages[keyOf(ada, messageID)],
		}},
	})
	answering.mu.Unlock()
	require.NoError(t, err)

	_, text, err := s.conn.Read(t.Context())
	require.NoError(t, err)
	var told struct{ Message json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &told))
	response := send(t, ada.request(t, http.MethodGet, "/api/messages/"+messageID, nil))
	require.JSONEq(t, response.body, string(told.Message), "what is told is what is read")
	require.NotContains(t, response.body, "script")
	require.Contains(t, response.body, `"hasRemoteImages":true`)
}

func TestMessageShape(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	_, messageID := answering.converse(ada, ada.sms, customer)
	at := timestamppb.New(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	answering.write(ada, messageID, func(m *eventv1.Message) {
		m.Cc, m.Bcc, m.FromName, m.ReplyBody = []string{"a@example.net"}, []string{"b@example.net"}, "Bob", "short"
		m.Automatic, m.Segments, m.ReplyToId = true, 3, "0b0e7a3c-6a55-4f0e-9d43-3a1d2b6c7d8e"
		m.Template = &eventv1.Template{Id: "t", Language: "en_US", Parameters: map[string]string{"1": "x"}}
		m.Call = &eventv1.Call{
			State: "completed", AgentId: ada.userID, DurationSeconds: 61, StartedAt: at, AnsweredAt: at, EndedAt: at, Transcript: "hello",
			Recording: &eventv1.Attachment{Id: "r", Filename: "call.mp3", ContentType: "audio/mpeg", Size: 5, BlobKey: "secret"},
		}
		m.Attachments = []*eventv1.Attachment{{Id: "f", Filename: "a.png", ContentType: "image/png", Size: 2, ContentId: "c", BlobKey: "secret"}}
	})

	var got map[string]any
	response := send(t, ada.request(t, http.MethodGet, "/api/messages/"+messageID, nil))
	response.decode(t, &got)

	require.NotContains(t, response.body, "secret", "nobody needs to know where a file is kept")
	require.Equal(t, []any{"a@example.net"}, got["cc"])
	require.Equal(t, []any{"b@example.net"}, got["bcc"])
	require.Equal(t, "Bob", got["fromName"])
	require.Equal(t, "short", got["replyBody"])
	require.Equal(t, true, got["automatic"])
	require.InDelta(t, 3, got["segments"], 0)
	require.Equal(t, "0b0e7a3c-6a55-4f0e-9d43-3a1d2b6c7d8e", got["replyToId"])
	require.Equal(t, map[string]any{"id": "t", "language": "en_US", "parameters": map[string]any{"1": "x"}}, got["template"])
	when := "2026-01-02T03:04:05Z"
	require.Equal(t, map[string]any{
		"state": "completed", "agentId": ada.userID, "durationSeconds": 61.0, "startedAt": when, "answeredAt": when, "endedAt": when,
		"transcript": "hello", "recording": map[string]any{"id": "r", "filename": "call.mp3", "contentType": "audio/mpeg", "size": 5.0},
	}, got["call"])
	require.Equal(t, []any{map[string]any{"id": "f", "filename": "a.png", "contentType": "image/png", "size": 2.0, "contentId": "c"}}, got["attachments"])
}
