package file

import "sync"

// Budget bounds the bytes of files that are on their way to providers at one time. Who does not fit waits, in order: a
// large message is not overtaken for ever by small ones. It is safe for concurrent use.
type Budget struct {
	size int64

	mu      sync.Mutex
	used    int64
	waiting []waiter
}

type waiter struct {
	bytes int64
	pass  func()
}

// NewBudget makes a budget of size bytes.
func NewBudget(size int64) *Budget { return &Budget{size: size} }

// Enter takes bytes out of the budget and tells whether they were there. If not, pass is called once when they are, and
// they are taken then. What is larger than the whole budget goes alone.
func (b *Budget) Enter(bytes int64, pass func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 && b.take(bytes) {
		return true
	}
	b.waiting = append(b.waiting, waiter{bytes, pass})
	return false
}

// Leave gives back the bytes that an Enter took.
func (b *Budget) Leave(bytes int64) {
	b.mu.Lock()
	b.used -= min(bytes, b.size)
	var passing []func()
	for len(b.waiting) > 0 && b.take(b.waiting[0].bytes) {
		passing = append(passing, b.waiting[0].pass)
		b.waiting = b.waiting[1:]
	}
	b.mu.Unlock()
	for _, pass := range passing {
		pass()
	}
}

// take takes bytes if they are there. The caller holds mu.
func (b *Budget) take(bytes int64) bool {
	bytes = min(bytes, b.size)
	if b.used+bytes > b.size {
		return false
	}
	b.used += bytes
	return true
}
