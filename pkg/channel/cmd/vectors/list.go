package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// vector is what has to be known of a vector to miss it. Provider is empty for one that concerns them all.
type vector struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
}

// list names every vector of a folder, in the order of its files.
func list(folder string) ([]vector, error) {
	var index struct {
		Vectors []vector `json:"vectors"`
	}
	if err := read(filepath.Join(folder, "index.json"), &index); err != nil {
		return nil, err
	}
	listed := index.Vectors
	for _, name := range []string{"api_responses.json", "status_sequences.json"} {
		var more []vector
		if err := read(filepath.Join(folder, name), &more); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		listed = append(listed, more...)
	}
	return listed, nil
}

func read(file string, into any) error {
	raw, err := os.ReadFile(file) //nolint:gosec // a file of the folder the caller names
	if err != nil {
		return fmt.Errorf("reading the vectors: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}
