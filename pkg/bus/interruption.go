package bus

import (
	"errors"
	"sync"
)

var errInterrupted = errors.New("the connection was interrupted")

// interruptions tells everyone who watches that the connection was lost. A request for messages can survive that on
// the server, so that nothing else says that what was sent meanwhile is gone.
type interruptions struct {
	mu   sync.Mutex
	next chan struct{}
}

func newInterruptions() *interruptions { return &interruptions{next: make(chan struct{})} }

// watch is closed at the next interruption.
func (i *interruptions) watch() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.next
}

func (i *interruptions) announce() {
	i.mu.Lock()
	defer i.mu.Unlock()
	close(i.next)
	i.next = make(chan struct{})
}
