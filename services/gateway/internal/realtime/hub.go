package realtime

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/coder/websocket"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

const (
	defaultQueue        = 256
	defaultMaxSockets   = 20
	defaultPingInterval = 25 * time.Second
	defaultWriteTimeout = 10 * time.Second
	rememberedEnds      = 10_000
	endedLately         = 10 * time.Second
)

// Bus is what the hub needs of the bus.
type Bus interface {
	Follow(ctx context.Context, stream string, filters []string, from uint64, handle func(*bus.Message) error) error
	Bounds(ctx context.Context, stream string) (first, last uint64, err error)
	JetStream() jetstream.JetStream
}

// Config of a Hub. Zero values are right for production, but for the required ones.
type Config struct {
	// Encode writes the frame of a fact. Required.
	Encode func(sequence uint64, fact *eventv1.Change) ([]byte, error)
	// Origins are the hosts browsers may come from, beside our own.
	Origins []string
	// Queue is how many frames wait for a socket before it is too slow; 0 is 256.
	Queue int
	// MaxSockets is how many sockets a principal may have; 0 is 20.
	MaxSockets int
	// PingInterval is how often a silent connection is tried; 0 is 25 s.
	PingInterval time.Duration
	// WriteTimeout is how long one frame may take; 0 is 10 s.
	WriteTimeout time.Duration
	Logger       *slog.Logger
	Metrics      prometheus.Registerer
}

// Hub knows every open socket.
type Hub struct {
	bus  Bus
	cfg  Config
	from uint64
	open prometheus.Gauge
	slow prometheus.Counter

	mu      sync.Mutex
	stopped bool
	sockets map[workspace.ID]map[*socket]struct{}
	// held counts the sockets of each principal.
	held map[string]int
	// ended are the principals taken away lately: one may have been authenticated just before.
	ended *lru.Cache[string, time.Time]
	// serving counts the sockets whose goroutines are alive.
	serving sync.WaitGroup
}

// New makes a Hub that takes connections from now on; Run hands out what is published from now on.
func New(ctx context.Context, b Bus, cfg Config) (*Hub, error) {
	cfg = cfg.withDefaults()
	_, last, err := b.Bounds(ctx, event.StreamChange)
	if err != nil {
		return nil, fmt.Errorf("reading where changes stand: %w", err)
	}
	ended, err := lru.New[string, time.Time](rememberedEnds)
	if err != nil {
		return nil, fmt.Errorf("making the list of ended sessions: %w", err)
	}
	hub := &Hub{
		bus: b, cfg: cfg, from: last + 1,
		sockets: map[workspace.ID]map[*socket]struct{}{}, held: map[string]int{}, ended: ended,
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "conversations_realtime_sockets", Help: "Open realtime connections.",
		}),
		slow: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "conversations_realtime_slow_total", Help: "Connections closed because they did not keep up.",
		}),
	}
	if cfg.Metrics != nil {
		cfg.Metrics.MustRegister(hub.open, hub.slow)
	}
	return hub, nil
}

func (c Config) withDefaults() Config {
	if c.Queue == 0 {
		c.Queue = defaultQueue
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = defaultMaxSockets
	}
	if c.PingInterval == 0 {
		c.PingInterval = defaultPingInterval
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = defaultWriteTimeout
	}
	return c
}

// Run hands out changes until ctx ends, then closes every socket and waits for them.
func (h *Hub) Run(ctx context.Context) error {
	defer h.serving.Wait()
	defer h.stop()
	err := h.bus.Follow(ctx, event.StreamChange, nil, h.from, func(m *bus.Message) error {
		h.publish(ctx, m)
		return nil
	})
	if ctx.Err() == nil {
		return err
	}
	return nil // stopped, perhaps while it began
}

// publish encodes a fact once for all sockets of its workspace.
func (h *Hub) publish(ctx context.Context, m *bus.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	listening := h.listening(m.Workspace())
	if len(listening) == 0 {
		return
	}
	frame, err := h.frameOf(m)
	if err != nil {
		// The sockets would miss a change without knowing it; coming back does not help, reading anew does.
		h.cfg.Logger.ErrorContext(ctx, "unreadable change", slog.Uint64("sequence", m.Sequence()), slog.Any("err", err))
		frame = reloadFrame(m.Sequence())
	}
	for s := range listening {
		if !s.offer(frame) {
			h.slow.Inc()
			s.end(closeSlow)
		}
	}
}

// listening are the sockets of a workspace.
func (h *Hub) listening(ws workspace.ID) map[*socket]struct{} {
	if !fault.Broken(fault.FilterRemoved) {
		return h.sockets[ws]
	}
	everybody := map[*socket]struct{}{}
	for _, sockets := range h.sockets {
		maps.Copy(everybody, sockets)
	}
	return everybody
}

func (h *Hub) frameOf(m *bus.Message) (frame, error) {
	fact := &eventv1.Change{}
	if err := m.Decode(fact); err != nil {
		return frame{}, err
	}
	text, err := h.cfg.Encode(m.Sequence(), fact)
	return frame{sequence: m.Sequence(), text: text}, err
}

// EndPrincipal closes every socket of a principal whose session or key was taken away.
func (h *Hub) EndPrincipal(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended.Add(key, time.Now())
	for _, sockets := range h.sockets {
		for s := range sockets {
			if s.principal.Key == key {
				s.end(closeSessionEnded)
			}
		}
	}
}

// add subscribes a socket. When it is false the code says why not.
func (h *Hub) add(s *socket) (websocket.StatusCode, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return closeStopping, false
	}
	if at, ok := h.ended.Get(s.principal.Key); ok && time.Since(at) < endedLately {
		return closeSessionEnded, false
	}
	if h.held[s.principal.Key] >= h.cfg.MaxSockets {
		return closeTooMany, false
	}
	if h.sockets[s.principal.Workspace] == nil {
		h.sockets[s.principal.Workspace] = map[*socket]struct{}{}
	}
	h.sockets[s.principal.Workspace][s] = struct{}{}
	h.held[s.principal.Key]++
	h.serving.Add(1)
	h.open.Inc()
	return 0, true
}

func (h *Hub) remove(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ws, key := s.principal.Workspace, s.principal.Key
	delete(h.sockets[ws], s)
	if len(h.sockets[ws]) == 0 {
		delete(h.sockets, ws)
	}
	if h.held[key]--; h.held[key] == 0 {
		delete(h.held, key)
	}
	h.open.Dec()
	h.serving.Done()
}

func (h *Hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for _, sockets := range h.sockets {
		for s := range sockets {
			s.end(closeStopping)
		}
	}
}
