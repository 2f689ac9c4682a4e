package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// History is what happened, in the order of its beginning.
type History struct{ records []Record }

// New makes a history of records.
func New(records []Record) *History {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b Record) int { return a.At.Compare(b.At) })
	return &History{records: records}
}

// Parse reads a history as a Recorder wrote it.
func Parse(from io.Reader) (*History, error) {
	decoder, records := json.NewDecoder(from), []Record{}
	for {
		var record Record
		err := decoder.Decode(&record)
		if errors.Is(err, io.EOF) {
			return New(records), nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading record %d of the history: %w", len(records)+1, err)
		}
		records = append(records, record)
	}
}

// Records lists the records of the given kinds, all without any.
func (h *History) Records(kinds ...Kind) []Record {
	if len(kinds) == 0 {
		return slices.Clone(h.records)
	}
	found := []Record{}
	for _, record := range h.records {
		if slices.Contains(kinds, record.Kind) {
			found = append(found, record)
		}
	}
	return found
}
