package realtime_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/realtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a hub for one principal and gives the address to dial.
func serve(t *testing.T, connected *bus.Bus, principal access.Principal, cfg realtime.Config) (hub *realtime.Hub, address string) {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	hub, err := realtime.New(t.Context(), connected, cfg)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- hub.Run(ctx) }()
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub.Serve(w, r, principal, nil)
	}))
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
		listening.Close()
	})
	return hub, strings.Replace(listening.URL, "http", "ws", 1)
}

func dial(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), address, nil) //nolint:bodyclose // the library has taken the body over
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(-1)
	_, text, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(text), "hello")
	return conn
}

func facts(ws workspace.ID, count int) []bus.Publishing {
	publishings := make([]bus.Publishing, count)
	for i := range publishings {
		publishings[i] = bus.Publishing{
			Subject: event.ChangeSubject(ws, "message", "received"),
			Payload: &eventv1.Change{WorkspaceId: ws.String(), Entity: "message", Verb: "received"},
		}
	}
	return publishings
}

func TestSlowClient(t *testing.T) {
	t.Parallel()
	connected := bustest.New(t)
	principal := access.Principal{Key: "key", Workspace: workspace.NewID()}
	frame := []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
	const count = 64 // many times the queue and the buffers of a connection
	_, address := serve(t, connected, principal, realtime.Config{
		Encode: func(uint64, *eventv1.Change) ([]byte, error) { return frame, nil },
		Queue:  4, WriteTimeout: time.Minute,
	})
	slow, quick := dial(t, address), dial(t, address)
	handed := make(chan struct{}, count)
	done := make(chan error, 1)
	go func() {
		for range count {
			if _, _, err := quick.Read(t.Context()); err != nil {
				done <- err
				return
			}
			handed <- struct{}{}
		}
		done <- nil
	}()

	for _, fact := range facts(principal.Workspace, count) { // as fast as the quick one reads
		require.NoError(t, connected.PublishAll(t.Context(), []bus.Publishing{fact}))
		select {
		case <-handed:
		case err := <-done:
			require.NoError(t, err, "the quick client is held up by nobody")
		}
	}

	read := 0
	for {
		_, _, err := slow.Read(t.Context())
		if err != nil {
			require.Equal(t, websocket.StatusCode(4002), websocket.CloseStatus(err), err.Error())
			break
		}
		read++
	}
	require.Less(t, read, count)
}

func TestUnreadableFact(t *testing.T) {
	t.Parallel()
	connected := bustest.New(t)
	principal := access.Principal{Key: "key", Workspace: workspace.NewID()}
	_, address := serve(t, connected, principal, realtime.Config{
		Encode: func(uint64, *eventv1.Change) ([]byte, error) { return []byte(`{"type":"change"}`), nil },
	})
	conn := dial(t, address)
	_, err := connected.Publish(t.Context(), bus.Publishing{
		Subject: event.ChangeSubject(principal.Workspace, "message", "received"), Data: []byte{0xff, 0xff},
	})
	require.NoError(t, err)
	require.NoError(t, connected.PublishAll(t.Context(), facts(principal.Workspace, 1)))

	_, text, err := conn.Read(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"reload"}`, string(text), "the client learns that it has missed something")
	_, text, err = conn.Read(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"change"}`, string(text))
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	connected := bustest.New(t)
	principal := access.Principal{Key: "key", Workspace: workspace.NewID()}
	encoded := make(chan struct{}, 100)
	_, address := serve(t, connected, principal, realtime.Config{
		Encode: func(uint64, *eventv1.Change) ([]byte, error) {
			encoded <- struct{}{}
			return []byte(`{"type":"change"}`), nil
		},
	})
	sockets := []*websocket.Conn{dial(t, address), dial(t, address), dial(t, address)}
	require.NoError(t, connected.PublishAll(t.Context(), facts(workspace.NewID(), 3)))
	require.NoError(t, connected.PublishAll(t.Context(), facts(principal.Workspace, 2)))
	for _, conn := range sockets {
		for range 2 {
			_, _, err := conn.Read(t.Context())
			require.NoError(t, err)
		}
	}
	require.Len(t, encoded, 2, "once for each fact of a workspace somebody listens to")
}
