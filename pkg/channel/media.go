package channel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// MediaOpener opens files that only the credential opens. Optional: without it, anybody may fetch a file at its URL.
type MediaOpener interface {
	// OpenMedia opens a file of an inbound message, or a recording; whoever opens it closes it. It returns ErrPublicMedia
	// for a file that needs no credential. Every other error is an *Error.
	OpenMedia(ctx context.Context, media Media) (MediaBody, error)
}

// ErrPublicMedia is returned by OpenMedia for a file that is to be fetched at its URL like any other.
var ErrPublicMedia = errors.New("the file needs no credential")

// ErrForeignMedia is returned for a file at an address that is not the provider's.
var ErrForeignMedia = errors.New("the file is not at the provider")

// MediaBody is an open file. Its size is -1 when the server does not say.
type MediaBody struct {
	io.ReadCloser
	ContentType string
	Size        int64
}

const maxMediaRedirects = 5

// Open makes a request for a file and hands its content on as it comes; the caller bounds what it reads. Unlike the
// answers of the API the answer may be a redirect: it is followed on https, without the credential on another host.
// An error is Permanent when asking again would bring the same.
func (a *API) Open(request *http.Request) (MediaBody, *Error) {
	client := http.Client{Transport: a.media, CheckRedirect: checkMediaRedirect}
	response, err := client.Do(request) //nolint:gosec // the host is the provider's, and what it redirects to is on https
	if err != nil {
		return MediaBody{}, &Error{Class: Retryable, Err: a.redacted(fmt.Errorf("fetching the file: %w", err))}
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		class := ClassOfStatus(response.StatusCode)
		if class == UnknownOutcome { // a file is only read: asking again does no harm
			class = Retryable
		}
		return MediaBody{}, &Error{Class: class, HTTPStatus: response.StatusCode, RetryAfter: RetryAfter(response.Header)}
	}
	return MediaBody{
		ReadCloser: response.Body, ContentType: response.Header.Get("Content-Type"), Size: response.ContentLength,
	}, nil
}

// checkMediaRedirect stays within https, and on this machine only where the first request was for this machine.
func checkMediaRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxMediaRedirects {
		return errors.New("too many redirects")
	}
	if request.URL.Scheme == "https" || strings.EqualFold(request.URL.Host, via[0].URL.Host) {
		return nil
	}
	return fmt.Errorf("%w: it redirects to %q", ErrForeignMedia, request.URL.Scheme+"://"+request.URL.Host)
}
