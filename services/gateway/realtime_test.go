package gateway_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway"
)

type frame struct {
	Type    string `json:"type"`
	Seq     uint64 `json:"seq"`
	Entity  string `json:"entity"`
	Verb    string `json:"verb"`
	ID      string `json:"id"`
	Message *struct {
		ID, ConversationID, Status, Body string
		Attachments                      []any
	} `json:"message"`
	Conversation *struct {
		ID       string
		IsUnread bool
		Labels   []string
	} `json:"conversation"`
}

// socket is a client of the page.
type socket struct{ conn *websocket.Conn }

func (m *member) dial(t *testing.T, query string) *socket {
	t.Helper()
	conn, _, err := m.tryDial(t, query, nil) //nolint:bodyclose // the library has taken the body over
	require.NoError(t, err)
	return &socket{conn: conn}
}

func (m *member) tryDial(t *testing.T, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Cookie", "conversations_session="+m.token)
	address := strings.Replace(m.g.url, "http", "ws", 1) + "/api/realtime" + query
	conn, response, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{
		HTTPHeader: header, HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	if err == nil {
		conn.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return conn, response, err
}

func (s *socket) read(t *testing.T) frame {
	t.Helper()
	got, err := s.tryRead(t)
	require.NoError(t, err)
	return got
}

func (s *socket) tryRead(t *testing.T) (frame, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, text, err := s.conn.Read(ctx)
	if err != nil {
		return frame{}, err
	}
	var got frame
	return got, json.Unmarshal(text, &got)
}

// changed publishes the fact that a message changed.
func (m *member) changed(t *testing.T, body string) bus.Ack {
	t.Helper()
	id := uuid.NewString()
	ack, err := m.g.bus.Publish(t.Context(), bus.Publishing{
		Subject: event.ChangeSubject(m.workspace, "message", "received"), ID: id,
		Payload: &eventv1.Change{
			WorkspaceId: m.workspace.String(), Entity: "message", Verb: "received", EntityId: id,
			Data: &eventv1.Change_Message{Message: &eventv1.Message{
				Id: id, Status: "received", Body: body, CreatedAt: timestamppb.Now(), UpdatedAt: timestamppb.Now(),
			}},
		},
	})
	require.NoError(t, err)
	return ack
}

func TestRealtime(t *testing.T) {
	t.Parallel()

	t.Run("tells a workspace its changes, in the shapes of the API, and nobody else's", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada, ben := g.join(t), g.join(t)
		before := ada.changed(t, "before").Sequence
		s := ada.dial(t, "")
		require.Equal(t, frame{Type: "hello", Seq: before}, s.read(t))

		ben.changed(t, "not yours")
		sequence := ada.changed(t, "hello ✓").Sequence
		got := s.read(t)
		require.Equal(t, "change", got.Type)
		require.Equal(t, sequence, got.Seq)
		require.Equal(t, "message", got.Entity)
		require.Equal(t, "received", got.Verb)
		require.Equal(t, "hello ✓", got.Message.Body)
		require.Equal(t, got.ID, got.Message.ID)
		require.NotNil(t, got.Message.Attachments)
		require.Nil(t, got.Conversation)

		_, err := g.bus.Publish(t.Context(), bus.Publishing{
			Subject: event.ChangeSubject(ada.workspace, "conversation", "updated"),
			Payload: &eventv1.Change{Entity: "conversation", Verb: "updated", EntityId: "c", Data: &eventv1.Change_Conversation{
				Conversation: &eventv1.Conversation{Id: "c", IsUnread: true},
			}},
		})
		require.NoError(t, err)
		got = s.read(t)
		require.Equal(t, "c", got.Conversation.ID)
		require.True(t, got.Conversation.IsUnread)
		require.NotNil(t, got.Conversation.Labels)
		require.Nil(t, got.Message)
	})

	t.Run("a client that is cut off at random misses nothing and sees nothing twice", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		other, _ := g.start(t)
		ada, ben := g.join(t), g.join(t)
		const facts = 2000
		first := ada.changed(t, "0").Sequence
		want := []uint64{}
		var publishing sync.WaitGroup
		publishing.Go(func() {
			for i := range facts {
				want = append(want, ada.changed(t, strconv.Itoa(i)).Sequence)
				if i%3 == 0 {
					ben.changed(t, "noise")
				}
			}
		})
		random := rand.New(rand.NewPCG(1, 2))
		got, after, cuts := []uint64{}, first, 0
		for ; len(got) < facts; cuts++ {
			client := *ada
			if cuts%2 == 1 {
				client.g = &gatewayTest{url: other} // another process
			}
			s := client.dial(t, "?after="+strconv.FormatUint(after, 10))
			hello, err := s.tryRead(t)
			if websocket.CloseStatus(err) == 4002 { // the facts came faster than this machine reads: come back
				continue
			}
			require.NoError(t, err)
			require.Equal(t, frame{Type: "hello", Seq: after}, hello)
			for range random.IntN(120) {
				if len(got) == facts {
					break
				}
				change, err := s.tryRead(t)
				if websocket.CloseStatus(err) == 4002 { // as above
					break
				}
				require.NoError(t, err)
				require.Equal(t, "change", change.Type)
				got, after = append(got, change.Seq), change.Seq
			}
			_ = s.conn.CloseNow()
		}
		publishing.Wait()
		require.Equal(t, want, got)
		require.Greater(t, cuts, 10)
	})

	t.Run("a client that is too old, or comes from the future, is told to reload and goes on from hello", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		for range 5 {
			ada.changed(t, "old")
		}
		stream, err := g.bus.JetStream().Stream(t.Context(), event.StreamChange)
		require.NoError(t, err)
		require.NoError(t, stream.Purge(t.Context()))
		last := ada.changed(t, "kept").Sequence
		for _, after := range []string{"0", "4", "1000"} {
			s := ada.dial(t, "?after="+after)
			require.Equal(t, frame{Type: "hello", Seq: last}, s.read(t))
			require.Equal(t, frame{Type: "reload"}, s.read(t))
		}
		s := ada.dial(t, "?after=5")
		require.Equal(t, frame{Type: "hello", Seq: 5}, s.read(t))
		require.Equal(t, "kept", s.read(t).Message.Body)
		next := ada.changed(t, "next").Sequence
		require.Equal(t, next, s.read(t).Seq)
	})

	t.Run("the end of a session closes its sockets", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		s := ada.dial(t, "")
		s.read(t)
		bucket, err := g.bus.Bucket(t.Context(), event.BucketAccess)
		require.NoError(t, err)
		require.NoError(t, bucket.Delete(t.Context(), event.AccessKey(ada.token)))
		_, err = s.tryRead(t)
		require.Equal(t, websocket.StatusCode(4001), websocket.CloseStatus(err))

		short := *ada
		short.token = "token-" + uuid.NewString()
		g.putPrincipal(t, short.token, &bucketv1.Principal{
			Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), Role: "owner",
			ExpiresAt: timestamppb.New(time.Now().Add(300 * time.Millisecond)),
		})
		s = short.dial(t, "")
		s.read(t)
		_, err = s.tryRead(t)
		require.Equal(t, websocket.StatusCode(4001), websocket.CloseStatus(err))
	})

	t.Run("too many sockets of one session are refused, a closed one makes room", func(t *testing.T) {
		t.Parallel()
		g := setup(t, func(cfg *gateway.Config) { cfg.MaxSockets = 2 })
		ada := g.join(t)
		first, second := ada.dial(t, ""), ada.dial(t, "")
		first.read(t)
		second.read(t)
		_, err := ada.dial(t, "").tryRead(t)
		require.Equal(t, websocket.StatusCode(4003), websocket.CloseStatus(err))
		require.NoError(t, first.conn.Close(websocket.StatusNormalClosure, ""))
		require.Eventually(t, func() bool {
			_, err := ada.dial(t, "").tryRead(t)
			return err == nil
		}, patience, 5*time.Millisecond)
	})

	t.Run("stopping closes every socket with 1001", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		s := ada.dial(t, "")
		s.read(t)
		closed := make(chan error, 1)
		go func() {
			_, err := s.tryRead(t)
			closed <- err
		}()
		g.stop()
		require.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(<-closed))
	})

	t.Run("a page of another site is refused", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		for origin, want := range map[string]int{
			"https://evil.example": http.StatusForbidden, "null": http.StatusForbidden,
			g.url: http.StatusSwitchingProtocols, "https://app.example.com": http.StatusSwitchingProtocols,
		} {
			conn, response, err := ada.tryDial(t, "", http.Header{"Origin": {origin}}) //nolint:bodyclose // the library has read the body
			require.Equal(t, want, response.StatusCode, origin)
			if err == nil {
				_ = conn.CloseNow()
				continue
			}
			require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
		}
	})

	t.Run("a client that talks is closed", func(t *testing.T) {
		t.Parallel()
		s := setup(t).join(t).dial(t, "")
		s.read(t)
		require.NoError(t, s.conn.Write(t.Context(), websocket.MessageText, []byte("hello?")))
		_, err := s.tryRead(t)
		require.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err))
	})
}

func TestABrokenHandshakeIsAProblem(t *testing.T) {
	t.Parallel()
	g := setup(t)
	ada := g.join(t)
	for name, broken := range map[string][2]string{
		"no key":          {"Sec-WebSocket-Key", ""},
		"a short key":     {"Sec-WebSocket-Key", "c2hvcnQ="},
		"an old version":  {"Sec-WebSocket-Version", "8"},
		"no connection":   {"Connection", ""},
		"another upgrade": {"Upgrade", "h2c"},
	} {
		r := ada.request(t, http.MethodGet, "/api/realtime", nil)
		for header, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			r.Header.Set(header, value)
		}
		r.Header.Set(broken[0], broken[1])
		response := send(t, r)
		require.Equal(t, http.StatusUpgradeRequired, response.StatusCode, name)
		require.Equal(t, "upgrade_required", response.problem(t).Code, name)
		require.Equal(t, "13", response.Header.Get("Sec-WebSocket-Version"))
	}
}
