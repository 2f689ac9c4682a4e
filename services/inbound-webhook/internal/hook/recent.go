package hook

import (
	"crypto/sha256"
	"strings"
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxRecent is how many facts of each generation are remembered.
const maxRecent = 100_000

// recent remembers what was published lately, so that a sweep does not publish all of it again and again. It forgets
// the older half when it is full: what it has forgotten is published once more, and changes nothing. It is safe for
// concurrent use.
type recent struct {
	size int

	mu         sync.Mutex
	young, old map[factKey]struct{}
}

type factKey [16]byte

func newRecent(size int) *recent {
	return &recent{size: size, young: map[factKey]struct{}{}, old: map[factKey]struct{}{}}
}

func (r *recent) add(endpoint Endpoint, delivery channel.Delivery) {
	facts := factsOf(endpoint, delivery)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range facts {
		if len(r.young) >= r.size {
			r.old, r.young = r.young, map[factKey]struct{}{}
		}
		r.young[key] = struct{}{}
	}
}

// knows tells that everything a delivery says was published lately.
func (r *recent) knows(endpoint Endpoint, delivery channel.Delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range factsOf(endpoint, delivery) {
		_, young := r.young[key]
		if _, old := r.old[key]; !young && !old {
			return false
		}
	}
	return true
}

// factsOf names what a delivery tells.
func factsOf(endpoint Endpoint, delivery channel.Delivery) []factKey {
	var keys []factKey
	name := func(parts ...string) {
		sum := sha256.Sum256([]byte(strings.Join(append(parts, endpoint.Provider, endpoint.Account), "\x00")))
		keys = append(keys, factKey(sum[:16]))
	}
	for _, inbound := range delivery.Inbound {
		name("inbound", string(inbound.Kind), inbound.ExternalID)
	}
	for _, receipt := range delivery.Receipts {
		name("receipt", receipt.DedupeKey)
	}
	for _, told := range delivery.Calls {
		name("call", callKey(told))
	}
	for _, suppression := range delivery.Suppressions {
		name("suppression", suppression.DedupeKey, suppression.Address)
	}
	return keys
}
