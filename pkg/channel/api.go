package channel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// apiTimeout bounds a call whose context has no earlier deadline.
	apiTimeout = 30 * time.Second
	// defaultLimit bounds what is read of an answer; see WithLimit.
	defaultLimit = 1 << 20
	// maxSentence bounds how much of a provider's own words an error repeats.
	maxSentence = 500
)

// ErrAnswerTooLarge is returned when a provider's answer exceeds what is read of it.
var ErrAnswerTooLarge = errors.New("the answer is too large")

// ErrNotAsked is returned when a call ended before a request was made.
var ErrNotAsked = errors.New("no request was made")

// Answer is what our own transport saw of a provider's answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK tells whether the answer is a 2xx.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// IsUnauthorized tells an answer to a login that the provider does not take, or not for this.
func (a Answer) IsUnauthorized() bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
}

// API calls one provider with one credential: it bounds time and size, follows no redirect, records what came back
// and tells a request that never left from one that was left without an answer. It is safe for concurrent use.
type API struct {
	client  *http.Client
	limit   int64
	secrets []string
}

// NewAPI makes an API of the given client; nil is a plain client. No error of the API contains one of the secrets.
func NewAPI(client *http.Client, secrets ...string) *API {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	next := own.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	own.Transport = recorder{next: next}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &API{client: &own, limit: defaultLimit, secrets: secrets}
}

// WithLimit is the same API with another bound on the size of an answer.
func (a *API) WithLimit(limit int64) *API {
	return &API{client: a.client, limit: limit, secrets: a.secrets}
}

// Client is the recording client, for an SDK that makes its requests itself within Record.
func (a *API) Client() *http.Client { return a.client }

// Do sends the request and returns the answer, whatever its status. An error is Retryable when the request provably
// never left, Permanent when none could be made, else UnknownOutcome. An unreadable body is an error only where it
// matters, that is after a 2xx: the status of a refusal says enough.
func (a *API) Do(request *http.Request) (Answer, *Error) {
	return a.Record(request.Context(), func(ctx context.Context) error {
		response, err := a.client.Do(request.WithContext(ctx)) //nolint:gosec // the host comes from a checked credential, and no redirect is followed
		if err != nil {
			return fmt.Errorf("calling the provider: %w", err)
		}
		return response.Body.Close()
	})
}

// Record runs a call that makes one request through Client with the context it is given, and returns what the
// transport saw; the call's own error tells nothing about the outcome.
func (a *API) Record(ctx context.Context, call func(ctx context.Context) error) (Answer, *Error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, &Error{Class: Retryable, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	seen := &recording{limit: a.limit}
	err := call(context.WithValue(ctx, recordingKey{}, seen))
	switch {
	case !seen.asked:
		return Answer{}, &Error{Class: Permanent, Err: a.redacted(errors.Join(ErrNotAsked, err))}
	case seen.err == nil, seen.answer.Status != 0 && !seen.answer.OK():
		return seen.answer, nil
	default:
		return seen.answer, &Error{Class: seen.class(), HTTPStatus: seen.answer.Status, Err: a.redacted(seen.err)}
	}
}

// Sentence makes a provider's own words fit for an error: short, valid, and without our secrets.
func (a *API) Sentence(text string) string {
	text = strings.ToValidUTF8(text, "")
	for _, secret := range a.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if len(text) > maxSentence {
		text = strings.ToValidUTF8(text[:maxSentence], "") + "…"
	}
	return text
}

func (a *API) redacted(err error) error {
	text := err.Error()
	if clean := a.Sentence(text); clean != text {
		return redactedError{text: clean, cause: err}
	}
	return err
}

// redactedError says what its cause says, without the secrets; errors.Is still sees the cause.
type redactedError struct {
	text  string
	cause error
}

// Error implements error.
func (e redactedError) Error() string { return e.text }

// Is sees the cause, so that a time-out is still a time-out.
func (e redactedError) Is(target error) bool { return errors.Is(e.cause, target) }

type recordingKey struct{}

// recording is what the transport saw of one call.
type recording struct {
	limit  int64
	answer Answer
	err    error
	asked  bool        // the transport was asked for an answer
	traced atomic.Bool // a connection was asked for, so the transport reports what it does
	left   atomic.Bool // a connection was obtained: from here on bytes may be on the wire
}

// class is what a call without an answer means.
func (r *recording) class() Class {
	if r.traced.Load() && !r.left.Load() {
		return Retryable
	}
	return UnknownOutcome
}

// recorder is the transport that fills the recording of the request's context.
type recorder struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	seen, ok := request.Context().Value(recordingKey{}).(*recording)
	if !ok {
		return nil, ErrNotAsked
	}
	seen.asked = true
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { seen.traced.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { seen.left.Store(true) },
	}
	request = request.WithContext(httptrace.WithClientTrace(request.Context(), trace))
	response, err := r.next.RoundTrip(request)
	if err != nil {
		seen.err = err
		return nil, fmt.Errorf("asking %s: %w", request.URL.Host, err)
	}
	body, err := readBounded(response.Body, seen.limit)
	seen.answer = Answer{Status: response.StatusCode, Header: response.Header, Body: body}
	if err != nil {
		seen.err = fmt.Errorf("reading the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func readBounded(body io.ReadCloser, limit int64) ([]byte, error) {
	read, err := io.ReadAll(io.LimitReader(body, limit+1))
	closed := body.Close()
	if err != nil {
		return read, err
	}
	if int64(len(read)) > limit {
		return nil, ErrAnswerTooLarge
	}
	return read, closed
}
