package hook

import (
	"errors"
	"io"
	"slices"
	"sync/atomic"
)

const (
	// weight is how often a body is in memory while it is received: as it came, in what was read out of it, and what the
	// collector has not taken back yet. It is measured; see TestMail_of_a_thousand_parts.
	weight = 10
	// headSize is the part of every body that counts against a share of its own, so that large bodies leave small ones
	// their room.
	headSize = 64 << 10
	// headShare is the part of all memory that heads may take: a quarter.
	headShare = 4
	// firstChunk and lastChunk are the steps in which memory is taken while a body arrives.
	firstChunk, lastChunk = 4 << 10, 1 << 20
)

// errBusy is returned when the bodies under way take all the memory they may.
var errBusy = errors.New("too many webhooks are under way")

// memory bounds what the bodies under way take together. They are read before anything is proved, so that without it
// many strangers with large bodies could take all memory there is. It is safe for concurrent use.
type memory struct{ heads, rests share }

// newMemory divides the bytes.
func newMemory(size int64) *memory {
	return &memory{heads: share{limit: size / headShare}, rests: share{limit: size - size/headShare}}
}

// LargestBody is the largest body that fits into so many bytes of memory.
func LargestBody(size int64) int64 { return headSize + (size-size/headShare)/weight }

type share struct {
	limit int64
	held  atomic.Int64
}

// take counts bytes of bodies; false when they are more than may be in hand.
func (s *share) take(bytes int64) bool { return s.held.Add(bytes*weight) <= s.limit }

func (s *share) give(bytes int64) { s.held.Add(-bytes * weight) }

// reader counts what is read through it; release gives it back.
func (m *memory) reader(body io.Reader) *countedReader { return &countedReader{memory: m, body: body} }

type countedReader struct {
	memory      *memory
	body        io.Reader
	head, rests int64
}

// Read implements io.Reader.
func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	head := min(int64(n), headSize-r.head)
	rest := int64(n) - head
	r.head, r.rests = r.head+head, r.rests+rest
	headFits, restFits := r.memory.heads.take(head), r.memory.rests.take(rest)
	if !headFits || rest > 0 && !restFits {
		return n, errBusy
	}
	return n, err
}

func (r *countedReader) release() {
	r.memory.heads.give(r.head)
	r.memory.rests.give(r.rests)
}

// readBody reads to the end. Memory is taken as bytes arrive, whatever the sender says will come, and the body is in one
// piece when all has. announced is what he says, and makes the first step smaller; it is negative when he does not.
func readBody(from io.Reader, announced int64) ([]byte, error) {
	var chunks [][]byte
	first := firstChunk
	if announced >= 0 && announced < firstChunk {
		first = int(announced) + 1 // one more, in which the end is found
	}
	for size := first; ; size = min(2*size, lastChunk) {
		chunk := make([]byte, size)
		n, err := io.ReadFull(from, chunk)
		chunks = append(chunks, chunk[:n])
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		if len(chunks) == 1 {
			return chunks[0], nil
		}
		return slices.Concat(chunks...), nil
	}
}
