package bare

import (
	"context"
	"net/http"

	"github.com/coder/websocket"
)

// queued is how many frames wait for a socket, as many as at the gateway.
const queued = 256

// socket is a connection with its one writer.
type socket struct {
	conn  *websocket.Conn
	queue chan []byte
}

func (p *program) serveSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	s := &socket{conn: conn, queue: make(chan []byte, queued)}
	p.mu.Lock()
	p.sockets[s] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.sockets, s)
		p.mu.Unlock()
		_ = conn.CloseNow() // it is over
	}()
	s.write(conn.CloseRead(r.Context()))
}

func (s *socket) write(ctx context.Context) {
	for {
		select {
		case frame := <-s.queue:
			if s.conn.Write(ctx, websocket.MessageText, frame) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// broadcast gives a frame to every socket. Whoever measures keeps fewer under way than a queue holds.
func (p *program) broadcast(frame []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.sockets {
		select {
		case s.queue <- frame:
		default:
		}
	}
}
