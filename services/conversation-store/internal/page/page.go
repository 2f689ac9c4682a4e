// Package page cuts lists into pages: keyset pages, whose cursor names the last row of the page before.
package page

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// Position is the last row of a page: the next page starts behind it.
type Position struct {
	At time.Time
	ID uuid.UUID
}

const (
	positionBytes = 8 + 16
	cursorBytes   = positionBytes + 4
)

const (
	// DefaultLimit is how many rows a page has when nobody says.
	DefaultLimit = 50
	// MaxLimit is how many it has at most.
	MaxLimit = 100
)

// Encode writes the position as the opaque cursor of one list. The scope names the list, so that a cursor of another
// list is refused instead of starting somewhere.
func (p Position) Encode(scope string) string {
	raw := make([]byte, 0, cursorBytes)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.At.UnixMicro()))
	raw = append(raw, p.ID[:]...)
	raw = append(raw, cursorSum(scope, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decode reads a cursor of the list called scope. Anything we did not write is refused; the sum guards against
// accidents, not against forgery: a forged cursor only names another place in the caller's own list.
func decode(scope, cursor string) (Position, error) {
	if len(cursor) != base64.RawURLEncoding.EncodedLen(cursorBytes) {
		return Position{}, errCursor() // the decoder would skip line breaks
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorBytes ||
		subtle.ConstantTimeCompare(raw[positionBytes:], cursorSum(scope, raw[:positionBytes])) == 0 {
		return Position{}, errCursor()
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC() //nolint:gosec // the bits go back unchanged
	if at.Year() < 1 || at.Year() > 9999 {
		return Position{}, errCursor()
	}
	return Position{At: at, ID: uuid.UUID(raw[8:positionBytes])}, nil
}

// Of checks limit and cursor of the list called scope; after is nil for the first page.
func Of(scope string, limit int32, cursor string) (rows int, after *Position, err error) {
	if limit < 0 || limit > MaxLimit {
		return 0, nil, refuse.Invalid("limit", "Must be 1 to 100.")
	}
	if limit == 0 {
		limit = DefaultLimit
	}
	if cursor == "" {
		return int(limit), nil, nil
	}
	position, err := decode(scope, cursor)
	return int(limit), &position, err
}

func errCursor() error {
	return refuse.Invalid("cursor", "Must be a nextCursor of this list, unchanged.")
}

func cursorSum(scope string, raw []byte) []byte {
	sum := sha256.Sum256(append([]byte(scope+"\x00"), raw...))
	return sum[:cursorBytes-positionBytes]
}
