package credential

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// gate lets messages of one credential and sender address pass at the provider's rate. Who has to wait is served
// workspace by workspace in turn. It is safe for concurrent use.
type gate struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	until   time.Time // paused until then
	held    bool
	waiting map[workspace.ID][]func()
	turn    []workspace.ID
	timer   *time.Timer
}

// newGate passes perSecond messages a second; 0 is without limit.
func newGate(perSecond float64) *gate {
	limiter := rate.NewLimiter(rate.Inf, 0)
	if perSecond > 0 {
		limiter = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
	}
	return &gate{limiter: limiter, waiting: map[workspace.ID][]func(){}}
}

// enter tells whether a message may pass now. If not, pass is called once when it may.
func (g *gate) enter(ws workspace.ID, pass func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.turn) == 0 && g.open() && g.limiter.Allow() {
		return true
	}
	if len(g.waiting[ws]) == 0 {
		g.turn = append(g.turn, ws)
	}
	g.waiting[ws] = append(g.waiting[ws], pass)
	g.arm()
	return false
}

// pause lets nothing pass until the instant.
func (g *gate) pause(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = until
	g.disarm()
	g.arm()
}

// hold lets nothing pass until it is called with false.
func (g *gate) hold(held bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = held
	g.disarm()
	g.arm()
}

// stop forgets who waits.
func (g *gate) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.disarm()
	g.waiting, g.turn = map[workspace.ID][]func(){}, nil
}

func (g *gate) open() bool { return !g.held && !time.Now().Before(g.until) }

// arm sets the timer for the next one to pass. The caller holds mu.
func (g *gate) arm() {
	if g.timer != nil || g.held || len(g.turn) == 0 {
		return
	}
	delay := time.Until(g.until)
	reservation := g.limiter.Reserve()
	delay = max(delay, reservation.Delay())
	reservation.Cancel()
	g.timer = time.AfterFunc(delay, g.serve)
}

func (g *gate) disarm() {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
}

// serve lets pass who may.
func (g *gate) serve() {
	g.mu.Lock()
	g.timer = nil
	var passing []func()
	for len(g.turn) > 0 && g.open() && g.limiter.Allow() {
		ws := g.turn[0]
		g.turn = g.turn[1:]
		passing = append(passing, g.waiting[ws][0])
		if g.waiting[ws] = g.waiting[ws][1:]; len(g.waiting[ws]) > 0 {
			g.turn = append(g.turn, ws)
		} else {
			delete(g.waiting, ws)
		}
	}
	g.arm()
	g.mu.Unlock()
	for _, pass := range passing {
		pass()
	}
}
