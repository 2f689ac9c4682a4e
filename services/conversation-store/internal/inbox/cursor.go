package inbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// position is the last row of a page: the next page starts behind it.
type position struct {
	at time.Time
	id uuid.UUID
}

const (
	positionBytes = 8 + 16
	cursorBytes   = positionBytes + 4
)

// encode writes the position as the opaque cursor of one list. The scope names the list, so that a cursor of another
// list is refused instead of starting somewhere.
func (p position) encode(scope string) string {
	raw := make([]byte, 0, cursorBytes)
	raw = binary.BigEndian.AppendUint64(raw, uint64(p.at.UnixMicro()))
	raw = append(raw, p.id[:]...)
	raw = append(raw, cursorSum(scope, raw)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads a cursor of the list called scope. Anything we did not write is refused; the sum guards against
// accidents, not against forgery: a forged cursor only names another place in the caller's own list.
func decodeCursor(scope, cursor string) (position, error) {
	if len(cursor) != base64.RawURLEncoding.EncodedLen(cursorBytes) {
		return position{}, errCursor() // the decoder would skip line breaks
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorBytes ||
		subtle.ConstantTimeCompare(raw[positionBytes:], cursorSum(scope, raw[:positionBytes])) == 0 {
		return position{}, errCursor()
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC() //nolint:gosec // the bits go back unchanged
	if at.Year() < 1 || at.Year() > 9999 {
		return position{}, errCursor()
	}
	return position{at: at, id: uuid.UUID(raw[8:positionBytes])}, nil
}

func errCursor() error {
	return refuse.Invalid("cursor", "Must be a nextCursor of this list, unchanged.")
}

func cursorSum(scope string, raw []byte) []byte {
	sum := sha256.Sum256(append([]byte(scope+"\x00"), raw...))
	return sum[:cursorBytes-positionBytes]
}
