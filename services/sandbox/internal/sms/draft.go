package sms

import (
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// MaxRunes is the length of the longest text.
const MaxRunes = 1600

// CheckDraft tells what is wrong with a text that a customer wants to write: a *world.InputError naming the field.
func CheckDraft(draft world.Draft) error {
	switch {
	case !ValidNumber(draft.From):
		return &world.InputError{Field: "from", Message: "is not a phone number such as +14055550123"}
	case Owned(draft.From):
		return &world.InputError{Field: "from", Message: "is one of our own numbers: a customer has another"}
	case !ValidNumber(draft.To):
		return &world.InputError{Field: "to", Message: "is not a phone number such as +15002000001"}
	case !Owned(draft.To):
		return &world.InputError{Field: "to", Message: "is not a number of the sandbox: those begin with " + ownPrefix}
	case draft.Body == "" && len(draft.Files) == 0:
		return &world.InputError{Field: "body", Message: "is empty"}
	case utf8.RuneCountInString(draft.Body) > MaxRunes:
		return &world.InputError{Field: "body", Message: "is longer than 1600 characters"}
	case draft.Subject != "":
		return &world.InputError{Field: "subject", Message: "is for e-mail only"}
	default:
		return nil
	}
}
