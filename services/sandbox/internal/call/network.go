package call

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	// maxLegs bounds the legs that are kept, maxLive the calls that go on at once.
	maxLegs = 5_000
	maxLive = 500
)

// EventCalls is the news for the page that something has changed on some phone.
const EventCalls = "calls"

var (
	// ErrUnknown is returned for a leg or a recording that there is none of.
	ErrUnknown = errors.New("there is no such call")
	// ErrWrongState is returned when a leg is in no state for what is to be done with it.
	ErrWrongState = errors.New("the call is in no state for this")
	// ErrBusy is returned when too many calls go on at once.
	ErrBusy = errors.New("too many calls go on at once")
)

// Config is what the network stands on.
type Config struct {
	Callbacks *callback.Dispatcher
	Faults    *fault.Set
	World     *world.World
	// Second is how long a second of the network lasts; 0 is a second.
	Second time.Duration
}

// Network is the phones and the calls between them. It is safe for concurrent use.
type Network struct {
	callbacks *callback.Dispatcher
	faults    *fault.Set
	world     *world.World
	second    time.Duration
	scripts   sync.WaitGroup

	mu sync.Mutex
	// done ends every script, and is closed when ended is true.
	done  chan struct{}
	ended bool
	lines []*Line
	legs  []*leg // the oldest first
	byID  map[string]*leg
	live  int
	tapes map[string]*tape
	order []*tape
	next  map[*Line]time.Time // when the line places its next call
}

// New makes a network without lines.
func New(config Config) *Network {
	n := &Network{
		callbacks: config.Callbacks, faults: config.Faults, world: config.World,
		second: cmp.Or(config.Second, time.Second),
	}
	n.locked(n.forget)
	return n
}

// Connect adds a line. All are added before the first call.
func (n *Network) Connect(line Line) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, &line)
}

// Run waits for ctx to end, ends every call and returns when every script has.
func (n *Network) Run(ctx context.Context) error {
	<-ctx.Done()
	n.end()
	return nil
}

// Clear ends and forgets every call.
func (n *Network) Clear() {
	n.end()
	n.locked(n.forget)
}

// end ends every script and takes no new call.
func (n *Network) end() {
	n.locked(func() {
		if !n.ended {
			n.ended = true
			close(n.done)
		}
	})
	n.scripts.Wait()
}

// forget begins anew, with the lock held.
func (n *Network) forget() {
	n.done, n.ended = make(chan struct{}), false
	n.legs, n.byID, n.live = nil, map[string]*leg{}, 0
	n.tapes, n.order, n.next = map[string]*tape{}, nil, map[*Line]time.Time{}
}

// seconds is the real length of so many seconds of the network.
func (n *Network) seconds(seconds float64) time.Duration {
	return time.Duration(seconds * float64(n.second))
}

// lineOf finds a line by its name; empty is the first.
func (n *Network) lineOf(name string) (*Line, bool) {
	for _, line := range n.lines {
		if name == "" || line.Name == name {
			return line, true
		}
	}
	return nil, false
}

// Place places a call for a client of the API of the line: it waits for its turn, and the phone rings.
func (n *Network) Place(name string, wanted Placement) (Leg, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	line, ok := n.lineOf(name)
	if !ok {
		return Leg{}, ErrUnknown
	}
	placed, err := n.begin(line, Leg{
		From: wanted.From, To: wanted.To, Direction: OutboundAPI, State: Queued,
	}, wanted.StatusURL, wanted.Events)
	if err != nil {
		return Leg{}, err
	}
	wait := n.turnOf(line)
	n.start(func(done <-chan struct{}) { n.outgoing(placed, wanted, wait, done) })
	return placed.snapshot(), nil
}

// turnOf is how long a call waits for its turn on the line.
func (n *Network) turnOf(line *Line) time.Duration {
	now := world.Now()
	at := n.next[line]
	if at.Before(now) {
		at = now
	}
	if line.CallsPerSecond > 0 {
		n.next[line] = at.Add(n.seconds(1 / line.CallsPerSecond))
	}
	return at.Sub(now)
}

// Dial lets somebody call one of our numbers through the named line, or the first.
func (n *Network) Dial(name, from, to string) (Leg, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	line, ok := n.lineOf(name)
	if !ok {
		return Leg{}, ErrUnknown
	}
	calling, err := n.begin(line, Leg{From: from, To: to, Direction: Inbound, State: Ringing}, line.IncomingURL(), nil)
	if err != nil {
		return Leg{}, err
	}
	n.start(func(done <-chan struct{}) { n.script(calling, line.IncomingURL(), done) })
	return calling.snapshot(), nil
}

// begin adds the first leg of a call. The caller holds the lock.
func (n *Network) begin(line *Line, known Leg, statusURL string, events []string) (*leg, error) {
	if n.live >= maxLive || n.ended {
		return nil, ErrBusy
	}
	told := &chain{
		callbacks: n.callbacks, flush: n.seconds(2),
		shuffles: func() bool { return n.faults.Rule(line.Name).ShuffleCallbacks },
	}
	begun := newLeg(line, told, known)
	begun.statusURL, begun.events = statusURL, events
	n.add(begun)
	n.live++
	return begun, nil
}

// add gives a leg its id and keeps it. The caller holds the lock.
func (n *Network) add(l *leg) {
	l.ID, l.Created = l.line.NewID(CallID), world.Now()
	n.legs = append(n.legs, l)
	n.byID[l.ID] = l
	if len(n.legs) > maxLegs {
		oldest := slices.IndexFunc(n.legs, func(old *leg) bool { return old.State.Over() })
		delete(n.byID, n.legs[max(oldest, 0)].ID)
		n.legs = slices.Delete(n.legs, max(oldest, 0), max(oldest, 0)+1)
	}
	n.world.Announce(EventCalls)
}

// start runs the script of a call. The caller holds the lock.
func (n *Network) start(script func(done <-chan struct{})) {
	done := n.done
	n.scripts.Go(func() { script(done) })
}

// Find gives a leg by its id.
func (n *Network) Find(id string) (Leg, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	found, ok := n.byID[id]
	if !ok {
		return Leg{}, false
	}
	return found.snapshot(), true
}

// List gives the newest legs that keep accepts, the newest first.
func (n *Network) List(limit int, keep func(Leg) bool) []Leg {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := []Leg{}
	for i := len(n.legs) - 1; i >= 0 && len(found) < limit; i-- {
		if keep(n.legs[i].Leg) {
			found = append(found, n.legs[i].snapshot())
		}
	}
	return found
}

// Answer picks up a phone that rings.
func (n *Network) Answer(id string) error {
	return n.act(id, func(l *leg) bool {
		return l.State == Ringing && l.Direction != Inbound && n.move(l, InProgress)
	})
}

// Decline turns a call down while the phone rings.
func (n *Network) Decline(id string) error {
	return n.act(id, func(l *leg) bool { return l.State == Ringing && l.Direction != Inbound && n.move(l, Busy) })
}

// HangUp ends the call of a phone, or gives up calling.
func (n *Network) HangUp(id string) error {
	return n.act(id, func(l *leg) bool {
		if l.State == InProgress {
			return n.move(l, Completed)
		}
		return l.Direction == Inbound && n.move(l, Canceled)
	})
}

// Speak says something into a phone: the other end hears it, and it is on the recording.
func (n *Network) Speak(id, text string) error {
	return n.act(id, func(l *leg) bool {
		if l.State != InProgress || len(l.Spoken) >= maxSpoken {
			return false
		}
		l.Spoken = append(l.Spoken, text)
		if l.peer != nil {
			l.peer.hear(text)
		}
		if l.tape != nil {
			l.tape.add(text)
		}
		select {
		case l.spoke <- struct{}{}:
		default:
		}
		return true
	})
}

// Update does what a client of the API asks of a call: it ends, or goes on with another document.
func (n *Network) Update(id string, status State, rawURL string) error {
	return n.act(id, func(l *leg) bool {
		switch {
		case l.State.Over():
			return false
		case status == Canceled:
			return l.State != InProgress && n.move(l, Canceled)
		case status == Completed && l.State == InProgress:
			return n.move(l, Completed)
		case status == Completed:
			return n.move(l, Canceled)
		case rawURL != "" && l.State == InProgress:
			l.redirect(rawURL)
			return true
		default:
			return false
		}
	})
}

func (n *Network) act(id string, do func(*leg) bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	found, ok := n.byID[id]
	if !ok {
		return ErrUnknown
	}
	if !do(found) {
		return ErrWrongState
	}
	n.world.Announce(EventCalls)
	return nil
}

// move brings a leg into a later state and tells of it. The caller holds the lock.
func (n *Network) move(l *leg, state State) bool {
	if state.rank() <= l.State.rank() {
		return false
	}
	now := world.Now()
	l.State = state
	switch {
	case state == InProgress:
		l.Answered = now
		close(l.up)
	case state.Over():
		l.Ended = now
		if !l.Answered.IsZero() {
			l.Duration = max(1, n.roundUp(now.Sub(l.Answered)))
		}
		close(l.over)
		if l.parent == nil {
			n.live--
		}
	}
	n.tellState(l)
	n.world.Announce(EventCalls)
	if l.ring != nil {
		n.settle(l)
	}
	return true
}

// settle notes what became of a phone that a Dial rings: the first to answer wins, and the others stop ringing.
func (n *Network) settle(l *leg) {
	r := l.ring
	if l.State == InProgress && r.winner == nil {
		r.winner = l
		for _, other := range r.legs {
			if other != l {
				n.move(other, Canceled)
			}
		}
		r.settle()
		return
	}
	if !slices.ContainsFunc(r.legs, func(other *leg) bool { return !other.State.Over() }) {
		r.settle()
	}
}

// fate is what becomes of a call to a number by its last digits; empty is a phone that rings.
func fate(number string) State {
	switch {
	case strings.HasSuffix(number, SuffixNoLine):
		return Failed
	case strings.HasSuffix(number, SuffixBusy):
		return Busy
	default:
		return ""
	}
}

// The last digits of a number that rings no phone.
const (
	SuffixNoLine = "0002"
	SuffixBusy   = "0003"
)
