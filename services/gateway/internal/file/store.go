// Package file reads the files that came with messages out of the blob store.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

var (
	// ErrNotFound is returned when there is no such file in the workspace.
	ErrNotFound = errors.New("no such file")
	// ErrUnavailable is returned when the blob store does not answer.
	ErrUnavailable = errors.New("blob store unavailable")
)

// File is one open file; whoever opens it closes it.
type File struct {
	io.ReadCloser

	// Size in bytes.
	Size int64
}

// Store reads files. It is safe for concurrent use.
type Store struct{ bucket *blob.Bucket }

// New makes a Store on a bucket.
func New(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

// Open opens a file of a workspace. Every key begins with its workspace: another one's is not found, whatever refers to
// it.
func (s *Store) Open(ctx context.Context, ws workspace.ID, key string) (File, error) {
	if ws.IsZero() || !strings.HasPrefix(key, ws.String()+"/") {
		return File{}, fmt.Errorf("%w: %q is no key of workspace %s", ErrNotFound, key, ws)
	}
	reader, err := s.bucket.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return File{}, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return File{}, fmt.Errorf("%w: opening %s: %w", ErrUnavailable, key, err)
	}
	return File{ReadCloser: reader, Size: reader.Size()}, nil
}
