package ratelimit

import "sync"

// Slots bounds what is under way at the same moment: all of it, and that of one caller. It is safe for concurrent use.
type Slots struct {
	most, each int

	mu    sync.Mutex
	taken int
	of    map[string]int
}

// NewSlots makes Slots for most callers together, and each of them.
func NewSlots(most, each int) *Slots {
	return &Slots{most: most, each: each, of: map[string]int{}}
}

// Enter takes a slot, which leave gives back; false when none is free.
func (s *Slots) Enter(key string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.most || s.of[key] >= s.each {
		return nil, false
	}
	s.taken++
	s.of[key]++
	return sync.OnceFunc(func() { s.leave(key) }), true
}

func (s *Slots) leave(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.of[key]--; s.of[key] == 0 {
		delete(s.of, key)
	}
}
