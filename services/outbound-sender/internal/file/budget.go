package file

import (
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// Budget bounds the bytes of files that are on their way to providers at one time. Who does not fit waits, workspace by
// workspace in turn; whose turn it is is not overtaken, so that a large message is not kept waiting for ever by small
// ones. It is safe for concurrent use.
type Budget struct {
	size int64

	mu      sync.Mutex
	used    int64
	waiting map[workspace.ID][]waiter
	turn    []workspace.ID
}

type waiter struct {
	bytes int64
	pass  func()
}

// NewBudget makes a budget of size bytes.
func NewBudget(size int64) *Budget { return &Budget{size: size, waiting: map[workspace.ID][]waiter{}} }

// Enter takes bytes out of the budget and tells whether they were there. If not, pass is called once when they are, and
// they are taken then. What is larger than the whole budget goes alone.
func (b *Budget) Enter(ws workspace.ID, bytes int64, pass func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.turn) == 0 && b.take(bytes) {
		return true
	}
	if len(b.waiting[ws]) == 0 {
		b.turn = append(b.turn, ws)
	}
	b.waiting[ws] = append(b.waiting[ws], waiter{bytes, pass})
	return false
}

// Leave gives back the bytes that an Enter took.
func (b *Budget) Leave(bytes int64) {
	b.mu.Lock()
	b.used -= min(bytes, b.size)
	var passing []func()
	for len(b.turn) > 0 && b.take(b.waiting[b.turn[0]][0].bytes) {
		passing = append(passing, b.next())
	}
	b.mu.Unlock()
	for _, pass := range passing {
		pass()
	}
}

// next takes out who is first, and puts the workspace at the end of the turn. The caller holds mu.
func (b *Budget) next() func() {
	ws := b.turn[0]
	b.turn = b.turn[1:]
	first := b.waiting[ws][0]
	if b.waiting[ws] = b.waiting[ws][1:]; len(b.waiting[ws]) > 0 {
		b.turn = append(b.turn, ws)
	} else {
		delete(b.waiting, ws)
	}
	return first.pass
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
