package sms

import (
	"sync"
	"time"
)

const (
	// window is how long after a customer's last message a chat takes free-form answers.
	window     = 24 * time.Hour
	maxWindows = 100_000
)

// Windows remembers when customers last wrote to our numbers in a chat. It is safe for concurrent use.
type Windows struct {
	mu      sync.Mutex
	written map[pair]time.Time
}

// pair is one of our numbers and a customer.
type pair struct{ number, customer string }

// NewWindows makes windows that are all closed.
func NewWindows() *Windows { return &Windows{written: map[pair]time.Time{}} }

// Open opens the window of a customer who has written.
func (w *Windows) Open(number, customer string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.written) >= maxWindows {
		clear(w.written)
	}
	w.written[pair{number, customer}] = at
}

// IsOpen tells whether the customer has written to the number within the window.
func (w *Windows) IsOpen(number, customer string, at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	written, ok := w.written[pair{number, customer}]
	return ok && at.Sub(written) < window
}

// Clear closes all windows.
func (w *Windows) Clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.written)
}
