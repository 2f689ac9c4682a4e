// Package ring keeps the newest entries of a growing list within a count and a size.
package ring

import "sync"

// Ring holds values by key in the order they were added. The oldest leave when the count or the size is exceeded.
// It is safe for concurrent use.
type Ring[T any] struct {
	mu       sync.RWMutex
	capacity int
	maxSize  int
	size     int
	first    int // the sequence number of entries[0]
	entries  []entry[T]
	byKey    map[string]int
}

type entry[T any] struct {
	key   string
	value T
	size  int
}

// New makes a ring of at most capacity entries whose sizes add up to at most maxSize.
func New[T any](capacity, maxSize int) *Ring[T] {
	return &Ring[T]{capacity: capacity, maxSize: maxSize, byKey: map[string]int{}}
}

// Add appends a value. A key that is there already is answered with false and changes nothing.
func (r *Ring[T]) Add(key string, value T, size int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.byKey[key]; taken {
		return false
	}
	r.byKey[key] = r.first + len(r.entries)
	r.entries = append(r.entries, entry[T]{key: key, value: value, size: size})
	r.size += size
	for len(r.entries) > 1 && (len(r.entries) > r.capacity || r.size > r.maxSize) {
		r.dropOldest()
	}
	return true
}

// Get finds a value by its key.
func (r *Ring[T]) Get(key string) (T, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at, ok := r.byKey[key]
	if !ok {
		var none T
		return none, false
	}
	return r.entries[at-r.first].value, true
}

// Update replaces a value by what change makes of it; false when the key is gone.
func (r *Ring[T]) Update(key string, change func(T) T) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.byKey[key]
	if !ok {
		var none T
		return none, false
	}
	held := &r.entries[at-r.first]
	held.value = change(held.value)
	return held.value, true
}

// Newest lists up to limit values that keep accepts, the newest first.
func (r *Ring[T]) Newest(limit int, keep func(T) bool) []T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found := []T{}
	for i := len(r.entries) - 1; i >= 0 && len(found) < limit; i-- {
		if keep(r.entries[i].value) {
			found = append(found, r.entries[i].value)
		}
	}
	return found
}

// Clear forgets everything.
func (r *Ring[T]) Clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries, r.size, r.first, r.byKey = nil, 0, 0, map[string]int{}
}

func (r *Ring[T]) dropOldest() {
	oldest := r.entries[0]
	delete(r.byKey, oldest.key)
	r.size -= oldest.size
	r.entries[0] = entry[T]{} // lets go of the value before the array is replaced
	r.entries = r.entries[1:]
	r.first++
}
