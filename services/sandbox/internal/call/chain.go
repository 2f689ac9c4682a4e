package call

import (
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
)

// chain posts the webhooks about one call one after the other, so that they arrive in their order. Told to shuffle it
// holds one back until the next has come, and posts the two the other way round.
type chain struct {
	callbacks *callback.Dispatcher
	shuffles  func() bool
	flush     time.Duration

	mu      sync.Mutex
	waiting []callback.Callback
	held    *callback.Callback
	busy    bool
}

// maxWaiting bounds the webhooks about one call that wait for their turn.
const maxWaiting = 1_000

func (c *chain) tell(one callback.Callback) {
	c.mu.Lock()
	switch {
	case len(c.waiting) >= maxWaiting:
	case c.held != nil:
		c.waiting = append(c.waiting, one, *c.held)
		c.held = nil
	case c.shuffles():
		c.held = &one
		time.AfterFunc(c.flush, c.release)
	default:
		c.waiting = append(c.waiting, one)
	}
	c.unlock()
}

// release posts what is held back when nothing followed it.
func (c *chain) release() {
	c.mu.Lock()
	if c.held != nil {
		c.waiting = append(c.waiting, *c.held)
		c.held = nil
	}
	c.unlock()
}

func (c *chain) ended(error) {
	c.mu.Lock()
	c.busy = false
	c.unlock()
}

// unlock posts the first that waits, unless another is being posted.
func (c *chain) unlock() {
	if c.busy || len(c.waiting) == 0 {
		c.mu.Unlock()
		return
	}
	one := c.waiting[0]
	c.waiting, c.busy = c.waiting[1:], true
	c.mu.Unlock()
	one.Ended = c.ended
	c.callbacks.Deliver(one)
}
