package callback

import "errors"

var (
	errFull    = errors.New("too many callbacks are waiting")
	errDropped = errors.New("dropped as told")
)

// queue is a heap of callbacks, the next one first.
type queue []Callback

// Len implements heap.Interface.
func (q queue) Len() int { return len(q) }

// Less implements heap.Interface; of two that are due at once the earlier put goes first.
func (q queue) Less(i, j int) bool {
	if q[i].At.Equal(q[j].At) {
		return q[i].sequence < q[j].sequence
	}
	return q[i].At.Before(q[j].At)
}

// Swap implements heap.Interface.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(value any) {
	if one, ok := value.(Callback); ok {
		*q = append(*q, one)
	}
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = Callback{}
	*q = old[:len(old)-1]
	return last
}
