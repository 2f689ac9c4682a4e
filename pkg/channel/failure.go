package channel

import (
	"errors"
	"fmt"
	"time"
)

// Class is what a failed call to a provider means for the message and the credential.
type Class string

// The classes.
const (
	// Permanent: this message will never be accepted.
	Permanent Class = "permanent"
	// PermanentConfig: the workspace must change something at the provider first.
	PermanentConfig Class = "permanent_config"
	// Auth: the credential is wrong or revoked; it holds its queue until it is replaced.
	Auth Class = "auth"
	// AuthScopeLimited: the credential is valid but may not do this.
	AuthScopeLimited Class = "auth_scope_limited"
	// RateLimited: slow this credential down, then try again.
	RateLimited Class = "rate_limited"
	// Quota: the provider's quota is used up.
	Quota Class = "quota"
	// Retryable: nothing happened at the provider; try again.
	Retryable Class = "retryable"
	// UnknownOutcome: the message may be out already; look it up, never send it blindly again.
	UnknownOutcome Class = "retryable_unknown_outcome"
	// OptedOut: the recipient does not want messages.
	OptedOut Class = "opted_out"
	// WindowClosed: the provider's window for free-form messages is closed.
	WindowClosed Class = "window_closed"
)

// Error is a failed call to a provider.
type Error struct {
	Class Class
	// ProviderCode is the provider's own code or error name; may be empty.
	ProviderCode string
	// Message is the provider's own sentence; may be empty.
	Message string
	// HTTPStatus is 0 when no answer arrived.
	HTTPStatus int
	// RetryAfter is how long the provider asks us to wait; 0 when it does not say.
	RetryAfter time.Duration
	// Err is the cause on our side, for example a time-out.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("provider answered %s (status %d, code %q): %s", e.Class, e.HTTPStatus, e.ProviderCode, e.Message)
	if e.Err != nil {
		return text + ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf tells the class of an error of a provider. A stranger is UnknownOutcome: nobody proved that nothing went out.
func ClassOf(err error) Class {
	if failed, ok := errors.AsType[*Error](err); ok {
		return failed.Class
	}
	return UnknownOutcome
}

// Failure says why a message ended badly and what a person can do about it.
type Failure struct {
	Code         string
	ProviderCode string
	Message      string
	Retryable    bool
	Remedy       string
}
