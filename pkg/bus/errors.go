package bus

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrBusy is returned by Publish when too much is in flight already: answer 503 and let the caller come back.
	ErrBusy = errors.New("too many publishes in flight")
	// ErrStreamFull is returned by Publish when the stream refuses because it has reached its size.
	ErrStreamFull = errors.New("stream is full")
	// ErrTooLarge is returned by Publish when the payload is larger than LargestEvent.
	ErrTooLarge = errors.New("event is too large")
	// ErrUnavailable is returned when the server does not answer in time.
	ErrUnavailable = errors.New("message bus unavailable")
	// ErrUnfit is returned at start when the server's limits or a stream's settings do not fit ours.
	ErrUnfit = errors.New("message bus does not fit")
	// ErrKeyExists is returned by Bucket.Create when the key is there already.
	ErrKeyExists = errors.New("key exists")
	// ErrKeyNotFound is returned by Bucket.Get when the key is not there.
	ErrKeyNotFound = errors.New("key not found")
	// ErrRevisionMismatch is returned by Bucket.Update when somebody else has written the key since.
	ErrRevisionMismatch = errors.New("key was changed by someone else")
)

// Codes of an AskError.
const (
	CodeNotFound        = "not_found"
	CodeInvalid         = "invalid"
	CodeConflict        = "conflict"
	CodeUnauthenticated = "unauthenticated"
	CodeUnavailable     = "unavailable"
	CodeInternal        = "internal"
)

// AskError is a question answered with a refusal. It travels as the error headers of a NATS service.
type AskError struct {
	// Code is one of the codes above.
	Code string
	// Message is one sentence for a person; it never holds an internal cause.
	Message string
	// Field is the request field at fault, in the API's spelling; may be empty.
	Field string
}

// Error implements error.
func (e *AskError) Error() string { return e.Code + ": " + e.Message }

// Is lets errors.Is(err, ErrUnavailable) hold for a question that was refused with CodeUnavailable.
func (e *AskError) Is(target error) bool {
	return target == ErrUnavailable && e.Code == CodeUnavailable
}

// Permanent marks an error that no further try can mend: the message is dead-lettered at once.
func Permanent(err error) error { return &permanentError{err} }

// RetryAfter marks an error that is not the message's fault, a database that is away for example: the same messages
// are handed to the handler again after delay, however often it takes, and nothing behind them overtakes.
func RetryAfter(err error, delay time.Duration) error { return &retryError{err, delay} }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return fmt.Sprintf("permanent: %v", e.err) }
func (e *permanentError) Unwrap() error { return e.err }

type retryError struct {
	err   error
	delay time.Duration
}

func (e *retryError) Error() string { return fmt.Sprintf("retry in %s: %v", e.delay, e.err) }
func (e *retryError) Unwrap() error { return e.err }
