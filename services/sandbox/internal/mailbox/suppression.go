package mailbox

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Reason is why an address is written to no more.
type Reason string

// The reasons.
const (
	ByBounce      Reason = "bounce"
	ByComplaint   Reason = "complaint"
	ByUnsubscribe Reason = "unsubscribe"
	ByHand        Reason = "manual"
)

// maxSuppressed bounds the list; past it nobody is added.
const maxSuppressed = 100_000

// Suppression is an address that a provider holds everything back from.
type Suppression struct {
	Address string
	Reason  Reason
	At      time.Time
}

// Suppressions is the list of a provider. The zero value is empty; it is safe for concurrent use.
type Suppressions struct {
	mu   sync.Mutex
	held map[string]Suppression
}

// Add puts an address on the list; false when it is there already.
func (s *Suppressions) Add(address string, reason Reason) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	address = Plain(address)
	if _, known := s.held[address]; known || len(s.held) >= maxSuppressed {
		return false
	}
	if s.held == nil {
		s.held = map[string]Suppression{}
	}
	s.held[address] = Suppression{Address: address, Reason: reason, At: time.Now().UTC()}
	return true
}

// Remove takes an address off the list; false when it was not there, or is for another reason than one of those given.
func (s *Suppressions) Remove(address string, reasons ...Reason) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	address = Plain(address)
	held, known := s.held[address]
	if !known || len(reasons) > 0 && !slices.Contains(reasons, held.Reason) {
		return false
	}
	delete(s.held, address)
	return true
}

// Find tells whether an address is on the list.
func (s *Suppressions) Find(address string) (Suppression, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, known := s.held[Plain(address)]
	return held, known
}

// List gives those on the list for one of the reasons, or for any, by their address.
func (s *Suppressions) List(reasons ...Reason) []Suppression {
	s.mu.Lock()
	defer s.mu.Unlock()
	var listed []Suppression
	for _, one := range s.held {
		if len(reasons) == 0 || slices.Contains(reasons, one.Reason) {
			listed = append(listed, one)
		}
	}
	slices.SortFunc(listed, func(a, b Suppression) int { return strings.Compare(a.Address, b.Address) })
	return listed
}

// Clear empties the list.
func (s *Suppressions) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = nil
}
