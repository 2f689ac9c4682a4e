package channel

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
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
	// Code and Remedy say more than the class does when the provider's code is known; either may be empty. See Failure.
	Code, Remedy string
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
	// Message and Remedy are plain words for a person, never empty.
	Message   string
	Retryable bool
	Remedy    string
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
	CodeFileRefused       = "file_refused"
	CodeFileUnavailable   = "file_unavailable"
	CodeAutomaticLimit    = "automatic_limit"
)

// NewFailure describes a bad end by its code, with the provider's own code and sentence beside it. Where the provider
// has no sentence, the code says what happened.
func NewFailure(code, providerCode, message string) *Failure {
	known, ok := explanations()[code]
	if !ok {
		known = explanations()[CodeProviderFailed]
	}
	return &Failure{
		Code: code, ProviderCode: providerCode, Message: cmp.Or(strings.TrimSpace(message), known.message),
		Retryable: known.retryable, Remedy: known.remedy,
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
		message = "The provider did not answer."
	}
	failure := NewFailure(cmp.Or(failed.Code, codeOf(failed.Class)), failed.ProviderCode, message)
	failure.Remedy = cmp.Or(failed.Remedy, failure.Remedy)
	return *failure
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

// explanation is what a code says to a person: what happened, and what to do about it.
type explanation struct {
	retryable       bool
	message, remedy string
}

func explanations() map[string]explanation {
	return map[string]explanation{
		CodeRefused:           {false, "The provider refused the message.", "Change the message: the provider refuses it as it is."},
		CodeInvalidRecipient:  {false, "The address cannot receive messages.", "Check the address: it cannot receive messages."},
		CodeUnreachable:       {true, "The customer could not be reached.", "Try again later, or use another channel."},
		CodeFiltered:          {false, "The message was held back as unwanted.", "Change the text: it was held back as unwanted."},
		CodeBounced:           {false, "The recipient's mail server refused the message.", "Check the address: the recipient's mail server refused the message."},
		CodeComplained:        {false, "The recipient reported the message as unwanted.", "Do not write to this address again: the recipient reported the message."},
		CodeSuppressed:        {false, "The provider sends nothing to this address any more.", "Remove the address from the provider's suppression list if it is right."},
		CodeOptedOut:          {false, "The customer has opted out of messages.", "Wait until the customer opts in again."},
		CodeExpired:           {true, "The message waited too long to be delivered.", "Try again: the message waited too long to be delivered."},
		CodeConfiguration:     {true, "The setup at the provider is not complete.", "Complete the setup at the provider, then try again."},
		CodeCredentialInvalid: {true, "The provider does not accept the credential.", "Enter a valid credential; waiting messages then leave by themselves."},
		CodeRateLimited:       {true, "The provider takes no more messages at the moment.", "Try again in a while: the provider asked us to slow down."},
		CodeQuotaExceeded:     {true, "The quota at the provider is used up.", "Raise the quota at the provider, or wait until it is renewed."},
		CodeProviderDown:      {true, "The provider could not be reached.", "Try again: nothing reached the provider."},
		CodeOutcomeUnknown:    {true, "It is not known whether the message arrived.", "Ask the customer whether the message arrived before sending it again."},
		CodeWindowClosed:      {false, "The time in which the customer can be answered freely is over.", "Send a template, or wait until the customer writes."},
		CodeFileRefused:       {false, "A file of the message cannot be sent on this channel.", "Send another kind of file, or a smaller one."},
		CodeFileUnavailable:   {true, "A file of the message is not there any more.", "Attach the file again."},
		CodeAutomaticLimit:    {false, "Too many automatic messages went to this customer in a short time.", "Answer by hand: automatic answers pause so that two programs do not write to each other for ever."},
		CodeProviderFailed:    {true, "The provider did not deliver the message.", "Try again, or use another channel."},
	}
}
