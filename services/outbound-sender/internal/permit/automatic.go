package permit

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// remembered is how many conversations are known at once. One forgotten may have its automatic messages again.
const remembered = 50_000

// Automatic bounds the messages that programs write in one conversation, so that two programs do not answer each other
// for ever. It is safe for concurrent use.
type Automatic struct {
	most   int
	within time.Duration

	mu   sync.Mutex
	sent *simplelru.LRU[string, []time.Time] // by conversation: the newest, oldest first
}

// NewAutomatic lets most messages through in any stretch of within.
func NewAutomatic(most int, within time.Duration) (*Automatic, error) {
	sent, err := simplelru.NewLRU[string, []time.Time](remembered, nil)
	if err != nil {
		return nil, fmt.Errorf("remembering automatic messages: %w", err)
	}
	return &Automatic{most: most, within: within, sent: sent}, nil
}

// Allow counts a message of a conversation and tells whether it may go; one that may not is not counted.
func (a *Automatic) Allow(conversation string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	times, _ := a.sent.Get(conversation)
	for len(times) > 0 && now.Sub(times[0]) >= a.within {
		times = times[1:]
	}
	allowed := len(times) < a.most
	if allowed {
		times = append(slices.Clip(times), now)
	}
	a.sent.Add(conversation, times)
	return allowed
}
