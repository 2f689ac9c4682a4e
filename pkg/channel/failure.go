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
	// Suppressed: the provider holds back everything to this recipient, after a bounce or a complaint.
	Suppressed Class = "suppressed"
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
	// Code is one of the codes below.
	Code         string
	ProviderCode string
	Message      string
	Retryable    bool
	Remedy       string
}

// The codes of a failure: ours, the same on every channel.
const (
	CodeRefused           = "refused"
	CodeInvalidRecipient  = "invalid_recipient"
	CodeUnreachable       = "unreachable"
	CodeFiltered          = "filtered"
	CodeBounced           = "bounced"
	CodeComplained        = "complained"
	CodeSuppressed        = "suppressed"
	CodeOptedOut          = "opted_out"
	CodeExpired           = "expired"
	CodeConfiguration     = "configuration"
	CodeCredentialInvalid = "credential_invalid" //nolint:gosec // a code, no credential
	CodeRateLimited       = "rate_limited"
	CodeQuotaExceeded     = "quota_exceeded"
	CodeProviderDown      = "provider_unavailable"
	CodeOutcomeUnknown    = "outcome_unknown"
	CodeWindowClosed      = "window_closed"
	CodeProviderFailed    = "provider_failed"
)

// NewFailure describes a bad end by its code, with the provider's own code and sentence beside it.
func NewFailure(code, providerCode, message string) *Failure {
	remedy := remedyOf(code)
	return &Failure{
		Code: code, ProviderCode: providerCode, Message: message,
		Retryable: remedy.retryable, Remedy: remedy.text,
	}
}

// FailureOf describes the error of a failed call to a provider.
func FailureOf(err error) Failure {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return *NewFailure(CodeOutcomeUnknown, "", "")
	}
	message := failed.Message
	if message == "" && failed.HTTPStatus == 0 {
		message = "the provider did not answer"
	}
	return *NewFailure(codeOf(failed.Class), failed.ProviderCode, message)
}

func codeOf(class Class) string {
	switch class {
	case Permanent:
		return CodeRefused
	case PermanentConfig, AuthScopeLimited:
		return CodeConfiguration
	case Auth:
		return CodeCredentialInvalid
	case RateLimited:
		return CodeRateLimited
	case Quota:
		return CodeQuotaExceeded
	case Retryable:
		return CodeProviderDown
	case OptedOut:
		return CodeOptedOut
	case Suppressed:
		return CodeSuppressed
	case WindowClosed:
		return CodeWindowClosed
	case UnknownOutcome:
		return CodeOutcomeUnknown
	default:
		return CodeOutcomeUnknown
	}
}

type remedy struct {
	retryable bool
	text      string
}

func remedyOf(code string) remedy {
	return map[string]remedy{
		CodeRefused:           {false, "Change the message: the provider refuses it as it is."},
		CodeInvalidRecipient:  {false, "Check the address: it cannot receive messages."},
		CodeUnreachable:       {true, "Try again later, or use another channel."},
		CodeFiltered:          {false, "Change the text: it was held back as unwanted."},
		CodeBounced:           {false, "Check the address: the recipient's mail server refused the message."},
		CodeComplained:        {false, "Do not write to this address again: the recipient reported the message."},
		CodeSuppressed:        {false, "Remove the address from the provider's suppression list if it is right."},
		CodeOptedOut:          {false, "Wait until the customer opts in again."},
		CodeExpired:           {true, "Try again: the message waited too long to be delivered."},
		CodeConfiguration:     {true, "Complete the setup at the provider, then try again."},
		CodeCredentialInvalid: {true, "Enter a valid credential; waiting messages then leave by themselves."},
		CodeRateLimited:       {true, "Try again in a while: the provider asked us to slow down."},
		CodeQuotaExceeded:     {true, "Raise the quota at the provider, or wait until it is renewed."},
		CodeProviderDown:      {true, "Try again: nothing reached the provider."},
		CodeOutcomeUnknown:    {true, "Ask the customer whether the message arrived before sending it again."},
		CodeWindowClosed:      {false, "Wait until the customer writes, or use a template."},
		CodeProviderFailed:    {true, "Try again, or use another channel."},
	}[code]
}
