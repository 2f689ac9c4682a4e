package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	maxName     = 100
	minPassword = 10
	maxPassword = 200
)

// cleanName trims a name a person gave to something and checks it.
func cleanName(field, text string) (string, error) {
	name := strings.TrimSpace(text)
	if length := utf8.RuneCountInString(name); length < 1 || length > maxName {
		return "", refuse.Invalid(field, "Must have 1 to 100 characters.")
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", refuse.Invalid(field, "Must not hold control characters.")
	}
	return name, nil
}

// cleanEmail checks an e-mail address and writes it in the form accounts are found by.
func cleanEmail(text string) (string, error) {
	text = strings.TrimSpace(text)
	email, err := channel.NormalizeAddress(channel.Email, text)
	if err != nil || strings.ContainsAny(text, "<>\"\x00") {
		return "", refuse.Invalid("email", "Must be an e-mail address such as name@example.com.")
	}
	return email, nil
}

func checkPassword(password, email string) error {
	if length := utf8.RuneCountInString(password); length < minPassword || length > maxPassword {
		return refuse.Invalid("password", "Must have 10 to 200 characters.")
	}
	if strings.EqualFold(strings.TrimSpace(password), email) {
		return refuse.Invalid("password", "Must not be the e-mail address.")
	}
	return nil
}
