package bus_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// lossyLine is a way to a server that can swallow what the server says, and be cut.
type lossyLine struct {
	address string
	deaf    atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
}

func newLossyLine(t *testing.T, server string) *lossyLine {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &lossyLine{address: "nats://" + listener.Addr().String()}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := (&net.Dialer{}).Dial("tcp", strings.TrimPrefix(server, "nats://"))
			if err != nil {
				_ = client.Close()
				continue
			}
			l.mu.Lock()
			l.conns = append(l.conns, client, upstream)
			l.mu.Unlock()
			serving.Go(func() { _, _ = io.Copy(upstream, client) })
			serving.Go(func() { _, _ = io.Copy(&hearing{l, client}, upstream) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut()
		serving.Wait()
	})
	return l
}

// cut ends every connection; the next one hears again.
func (l *lossyLine) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
	l.deaf.Store(false)
}

type hearing struct {
	line *lossyLine
	to   net.Conn
}

// Write implements io.Writer.
func (h *hearing) Write(data []byte) (int, error) {
	if h.line.deaf.Load() {
		return len(data), nil
	}
	return h.to.Write(data)
}

func TestPull_WhatGotLostOnTheWayComesBeforeWhatFollowed(t *testing.T) {
	t.Parallel()
	running := bustest.Server(t)
	line := newLossyLine(t, running.ClientURL())
	direct := bustest.Connect(t, running)
	require.NoError(t, direct.Ensure(t.Context(), event.Streams(), nil))
	lossy, err := bus.Connect(t.Context(), bus.Config{URL: line.address, Name: "lossy"})
	require.NoError(t, err)
	t.Cleanup(lossy.Close)
	ws, spec, pulled := workspace.NewID(), consumerSpec("lossy"), make(chan string, 10)
	run(t, func(ctx context.Context) error {
		return lossy.Pull(ctx, spec, func(m *bus.Message) {
			pulled <- idOf(t, m)
			_ = m.Ack()
		})
	})
	publish(t, direct, ws, "first")
	require.Equal(t, "first", receive(t, pulled))
	requireIdle(t, direct, spec)

	line.deaf.Store(true)
	publish(t, direct, ws, "lost")
	require.Eventually(t, func() bool {
		consumer, err := direct.JetStream().Consumer(t.Context(), spec.Stream, spec.Durable)
		return err == nil && consumer.CachedInfo().NumAckPending == 1
	}, patience, 10*time.Millisecond)
	line.cut()
	publish(t, direct, ws, "behind")

	require.Equal(t, "lost", receive(t, pulled))
	require.Equal(t, "behind", receive(t, pulled))
	requireIdle(t, direct, spec)
}
