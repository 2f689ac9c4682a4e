package traffic

import (
	"context"
	"sync"
)

// maxQueued bounds the messages that wait for their turn in a lane.
const maxQueued = 500

// lane is one customer of a workspace on one channel. What the workspace sends in it goes one after the other, each when
// the one before was accepted or refused: so that the order in which they were accepted is known.
type lane struct {
	office            *office
	channel, customer string

	mu      sync.Mutex
	queue   []*draft
	sending bool
	turns   int
	// written tells that the customer has written, which opens the window of a chat.
	written bool
}

func newLane(o *office, channel, customer string) *lane {
	return &lane{office: o, channel: channel, customer: customer}
}

// name names the lane in a history.
func (l *lane) name() string { return l.office.workspace + "/" + l.channel + "/" + l.customer }

// push queues drafts and tells whether somebody must now send what is queued.
func (l *lane) push(drafts ...*draft) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue)+len(drafts) > maxQueued {
		return false
	}
	l.queue = append(l.queue, drafts...)
	if l.sending {
		return false
	}
	l.sending = true
	return true
}

// next takes the next draft; nil when there is none, and nobody sends any more.
func (l *lane) next() *draft {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.sending = false
		return nil
	}
	taken := l.queue[0]
	l.queue = l.queue[1:]
	l.turns++
	taken.turn = l.turns
	return taken
}

// stop puts a draft that was begun and not answered back to the front, and drops the others.
func (l *lane) stop(unanswered *draft) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sending, l.queue = false, nil
	if unanswered.attempts > 0 {
		l.queue = []*draft{unanswered}
	}
}

// unanswered takes the draft that was begun and not answered, if there is one.
func (l *lane) unanswered() *draft {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	left := l.queue[0]
	l.queue = nil
	return left
}

// drain sends what is queued until nothing is, or ctx ends.
func (d *Driver) drain(ctx context.Context, l *lane) {
	for {
		taken := l.next()
		if taken == nil {
			return
		}
		if !d.send(ctx, taken) {
			l.stop(taken)
			return
		}
	}
}

// wrote notes that the customer has written.
func (l *lane) wrote() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written = true
}

func (l *lane) hasWritten() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
}
