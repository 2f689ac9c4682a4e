package channel

import "cmp"

// Meaning is what one of a provider's codes says about a message.
type Meaning struct {
	// Class is what it means for a call that is refused with it; empty leaves that to the HTTP status.
	Class Class
	// Code is our code of a message that ends with it.
	Code string
	// Message says it in plain words, for the provider may tell the number alone.
	Message string
	// Remedy is what to do about it, where our code's own remedy does not fit; may be empty.
	Remedy string
}

// Means is a Meaning in a line of a table.
func Means(class Class, code, message, remedy string) Meaning {
	return Meaning{Class: class, Code: code, Message: message, Remedy: remedy}
}

// Meanings is a provider's codes and what they mean.
type Meanings map[string]Meaning

// Explain lets a documented code say more about a refused call than its HTTP status does. A code that only the news of
// a taken message brings leaves the class as it is.
func (m Meanings) Explain(refused *Error) {
	known, ok := m[refused.ProviderCode]
	if !ok {
		return
	}
	refused.Class = cmp.Or(known.Class, refused.Class)
	refused.Code, refused.Remedy = known.Code, known.Remedy
	refused.Message = cmp.Or(refused.Message, known.Message)
}

// Failure describes the bad end of a message: the provider's own sentence goes before ours, and otherwise is what is
// said of a code nobody knows.
func (m Meanings) Failure(code, sentence, otherwise string) *Failure {
	known, ok := m[code]
	if !ok {
		known = Meaning{Code: CodeProviderFailed, Message: otherwise}
		if code != "" {
			known.Message += " (code " + code + ")"
		}
		known.Message += "."
	}
	failure := NewFailure(known.Code, code, cmp.Or(sentence, known.Message))
	failure.Remedy = cmp.Or(known.Remedy, failure.Remedy)
	return failure
}
