// Package secretfile writes files that hold a secret.
package secretfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mode lets only the owner read.
const mode = 0o600

// Make writes the file when it is not there, whole or not at all, and returns what it holds. Several processes may do so at
// once: the first decides. make is asked for the content when it is needed.
func Make(path string, content func() ([]byte, error)) ([]byte, error) {
	held, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if !errors.Is(err, fs.ErrNotExist) {
		return held, err //nolint:wrapcheck // it names the file
	}
	made, err := content()
	if err != nil {
		return nil, err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(made)
	if err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close()); err != nil {
		return nil, fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("keeping %s: %w", path, err)
	}
	return os.ReadFile(path) //nolint:gosec,wrapcheck // the operator names it; the error names the file
}
