package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	relayBuffer = 32 << 10
)

// relay passes TCP connections on to a target, and can be told to cut them or to be slow.
type relay struct {
	listener net.Listener
	target   string
	delay    atomic.Int64 // nanoseconds that each piece of an answer is held back
	running  sync.WaitGroup
	end      context.CancelFunc

	mu    sync.Mutex
	open  map[net.Conn]struct{}
	ended bool
}

// newRelay listens on a loopback address.
func newRelay(ctx context.Context, target string) (*relay, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the relay to %s: %w", target, err)
	}
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	r := &relay{listener: listener, target: target, end: end, open: map[net.Conn]struct{}{}}
	r.running.Go(func() { r.accept(ctx) })
	return r, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) accept(ctx context.Context) {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return // closed: nothing else ends a listener of the loopback
		}
		r.running.Go(func() { r.pass(ctx, client) })
	}
}

// pass carries one connection until either side ends it or it is cut.
func (r *relay) pass(ctx context.Context, client net.Conn) {
	defer r.forget(client)
	if !r.keep(client) {
		return
	}
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	server, err := new(net.Dialer).DialContext(dialing, "tcp", r.target)
	if err != nil {
		return // the client sees a connection that closes at once
	}
	defer r.forget(server)
	if !r.keep(server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(server, client) // the end of either side ends both
		_, _ = client.Close(), server.Close()
	})
	both.Go(func() {
		r.answer(ctx, client, server)
		_, _ = client.Close(), server.Close()
	})
	both.Wait()
}

// answer carries what the server says, each piece held back by the delay that holds at the time.
func (r *relay) answer(ctx context.Context, client io.Writer, server io.Reader) {
	buffer := make([]byte, relayBuffer)
	for {
		n, err := server.Read(buffer)
		if wait := time.Duration(r.delay.Load()); wait > 0 && n > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
		if _, failed := client.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

// keep remembers a connection, so that it can be cut; it is false when the relay has ended.
func (r *relay) keep(connection net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.open[connection] = struct{}{}
	}
	return !r.ended
}

func (r *relay) forget(connection net.Conn) {
	_ = connection.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, connection)
}

// cut ends every connection there is and tells how many; new ones are taken.
func (r *relay) cut() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for connection := range r.open {
		_ = connection.Close()
	}
	return len(r.open) / 2 // each has two sides
}

func (r *relay) slow(delay time.Duration) { r.delay.Store(int64(delay)) }

func (r *relay) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.cut()
	r.end()
	r.running.Wait()
}
