package world

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
)

const (
	maxMessages    = 100_000
	maxBytes       = 96 << 20
	maxSubscribers = 64
	subscriberLag  = 512
)

// ErrTooManySubscribers is returned when no further listener is taken.
var ErrTooManySubscribers = errors.New("too many listeners")

// Event is news for a listener. Message is empty for a reset.
type Event struct {
	Kind    string
	Message Message
}

// The kinds of events.
const (
	EventReceived = "received"
	EventWritten  = "written"
	EventState    = "state"
	EventReset    = "reset"
	EventFaults   = "faults"
)

// World holds the newest messages and tells listeners of every change. It is safe for concurrent use.
type World struct {
	messages *ring.Ring[Message]
	// watchers are told of every message.
	watchers []func(Message)

	mu          sync.Mutex
	subscribers map[chan Event]struct{}
}

// New makes an empty world. The watchers are told of every message.
func New(watchers ...func(Message)) *World {
	return &World{
		messages: ring.New[Message](maxMessages, maxBytes), watchers: watchers, subscribers: map[chan Event]struct{}{},
	}
}

// Add records a message that a customer received or wrote.
func (w *World) Add(message Message) {
	message = message.clone()
	if !w.messages.Add(message.ID, message, message.size()) {
		return
	}
	for _, watch := range w.watchers {
		watch(message)
	}
	kind := EventReceived
	if message.Written {
		kind = EventWritten
	}
	w.tell(Event{Kind: kind, Message: message})
}

// SetState records how far a message that the customer wrote has come.
func (w *World) SetState(id string, state State, detail string) {
	changed, ok := w.messages.Update(id, func(m Message) Message {
		m.State, m.Detail = state, detail
		return m
	})
	if ok {
		w.tell(Event{Kind: EventState, Message: changed})
	}
}

// SetRead records that the customer has opened a message; false when it was open already, or is not there.
func (w *World) SetRead(id string) bool {
	first := false
	changed, ok := w.messages.Update(id, func(m Message) Message {
		first = !m.IsRead
		m.IsRead = true
		return m
	})
	if ok && first {
		w.tell(Event{Kind: EventState, Message: changed})
	}
	return ok && first
}

// Message finds a message by its id.
func (w *World) Message(id string) (Message, bool) { return w.messages.Get(id) }

// Received lists the newest messages the customer received, the oldest first; an empty address means everybody.
func (w *World) Received(customer string, limit int) []Message { return w.list(false, customer, limit) }

// Written lists the newest messages the customer wrote, the oldest first; an empty address means everybody.
func (w *World) Written(customer string, limit int) []Message { return w.list(true, customer, limit) }

func (w *World) list(written bool, customer string, limit int) []Message {
	found := w.messages.Newest(limit, func(m Message) bool {
		return m.Written == written && (customer == "" || m.Customer == customer)
	})
	slices.Reverse(found)
	return found
}

// Peers lists the addresses seen, the latest first.
func (w *World) Peers(limit int) []Peer {
	peers := map[Peer]*Peer{}
	note := func(m Message, address string, business bool) {
		key := Peer{Channel: m.Channel, Address: address, Business: business}
		if peers[key] == nil {
			peers[key] = &Peer{Channel: key.Channel, Address: address, Business: business, LastAt: m.At}
		}
		peers[key].Messages++
	}
	w.messages.Newest(maxMessages, func(m Message) bool {
		note(m, m.Customer, false)
		note(m, m.Business, true)
		return false
	})
	list := make([]Peer, 0, len(peers))
	for _, peer := range peers {
		list = append(list, *peer)
	}
	slices.SortFunc(list, func(a, b Peer) int {
		return cmp.Or(b.LastAt.Compare(a.LastAt), cmp.Compare(a.Address, b.Address))
	})
	return list[:min(limit, len(list))]
}

// Clear forgets everything and tells the listeners.
func (w *World) Clear() {
	w.messages.Clear()
	w.tell(Event{Kind: EventReset})
}

// Announce tells the listeners of something that is no message.
func (w *World) Announce(kind string) { w.tell(Event{Kind: kind}) }

// Subscribe gives the news from now on. The channel is closed when the listener falls too far behind: it then has
// missed something and must read everything again. stop must be called. It returns ErrTooManySubscribers.
func (w *World) Subscribe() (events <-chan Event, stop func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.subscribers) >= maxSubscribers {
		return nil, nil, ErrTooManySubscribers
	}
	channel := make(chan Event, subscriberLag)
	w.subscribers[channel] = struct{}{}
	return channel, func() { w.unsubscribe(channel) }, nil
}

func (w *World) unsubscribe(channel chan Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.subscribers, channel)
}

func (w *World) tell(event Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for channel := range w.subscribers {
		select {
		case channel <- event:
		default:
			delete(w.subscribers, channel)
			close(channel)
		}
	}
}

// Now is the time of a message: UTC, milliseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
