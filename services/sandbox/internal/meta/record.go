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

func (a *API) ended(id string, err error) {
	if err != nil {
		a.world.SetState(id, world.Lost, err.Error())
		return
	}
	a.world.SetState(id, world.Taken, "")
}
