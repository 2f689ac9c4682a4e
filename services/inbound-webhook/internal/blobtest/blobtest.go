// Package blobtest gives a test a blob store that knows which of its blobs are open.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// Store is a blob store in memory that is only read from.
type Store struct {
	driver.Bucket // what is not asked of it is not there

	mu     sync.Mutex
	blobs  map[string][]byte
	opened int
	open   int
}

// New makes a store, and the bucket over it, which is closed when the test ends.
func New(tb testing.TB) (*Store, *blob.Bucket) {
	tb.Helper()
	s := &Store{blobs: map[string][]byte{}}
	bucket := blob.NewBucket(s)
	tb.Cleanup(func() { require.NoError(tb, bucket.Close()) })
	return s, bucket
}

// Put puts a blob there.
func (s *Store) Put(key string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blobs[key] = content
}

// RequireClosed fails unless blobs were opened since it was asked last, and none is open any more.
func (s *Store) RequireClosed(tb testing.TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Positive(tb, s.opened, "blobs that were opened")
	require.Zero(tb, s.open, "blobs that are still open")
	s.opened = 0
}

// NewRangeReader implements driver.Bucket.
func (s *Store) NewRangeReader(
	_ context.Context, key string, offset, length int64, _ *driver.ReaderOptions,
) (driver.Reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.blobs[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	part := content[min(offset, int64(len(content))):]
	if length >= 0 {
		part = part[:min(length, int64(len(part)))]
	}
	s.opened++
	s.open++
	return &reader{Reader: bytes.NewReader(part), size: int64(len(content)), closed: sync.OnceFunc(s.closed)}, nil
}

func (s *Store) closed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// ErrorCode implements driver.Bucket.
func (*Store) ErrorCode(err error) gcerrors.ErrorCode {
	if errors.Is(err, fs.ErrNotExist) {
		return gcerrors.NotFound
	}
	return gcerrors.Unknown
}

// Close implements driver.Bucket.
func (*Store) Close() error { return nil }

type reader struct {
	io.Reader

	size   int64
	closed func()
}

// Attributes implements driver.Reader.
func (r *reader) Attributes() *driver.ReaderAttributes {
	return &driver.ReaderAttributes{ContentType: "text/plain", ModTime: time.Unix(0, 0), Size: r.size}
}

// As implements driver.Reader.
func (*reader) As(any) bool { return false }

// Close implements driver.Reader.
func (r *reader) Close() error {
	r.closed()
	return nil
}
