package provider

import (
	"slices"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
)

const maxEntries = 10_000

// Entry is one call in the log. The same message twice at the provider is two accepted entries.
type Entry struct {
	ID                     string
	At                     time.Time
	Provider, Method, Path string
	IdempotencyKey         string
	To, MessageID          string
	Status                 int
	Outcome                string
	Took                   time.Duration
}

// Journal is the log of the newest calls to all providers.
type Journal struct {
	entries  *ring.Ring[Entry]
	watchers []func(Entry)
}

// NewJournal makes an empty log. The watchers are told of every call.
func NewJournal(watchers ...func(Entry)) *Journal {
	return &Journal{entries: ring.New[Entry](maxEntries, maxEntries), watchers: watchers}
}

// List gives the newest calls to a provider (empty: to all), the oldest first.
func (j *Journal) List(provider string, limit int) []Entry {
	found := j.entries.Newest(limit, func(e Entry) bool { return provider == "" || e.Provider == provider })
	slices.Reverse(found)
	return found
}

// Clear forgets all calls.
func (j *Journal) Clear() { j.entries.Clear() }

func (j *Journal) add(entry Entry) {
	j.entries.Add(entry.ID, entry, 1)
	for _, watch := range j.watchers {
		watch(entry)
	}
}
