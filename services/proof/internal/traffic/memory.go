package traffic

import "sync"

// memory keeps the newest of what it is given. It is safe for concurrent use.
type memory struct {
	mu    sync.Mutex
	kept  []string
	added int
}

func (m *memory) add(one string) {
	const most = 64
	m.mu.Lock()
	defer m.mu.Unlock()
	if one == "" {
		return
	}
	if len(m.kept) < most {
		m.kept = append(m.kept, one)
	} else {
		m.kept[m.added%most] = one
	}
	m.added++
}

// pick gives the one a number that was drawn falls on; empty when nothing is kept.
func (m *memory) pick(drawn int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) == 0 {
		return ""
	}
	return m.kept[drawn%len(m.kept)]
}
