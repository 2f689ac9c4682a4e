package hook

import (
	"errors"
	"io"
	"sync/atomic"
)

// maxHeld bounds the bodies of all requests under way together. They are read before anything is proved, so that
// without it many strangers with large bodies could take all memory there is.
const maxHeld = 256 << 20

// errBusy is returned when the bodies under way take all the memory they may.
var errBusy = errors.New("too many webhooks are under way")

// memory counts the bytes of the bodies under way. It is safe for concurrent use.
type memory struct {
	limit int64
	held  atomic.Int64
}

// reader counts what is read through it; release gives it back.
func (m *memory) reader(body io.Reader) *countedReader { return &countedReader{memory: m, body: body} }

type countedReader struct {
	memory *memory
	body   io.Reader
	taken  int64
}

// Read implements io.Reader.
func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.taken += int64(n)
	if r.memory.held.Add(int64(n)) > r.memory.limit {
		return n, errBusy
	}
	return n, err
}

func (r *countedReader) release() { r.memory.held.Add(-r.taken) }
