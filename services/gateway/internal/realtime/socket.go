package realtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// readLimit bounds what a client may send, which is nothing but control frames.
const readLimit = 1 << 10

// noExpiry stands for a principal that does not expire.
const noExpiry = 100 * 365 * 24 * time.Hour

// Why sockets end, as close codes.
const (
	closeGone         = websocket.StatusNormalClosure
	closeStopping     = websocket.StatusGoingAway
	closeTalking      = websocket.StatusPolicyViolation
	closeTryLater     = websocket.StatusTryAgainLater
	closeSessionEnded = websocket.StatusCode(4001)
	closeSlow         = websocket.StatusCode(4002)
	closeTooMany      = websocket.StatusCode(4003)
)

func reasonOf(code websocket.StatusCode) string {
	return map[websocket.StatusCode]string{
		closeStopping: "stopping", closeTalking: "nothing is to be sent", closeTryLater: "try again later", closeSessionEnded: "session ended",
		closeSlow: "too slow", closeTooMany: "too many connections",
	}[code]
}

// frame is one encoded message and its place in CHANGE.
type frame struct {
	sequence uint64
	text     []byte
}

func helloFrame(sequence uint64) []byte {
	return []byte(`{"type":"hello","seq":` + strconv.FormatUint(sequence, 10) + `}`)
}

func reloadFrame(sequence uint64) frame {
	return frame{sequence: sequence, text: []byte(`{"type":"reload"}`)}
}

// socket is one connection. Its goroutine alone writes.
type socket struct {
	hub       *Hub
	principal access.Principal
	conn      *websocket.Conn
	queue     chan frame
	// sent is the sequence up to which the client has everything.
	sent uint64

	mu sync.Mutex
	// why is why the socket closes; 0 while it is open.
	why websocket.StatusCode
	// stop ends what run does; nil before it runs.
	stop func()
}

// Serve takes over a connection of a principal: it sends what came after the sequence, or after now when it is nil, and
// then what comes. It returns when the connection has ended.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, principal access.Principal, after *uint64) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: h.cfg.Origins})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(readLimit)
	s := &socket{
		hub: h, principal: principal, conn: conn, queue: make(chan frame, h.cfg.Queue),
	}
	if refused, ok := h.add(s); !ok {
		_ = conn.Close(refused, reasonOf(refused)) // it is over either way
		return
	}
	defer h.remove(s)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	open, gone := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { s.listen(open, gone) })
	beside.Go(func() { s.ping(open) })
	why := s.run(open, after)
	_ = conn.Close(why, reasonOf(why)) // it is over either way
	cancel()
	beside.Wait()
}

// listen answers control frames until the client has gone or says something, which it must not.
func (s *socket) listen(ctx context.Context, gone func()) {
	defer gone()
	if _, _, err := s.conn.Reader(ctx); err == nil {
		s.end(closeTalking)
	}
}

// offer queues a frame; false when there is no room.
func (s *socket) offer(f frame) bool {
	select {
	case s.queue <- f:
		return true
	default:
		return false
	}
}

// end makes the socket close. The first reason counts.
func (s *socket) end(why websocket.StatusCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != 0 {
		return
	}
	s.why = why
	if s.stop != nil {
		s.stop()
	}
}

// onEnd calls stop when the socket is to close, at once if it is already.
func (s *socket) onEnd(stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop = stop
	if s.why != 0 {
		stop()
	}
}

// ping tries a silent connection, so that a lost one is noticed and a proxy keeps it open.
func (s *socket) ping(ctx context.Context) {
	every := time.NewTicker(s.hub.cfg.PingInterval)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		limited, cancel := context.WithTimeout(ctx, s.hub.cfg.WriteTimeout)
		err := s.conn.Ping(limited)
		cancel()
		if err != nil {
			s.end(closeSlow)
			return
		}
	}
}

// run writes until the socket is to close, and says why. What it waits for ends when the socket is to close; a frame
// being written does not, so that the client can still be told why.
func (s *socket) run(ctx context.Context, after *uint64) websocket.StatusCode {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	s.onEnd(cancel)
	if err := s.begin(ctx, waiting, after); err != nil {
		return s.reasonFor(ctx, err)
	}
	left := noExpiry
	if !s.principal.ExpiresAt.IsZero() {
		left = time.Until(s.principal.ExpiresAt)
	}
	expired := time.NewTimer(left)
	defer expired.Stop()
	for waiting.Err() == nil {
		select {
		case f := <-s.queue:
			if err := s.send(ctx, f); err != nil {
				return s.reasonFor(ctx, err)
			}
		case <-expired.C:
			return closeSessionEnded
		case <-waiting.Done():
		}
	}
	return s.reasonFor(ctx, waiting.Err())
}

// reasonFor tells why the socket closes after an error.
func (s *socket) reasonFor(ctx context.Context, err error) websocket.StatusCode {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.why != 0:
		return s.why
	case ctx.Err() != nil: // the client has gone
		return closeGone
	case errors.Is(err, bus.ErrUnavailable):
		return closeTryLater
	default:
		return closeSlow
	}
}

// begin says hello and brings the client up to the present.
func (s *socket) begin(ctx, waiting context.Context, after *uint64) error {
	first, last, err := s.hub.bus.Bounds(waiting, event.StreamChange)
	if err != nil {
		return fmt.Errorf("reading where changes stand: %w", err)
	}
	reachable := after != nil && *after+1 >= first && *after <= last
	if reachable {
		s.sent = *after
	} else {
		s.sent = last
	}
	if err := s.write(ctx, helloFrame(s.sent)); err != nil {
		return err
	}
	switch {
	case after == nil:
		return nil
	case reachable:
		return s.replay(ctx, waiting)
	default:
		return s.write(ctx, reloadFrame(last).text)
	}
}

// errReplayed ends the replay.
var errReplayed = errors.New("replayed")

// replay sends what the stream holds for the workspace after the socket's sequence. The socket is subscribed already,
// so what is published from now on is in its queue.
func (s *socket) replay(ctx, waiting context.Context) error {
	subject := event.ChangesOf(s.principal.Workspace)
	until, err := s.lastOf(waiting, subject)
	if err != nil || until <= s.sent {
		return err
	}
	err = s.hub.bus.Follow(waiting, event.StreamChange, []string{subject}, s.sent+1, func(m *bus.Message) error {
		if m.Sequence() <= until {
			if err := s.send(ctx, s.missed(ctx, m)); err != nil {
				return err
			}
		}
		if m.Sequence() >= until {
			return errReplayed
		}
		return nil
	})
	if errors.Is(err, errReplayed) {
		return nil
	}
	if err == nil {
		err = waiting.Err()
	}
	return err
}

// lastOf is the last sequence of a workspace; 0 when it has none.
func (s *socket) lastOf(ctx context.Context, subject string) (uint64, error) {
	stream, err := s.hub.bus.JetStream().Stream(ctx, event.StreamChange)
	if err != nil {
		return 0, fmt.Errorf("%w: opening the stream of changes: %w", bus.ErrUnavailable, err)
	}
	message, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%w: reading the last change: %w", bus.ErrUnavailable, err)
	}
	return message.Sequence, nil
}

func (s *socket) missed(ctx context.Context, m *bus.Message) frame {
	missed, err := s.hub.frameOf(m)
	if err != nil {
		s.hub.cfg.Logger.ErrorContext(ctx, "unreadable change", slog.Uint64("sequence", m.Sequence()), slog.Any("err", err))
		return reloadFrame(m.Sequence())
	}
	return missed
}

// send writes a frame unless the client has it.
func (s *socket) send(ctx context.Context, f frame) error {
	if f.sequence <= s.sent {
		return nil
	}
	if err := s.write(ctx, f.text); err != nil {
		return err
	}
	s.sent = f.sequence
	return nil
}

func (s *socket) write(ctx context.Context, text []byte) error {
	limited, cancel := context.WithTimeout(ctx, s.hub.cfg.WriteTimeout)
	defer cancel()
	if err := s.conn.Write(limited, websocket.MessageText, text); err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	return nil
}
