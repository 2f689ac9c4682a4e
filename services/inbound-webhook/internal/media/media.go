// Package media brings the files of inbound messages into the blob store before the message is published, so that no
// message refers to a file that is not there.
package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"gocloud.dev/blob"

	"github.com/galaxyco-ai/conversations/pkg/egress"
	"github.com/galaxyco-ai/conversations/pkg/fault"
)

const (
	// maxSize is the largest file taken.
	maxSize = 25 << 20
	// maxTries and tryWait bound how often a file is asked for while the time lasts.
	maxTries = 3
	tryWait  = 200 * time.Millisecond
	headSize = 512
	// headerTimeout is how long a server may take to begin its answer.
	headerTimeout = 3 * time.Second
)

// Reasons for a file that is not in the store.
const (
	TooLarge       = "too_large"
	TypeRefused    = "type_refused"
	AddressRefused = "address_refused"
	Unavailable    = "unavailable"
	// TooMany is for a file beyond the number that one message may bring.
	TooMany = "too_many"
)

var (
	errTooLarge = errors.New("the file is too large")
	// ErrGone is the cause of a file that is Unavailable for good: asking again would bring the same answer.
	ErrGone = errors.New("the server refuses the file")
	// ErrRefused is the cause of a file that is Unavailable because the blob store does not take it: its disk is full.
	ErrRefused = errors.New("the blob store refuses the file")
)

// File is a file a provider offers for a while at the URL, or has brought already.
type File struct {
	URL, ContentType, Filename string
	Content                    []byte
	// Authorize adds what the server wants to see; nil for a server that wants nothing.
	Authorize func(*http.Request)
}

// Stored is a file in the blob store, or the reason why it is not there.
type Stored struct {
	Key         string
	ContentType string
	Size        int64
	// Missing is one of the reasons above; empty when the file is stored. Err is its cause.
	Missing string
	Err     error
}

// Store fetches files and keeps them. It is safe for concurrent use.
type Store struct {
	bucket *blob.Bucket
	client *http.Client
}

// New makes a store. It fetches from public addresses only, and from the allowed hosts.
func New(bucket *blob.Bucket, allowedPrivateHosts []string) *Store {
	return &Store{bucket: bucket, client: client(allowedPrivateHosts)}
}

// client reaches what a provider may name.
func client(allowedPrivateHosts []string) *http.Client {
	guarded, transport := egress.NewClient(allowedPrivateHosts), egress.NewTransport(allowedPrivateHosts)
	transport.ResponseHeaderTimeout = headerTimeout
	guarded.Transport = transport
	return guarded
}

// Fetch brings a file in under the key while ctx lasts. A key that is there already is not fetched again: the key
// names one file of one message, so the second time is the same webhook repeated.
func (s *Store) Fetch(ctx context.Context, key string, file File) Stored {
	if attributes, err := s.bucket.Attributes(ctx, key); err == nil {
		return Stored{Key: key, ContentType: attributes.ContentType, Size: attributes.Size}
	}
	var err error
	for try := range maxTries {
		if try > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(tryWait << try):
			}
		}
		if ctx.Err() != nil {
			err = errors.Join(err, ctx.Err())
			break
		}
		var stored Stored
		if stored, err = s.fetch(ctx, key, file); err == nil {
			return stored
		}
		if reasonOf(err) != Unavailable || errors.Is(err, ErrGone) {
			break
		}
	}
	return Stored{Missing: reasonOf(err), Err: err}
}

// Put keeps what is in hand under the key. A key that is there already names the same content.
func (s *Store) Put(ctx context.Context, key, contentType string, content []byte) error {
	if kept, err := s.bucket.Exists(ctx, key); err == nil && kept {
		return nil
	}
	if err := fault.Error("blob.write"); err != nil {
		return fmt.Errorf("keeping %s: %w", key, err)
	}
	if err := s.bucket.WriteAll(ctx, key, content, &blob.WriterOptions{ContentType: contentType}); err != nil {
		return fmt.Errorf("keeping %s: %w", key, err)
	}
	fault.Point("webhook.after-blob")
	return nil
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return TooLarge
	case errors.Is(err, errTypeRefused):
		return TypeRefused
	case errors.Is(err, egress.ErrForbidden):
		return AddressRefused
	default:
		return Unavailable
	}
}

func (s *Store) fetch(ctx context.Context, key string, file File) (Stored, error) {
	if file.Content != nil {
		return s.keep(ctx, key, file, "", bytes.NewReader(file.Content))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, http.NoBody)
	if err != nil {
		return Stored{}, fmt.Errorf("%w: %w", ErrGone, err)
	}
	if err := egress.CheckScheme(request); err != nil {
		return Stored{}, err
	}
	if file.Authorize != nil {
		file.Authorize(request)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return Stored{}, fmt.Errorf("fetching the file: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode >= http.StatusInternalServerError, response.StatusCode == http.StatusTooManyRequests:
		return Stored{}, fmt.Errorf("fetching the file: status %d", response.StatusCode)
	case response.StatusCode != http.StatusOK:
		return Stored{}, fmt.Errorf("%w: status %d", ErrGone, response.StatusCode)
	case response.ContentLength > maxSize:
		return Stored{}, fmt.Errorf("%w: %d bytes", errTooLarge, response.ContentLength)
	}
	return s.keep(ctx, key, file, response.Header.Get("Content-Type"), response.Body)
}

func (s *Store) keep(ctx context.Context, key string, file File, serverType string, body io.Reader) (Stored, error) {
	head := make([]byte, headSize)
	read, err := io.ReadFull(body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Stored{}, fmt.Errorf("reading the file: %w", err)
	}
	head = head[:read]
	contentType, err := kindOf(file, serverType, head)
	if err != nil {
		return Stored{}, err
	}
	content := io.LimitReader(io.MultiReader(bytes.NewReader(head), body), maxSize+1)
	size, err := s.write(ctx, key, contentType, content)
	if err != nil {
		return Stored{}, err
	}
	return Stored{Key: key, ContentType: contentType, Size: size}, nil
}

// write streams into the bucket. A file that breaks off or grows too large is given up before it is visible.
func (s *Store) write(ctx context.Context, key, contentType string, content io.Reader) (int64, error) {
	if err := fault.Error("blob.write"); err != nil {
		return 0, fmt.Errorf("opening %s: %w: %w", key, ErrRefused, err)
	}
	writing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	writer, err := s.bucket.NewWriter(writing, key, &blob.WriterOptions{ContentType: contentType})
	if err != nil {
		return 0, refused(ctx, key, err)
	}
	source := &source{from: content}
	size, err := io.Copy(writer, source)
	if err == nil && size > maxSize {
		err = errTooLarge
	}
	if err != nil {
		giveUp()
		_ = writer.Close() // the bucket forgets what was written
		if source.err == nil && !errors.Is(err, errTooLarge) {
			return 0, refused(ctx, key, err)
		}
		return 0, fmt.Errorf("storing the file: %w", err)
	}
	if err := writer.Close(); err != nil {
		return 0, refused(ctx, key, err)
	}
	fault.Point("webhook.after-blob")
	return size, nil
}

// refused tells that the store did not take a file, unless the time was up.
func refused(ctx context.Context, key string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("storing %s: %w", key, err)
	}
	return fmt.Errorf("storing %s: %w: %w", key, ErrRefused, err)
}

// source notes when what is read breaks off, so that it is not taken for a failure of the store.
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
	return n, err //nolint:wrapcheck // passed on as it is
}
