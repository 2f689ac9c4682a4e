// Package file keeps the files of messages in the blob store.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

var (
	// ErrNotFound is returned when there is no such file in the workspace.
	ErrNotFound = errors.New("no such file")
	// ErrUnavailable is returned when the blob store does not answer.
	ErrUnavailable = errors.New("blob store unavailable")
	// ErrTooLarge is returned for a file that is larger than it may be. Nothing of it is kept.
	ErrTooLarge = errors.New("file too large")
	// ErrUnread is returned when the source of a file breaks off. Nothing of it is kept.
	ErrUnread = errors.New("file broke off")
)

// nameKey is the metadata of an uploaded file that holds its name.
const nameKey = "filename"

// File is one open file; whoever opens it closes it.
type File struct {
	io.ReadSeekCloser

	// Size in bytes.
	Size int64
}

// Upload is a file that was uploaded to be sent.
type Upload struct {
	ID, Filename, ContentType string
	// Size in bytes; not needed to save one.
	Size int64
}

// Key is where an uploaded file of a workspace is.
func Key(ws workspace.ID, id string) string { return ws.String() + "/uploads/" + id }

// Store reads and writes files. It is safe for concurrent use.
type Store struct{ bucket *blob.Bucket }

// New makes a Store on a bucket.
func New(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

// Open opens a file of a workspace. Every key begins with its workspace: another one's is not found, whatever refers to
// it.
func (s *Store) Open(ctx context.Context, ws workspace.ID, key string) (File, error) {
	if !blobstore.Owns(ws, key) {
		return File{}, fmt.Errorf("%w: %q is no key of workspace %s", ErrNotFound, key, ws)
	}
	reader, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return File{}, s.reason(err, "opening", key)
	}
	return File{ReadSeekCloser: reader, Size: reader.Size()}, nil
}

// Save writes an uploaded file until it ends, and tells its size. What is larger than maxBytes, or breaks off, is not
// kept. A second save under an id replaces the first.
func (s *Store) Save(ctx context.Context, ws workspace.ID, upload Upload, content io.Reader, maxBytes int64) (int64, error) {
	key := Key(ws, upload.ID)
	writing, abandon := context.WithCancel(ctx)
	defer abandon() // before Close it takes back what was written
	if err := fault.Error("blob.write"); err != nil {
		return 0, s.reason(err, "creating", key)
	}
	writer, err := s.bucket.NewWriter(writing, key, &blob.WriterOptions{
		ContentType: upload.ContentType, Metadata: map[string]string{nameKey: upload.Filename},
	})
	if err != nil {
		return 0, s.reason(err, "creating", key)
	}
	source := &source{from: io.LimitReader(content, maxBytes+1)}
	size, err := io.Copy(writer, source)
	if err == nil && size > maxBytes {
		err = ErrTooLarge
	}
	if err != nil {
		abandon()
		_ = writer.Close() // abandoned
		switch {
		case source.err != nil:
			return 0, fmt.Errorf("%w: %w", ErrUnread, source.err)
		case errors.Is(err, ErrTooLarge):
			return 0, err
		default:
			return 0, s.reason(err, "writing", key)
		}
	}
	if err := writer.Close(); err != nil {
		return 0, s.reason(err, "writing", key)
	}
	return size, nil
}

// Describe tells what an uploaded file of the workspace is. It returns ErrNotFound.
func (s *Store) Describe(ctx context.Context, ws workspace.ID, id string) (Upload, error) {
	key := Key(ws, id)
	attributes, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return Upload{}, s.reason(err, "describing", key)
	}
	return Upload{ID: id, Filename: attributes.Metadata[nameKey], ContentType: attributes.ContentType, Size: attributes.Size}, nil
}

// Remove takes an uploaded file away. One that is not there is removed already.
func (s *Store) Remove(ctx context.Context, ws workspace.ID, id string) error {
	key := Key(ws, id)
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return s.reason(err, "removing", key)
	}
	return nil
}

func (s *Store) reason(err error, doing, key string) error {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	return fmt.Errorf("%w: %s %s: %w", ErrUnavailable, doing, key, err)
}

// source keeps the error that ended reading, to tell it from one of writing.
type source struct {
	from io.Reader
	err  error
}

// Read implements io.Reader.
func (s *source) Read(into []byte) (int, error) {
	n, err := s.from.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
