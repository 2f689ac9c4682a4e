// Package refuse words the refusals this service answers questions with, so that the same mistake reads the same
// wherever it is made.
package refuse

import (
	"errors"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

// NotFound refuses an id nobody in this workspace has: unknown, malformed and another workspace's alike.
func NotFound(what string) error {
	return &bus.AskError{Code: bus.CodeNotFound, Message: "There is no such " + what + "."}
}

// Invalid refuses the value of one request field.
func Invalid(field, message string) error {
	return &bus.AskError{Code: bus.CodeInvalid, Message: message, Field: field}
}

// Conflict refuses what the present state does not allow. field may be empty.
func Conflict(field, message string) error {
	return &bus.AskError{Code: bus.CodeConflict, Message: message, Field: field}
}

// Unauthenticated refuses a log-in without telling which part of it was wrong.
func Unauthenticated() error {
	return &bus.AskError{Code: bus.CodeUnauthenticated, Message: "E-mail address or password is wrong."}
}

// IsConflict tells whether an error is what the present state does not allow.
func IsConflict(err error) bool {
	var refusal *bus.AskError
	return errors.As(err, &refusal) && refusal.Code == bus.CodeConflict
}
