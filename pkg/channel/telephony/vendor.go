package telephony

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Vendor is what a provider has of its own where all of them do the same.
type Vendor struct {
	// Title is its name, Account what it calls an account with it, Permissions where the account says which countries may
	// be called: words in sentences that people read.
	Title, Account, Permissions string
	// Codes are its codes and what they mean, but for those of calls; Status translates its word for an outbound message,
	// empty for one we do not know.
	Codes  func() channel.Meanings
	Status func(word string) channel.Status
	// Time reads a time as the API writes it; zero for what is none.
	Time func(text string) time.Time
	// Cursor reads the place of the next page out of its address; empty when no page follows.
	Cursor func(next string) string
}
