package history

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Recorder collects records.
type Recorder struct {
	mu      sync.Mutex
	records []Record
	journal *json.Encoder
	err     error
}

// NewRecorder makes a recorder that also writes every record to journal as a line of JSON; journal may be nil.
func NewRecorder(journal io.Writer) *Recorder {
	recorder := &Recorder{}
	if journal != nil {
		recorder.journal = json.NewEncoder(journal)
	}
	return recorder
}

// Add takes a record. One without a time gets the present one.
func (r *Recorder) Add(record Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if record.At.IsZero() {
		record.At = time.Now()
	}
	r.records = append(r.records, record)
	if r.journal != nil && r.err == nil {
		r.err = r.journal.Encode(record)
	}
}

// History gives what was recorded so far.
func (r *Recorder) History() *History {
	r.mu.Lock()
	defer r.mu.Unlock()
	return New(slices.Clone(r.records))
}

// Err tells why the journal could not be written, if it could not.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return fmt.Errorf("writing the history: %w", r.err)
	}
	return nil
}
