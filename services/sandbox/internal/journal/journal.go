// Package journal keeps for a whole run, in order, what a checker needs to know of the outside world: what reached which
// customer, what customers wrote, which calls came to the providers, and what each attempt of each callback was answered.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Kind says what an entry tells of.
type Kind string

// The kinds.
const (
	// Received: a message reached a customer.
	Received Kind = "received"
	// Written: a customer wrote a message.
	Written Kind = "written"
	// Request: a provider was called.
	Request Kind = "request"
	// Callback: a callback was posted once, or was lost on purpose.
	Callback Kind = "callback"
)

// maxText is how much of a text is kept, in bytes.
const maxText = 256

// Entry is one thing that happened. What does not apply is empty.
type Entry struct {
	// Seq numbers the entries from one.
	Seq      uint64    `json:"seq"`
	At       time.Time `json:"at"`
	Kind     Kind      `json:"kind"`
	Provider string    `json:"provider"`
	Channel  string    `json:"channel,omitempty"`
	// ExternalID is the provider's id of the message that the entry is about.
	ExternalID string `json:"externalId,omitempty"`
	Customer   string `json:"customer,omitempty"`
	Business   string `json:"business,omitempty"`
	Subject    string `json:"subject,omitempty"`
	// Text is the beginning of the text.
	Text  string `json:"text,omitempty"`
	Files []File `json:"files,omitempty"`
	// Name is what a callback tells, or the path of a request.
	Name string `json:"name,omitempty"`
	// Key is the idempotency key of a request.
	Key string `json:"key,omitempty"`
	// Attempt counts the posts of a callback from one. Status is what was answered, 0 when nothing was.
	Attempt int    `json:"attempt,omitempty"`
	Status  int    `json:"status,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// File is a file by its size and the SHA-256 of its content.
type File struct {
	Filename string `json:"filename"`
	Size     int    `json:"size"`
	Sum      string `json:"sum"`
}

// Journal is the entries, the oldest of which leave past its capacity. It is safe for concurrent use.
type Journal struct {
	mu       sync.Mutex
	capacity int
	entries  []Entry
	last     uint64
}

// New makes an empty journal of at most capacity entries.
func New(capacity int) *Journal { return &Journal{capacity: max(1, capacity)} }

// Page lists up to limit entries past a sequence, and the first and last sequence that the journal holds.
func (j *Journal) Page(after uint64, limit int) (page []Entry, first, last uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	first = j.last - uint64(len(j.entries)) + 1
	from := 0
	if after >= first {
		from = int(min(after-first+1, uint64(len(j.entries)))) //nolint:gosec // no more than there are entries
	}
	rest := j.entries[from:]
	return append([]Entry{}, rest[:min(limit, len(rest))]...), first, j.last
}

// Clear forgets the entries. Their numbers are not given again.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
}

// Message enters a message that a customer received or wrote.
func (j *Journal) Message(m world.Message) {
	entry := Entry{
		At: m.At, Kind: Received, Provider: m.Provider, Channel: m.Channel, ExternalID: m.ExternalID,
		Customer: m.Customer, Business: m.Business, Subject: beginning(m.Subject), Text: beginning(m.Body),
	}
	if m.Written {
		entry.Kind = Written
	}
	for _, file := range m.Files {
		sum := sha256.Sum256(file.Content)
		entry.Files = append(entry.Files, File{Filename: beginning(file.Filename), Size: len(file.Content), Sum: hex.EncodeToString(sum[:])})
	}
	j.add(entry)
}

// Request enters a call to a provider.
func (j *Journal) Request(e provider.Entry) {
	j.add(Entry{
		At: e.At, Kind: Request, Provider: e.Provider, ExternalID: e.MessageID, Customer: beginning(e.To),
		Name: e.Method + " " + beginning(e.Path), Key: beginning(e.IdempotencyKey), Status: e.Status, Outcome: e.Outcome,
	})
}

// Callback enters an attempt of a callback.
func (j *Journal) Callback(a callback.Attempt) {
	entry := Entry{
		At: a.At, Kind: Callback, Provider: a.Provider, ExternalID: a.About, Name: a.Name, Attempt: a.Number,
		Status: a.Status, Outcome: a.Outcome,
	}
	if a.Err != nil {
		entry.Detail = beginning(a.Err.Error())
	}
	j.add(entry)
}

func (j *Journal) add(entry Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	entry.Seq = j.last
	if len(j.entries) >= j.capacity {
		j.entries[0] = Entry{} // lets go of the texts before the array is replaced
		j.entries = j.entries[1:]
	}
	j.entries = append(j.entries, entry)
}

func beginning(text string) string {
	if len(text) <= maxText {
		return text
	}
	return string([]byte(text[:maxText])) // a copy: the whole text is not held for its beginning
}
