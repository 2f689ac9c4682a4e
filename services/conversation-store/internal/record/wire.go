package record

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"
)

// errValue is returned for a value that is not of its column's type, or that a fact cannot carry.
var errValue = errors.New("a value cannot be read")

// wireRow writes the message of a row.
type wireRow struct {
	data []byte
	part []byte // a message in the message
	err  error
}

// read writes the conversation of a row of wireColumns.
func (r *wireRow) read(values [][]byte) error {
	r.data, r.err = r.data[:0], nil
	r.id(1, values[1])
	r.id(2, values[0])
	r.text(3, values[2])
	r.id(4, values[3])
	r.text(5, values[7])
	r.text(6, values[8])
	r.text(7, values[9])
	r.message(8, func() {
		r.id(1, values[5])
		r.text(2, values[6])
		r.text(3, values[4])
	})
	r.flag(9, values[10])
	r.flag(10, values[11])
	r.id(11, values[12])
	r.texts(12, values[13])
	r.texts(13, values[14])
	r.time(14, values[16])
	r.optionalTime(15, values[15])
	r.time(16, values[19])
	r.time(17, values[20])
	r.text(18, values[17])
	r.text(19, values[18])
	if values[24] != nil {
		r.message(20, func() { r.consent(values) })
	}
	r.optionalTime(21, values[23])
	r.id(22, values[21])
	r.flag(23, values[22])
	return r.err
}

// consent is about the address of the conversation.
func (r *wireRow) consent(values [][]byte) {
	r.id(1, values[0])
	r.text(2, values[2])
	r.text(3, values[4])
	r.text(4, values[24])
	r.text(5, values[25])
	r.text(6, values[26])
	r.id(7, values[27])
	r.optionalTime(8, values[28])
}

// message writes what fill writes as a message in the message.
func (r *wireRow) message(number protowire.Number, fill func()) {
	outer := r.data
	r.data = r.part[:0]
	fill()
	r.part = r.data
	r.data = protowire.AppendBytes(protowire.AppendTag(outer, number, protowire.BytesType), r.part)
}

// text writes a text, unless it is empty.
func (r *wireRow) text(number protowire.Number, value []byte) {
	if len(value) > 0 {
		r.data = protowire.AppendBytes(protowire.AppendTag(r.data, number, protowire.BytesType), value)
	}
}

// texts writes an array of one dimension.
func (r *wireRow) texts(number protowire.Number, value []byte) {
	const head, dimension, size = 12, 8, 4
	if len(value) >= head && binary.BigEndian.Uint32(value) == 0 {
		return
	}
	if len(value) < head+dimension || binary.BigEndian.Uint32(value) != 1 {
		r.refuse("an array of %d bytes", len(value))
		return
	}
	rest, found := value[head+dimension:], 0
	for len(rest) >= size {
		length := int(binary.BigEndian.Uint32(rest))
		if rest = rest[size:]; length > len(rest) { // a null's length is more than any
			break
		}
		r.data = protowire.AppendBytes(protowire.AppendTag(r.data, number, protowire.BytesType), rest[:length])
		rest, found = rest[length:], found+1
	}
	if len(rest) > 0 || found != int(binary.BigEndian.Uint32(value[head:])) {
		r.refuse("an array of %d texts", found)
	}
}

// id writes the text of an id, unless it is null.
func (r *wireRow) id(number protowire.Number, value []byte) {
	const textLength = 36
	if value == nil {
		return
	}
	if len(value) != len(uuid.UUID{}) {
		r.refuse("an id of %d bytes", len(value))
		return
	}
	r.data = protowire.AppendVarint(protowire.AppendTag(r.data, number, protowire.BytesType), textLength)
	r.data = hex.AppendEncode(r.data, value[:4])
	for _, end := range [...]int{6, 8, 10} {
		r.data = hex.AppendEncode(append(r.data, '-'), value[end-2:end])
	}
	r.data = hex.AppendEncode(append(r.data, '-'), value[10:])
}

func (r *wireRow) flag(number protowire.Number, value []byte) {
	if len(value) != 1 {
		r.refuse("a flag of %d bytes", len(value))
		return
	}
	if value[0] != 0 {
		r.data = protowire.AppendVarint(protowire.AppendTag(r.data, number, protowire.VarintType), 1)
	}
}

func (r *wireRow) optionalTime(number protowire.Number, value []byte) {
	if value != nil {
		r.time(number, value)
	}
}

// time writes a Timestamp.
func (r *wireRow) time(number protowire.Number, value []byte) {
	const seconds, nanos protowire.Number = 1, 2
	if len(value) != timeBytes {
		r.refuse("a time of %d bytes", len(value))
		return
	}
	if micros := microsOf(value); micros == math.MaxInt64 || micros == math.MinInt64 {
		r.refuse("a time without an end")
		return
	}
	at := timeOf(value)
	var room [2 * (1 + 10)]byte
	stamp := room[:0]
	if whole := uint64(at.Unix()); whole != 0 { //nolint:gosec // the wire has the bits of a signed number
		stamp = protowire.AppendVarint(protowire.AppendTag(stamp, seconds, protowire.VarintType), whole)
	}
	if part := uint64(at.Nanosecond()); part != 0 { //nolint:gosec // never negative
		stamp = protowire.AppendVarint(protowire.AppendTag(stamp, nanos, protowire.VarintType), part)
	}
	r.data = protowire.AppendBytes(protowire.AppendTag(r.data, number, protowire.BytesType), stamp)
}

const timeBytes = 8

// microsOf is the number that Postgres keeps a time as.
func microsOf(value []byte) int64 {
	return int64(binary.BigEndian.Uint64(value)) //nolint:gosec // the bits are those of a signed number
}

func timeOf(value []byte) time.Time {
	const epoch, second = 946_684_800, 1_000_000 // the year 2000
	micros := microsOf(value)
	return time.Unix(epoch+micros/second, micros%second*int64(time.Microsecond)).UTC()
}

func (r *wireRow) refuse(format string, args ...any) {
	r.err = fmt.Errorf("%w: "+format, append([]any{errValue}, args...)...)
}
