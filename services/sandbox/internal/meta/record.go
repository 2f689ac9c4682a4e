package meta

import (
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// record is a message of ours as the provider keeps it.
type record struct {
	id, number, customer, ours string
	created                    time.Time
}

func (r record) size() int { return 256 + len(r.ours) }

// newID makes the id of a message.
func newID() string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // it never fails
	return "wamid." + base64.RawURLEncoding.EncodeToString(raw)
}

// newFileID makes the id of a file, a number.
func newFileID() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1e15))
	if err != nil {
		return "1"
	}
	return number.Add(number, big.NewInt(1e15)).String()
}

// touch opens the window of a customer who has written.
func (a *API) touch(number, customer string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.windows) >= maxRecords {
		clear(a.windows)
	}
	a.windows[pair{number, customer}] = at
}

// isOpen tells whether the customer has written to the number within the window.
func (a *API) isOpen(number, customer string, at time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	written, ok := a.windows[pair{number, customer}]
	return ok && at.Sub(written) < window
}

func (a *API) ended(id string, err error) {
	if err != nil {
		a.world.SetState(id, world.Lost, err.Error())
		return
	}
	a.world.SetState(id, world.Taken, "")
}
