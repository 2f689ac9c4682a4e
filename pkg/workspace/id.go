// Package workspace names the tenant: every subject, key, row and question carries a workspace id.
package workspace

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// ErrInvalidID is returned when a text is not a workspace id.
var ErrInvalidID = errors.New("not a workspace id")

// ID identifies a workspace. Its text is a lower-case UUID, safe as a subject token and in a bucket key.
// The zero ID belongs to no workspace.
type ID struct{ value uuid.UUID }

// NewID makes a fresh, time-ordered id (UUIDv7, RFC 9562).
func NewID() ID { return ID{value: uuid.Must(uuid.NewV7())} }

// ParseID accepts the canonical text of a UUID and nothing else.
func ParseID(text string) (ID, error) {
	value, err := uuid.Parse(text)
	if err != nil || value == uuid.Nil || value.String() != text {
		return ID{}, fmt.Errorf("%w: %q", ErrInvalidID, text)
	}
	return ID{value: value}, nil
}

// String is the canonical text.
func (id ID) String() string { return id.value.String() }

// UUID is the id as the database holds it.
func (id ID) UUID() uuid.UUID { return id.value }

// IsZero tells whether the id belongs to no workspace.
func (id ID) IsZero() bool { return id.value == uuid.Nil }
