// Package file brings the files of a message from the blob store to its provider, and bounds how many bytes of them
// are on their way at one time.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
)

// lookTimeout bounds the questions about one message to the blob store.
const lookTimeout = 5 * time.Second

// Store is safe for concurrent use.
type Store struct{ bucket *blob.Bucket }

// New makes a Store on a bucket.
func New(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

// Look finds the files of a message where they are stored, with the sizes they have there. It returns an *Error.
func (s *Store) Look(
	ctx context.Context, ws workspace.ID, attachments []*eventv1.Attachment,
) ([]channel.File, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	files := make([]channel.File, 0, len(attachments))
	for _, attachment := range attachments {
		file := Describe(attachment)
		if !blobstore.Owns(ws, attachment.GetBlobKey()) {
			return nil, &Error{Name: file.Filename, Missing: true, Err: errNoKey}
		}
		attributes, err := s.bucket.Attributes(ctx, attachment.GetBlobKey())
		if err != nil {
			return nil, failed(file.Filename, err)
		}
		file.Size = attributes.Size
		file.Open = func(ctx context.Context) (io.ReadCloser, error) {
			return s.open(ctx, attachment)
		}
		files = append(files, file)
	}
	return files, nil
}

// Link gives each file the URL under which its provider can fetch it, where the store makes such URLs.
func (s *Store) Link(ctx context.Context, files []channel.File, attachments []*eventv1.Attachment) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	for i, attachment := range attachments {
		link, err := blobstore.Link(ctx, s.bucket, attachment.GetBlobKey())
		if err != nil {
			return failed(attachment.GetFilename(), err)
		}
		files[i].URL = link
	}
	return nil
}

func (s *Store) open(ctx context.Context, attachment *eventv1.Attachment) (io.ReadCloser, error) {
	reader, err := s.bucket.NewReader(ctx, attachment.GetBlobKey(), nil)
	if err != nil {
		return nil, failed(attachment.GetFilename(), err)
	}
	return &reading{ReadCloser: reader, name: attachment.GetFilename()}, nil
}

// Describe is an attachment in the words of the providers, without its content.
func Describe(attachment *eventv1.Attachment) channel.File {
	return channel.File{
		Filename: attachment.GetFilename(), ContentType: attachment.GetContentType(),
		ContentID: attachment.GetContentId(), Size: attachment.GetSize(),
	}
}

// reading tells a failure of the blob store in the middle of a file apart from one of the provider.
type reading struct {
	io.ReadCloser

	name string
}

// Read implements io.Reader.
func (r *reading) Read(into []byte) (int, error) {
	n, err := r.ReadCloser.Read(into)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err //nolint:wrapcheck // the end of a file is told as it is
	}
	return n, failed(r.name, err)
}

// Error is why a file could not be read. Nothing went to the provider as a whole.
type Error struct {
	// Name is the file's.
	Name string
	// Missing tells that the file is not there; else the store did not answer.
	Missing bool
	Err     error
}

var errNoKey = errors.New("it is not in the blob store of its workspace")

func failed(name string, err error) *Error {
	return &Error{Name: name, Missing: gcerrors.Code(err) == gcerrors.NotFound, Err: err}
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("reading the file %q: %v", e.Name, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Outcome is what the error means for the message: a missing file stays missing, a store that does not answer will.
func (e *Error) Outcome() *channel.Error {
	if e.Missing {
		return &channel.Error{
			Class: channel.Permanent, Code: channel.CodeFileUnavailable,
			Message: fmt.Sprintf("The file %q is not there any more.", e.Name), Err: e,
		}
	}
	return &channel.Error{
		Class: channel.Retryable, Message: "The files of the message could not be read.",
		Remedy: "Try again in a while: nothing reached the provider.", Err: e,
	}
}
