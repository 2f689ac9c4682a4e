package channel

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// ErrInvalidAddress is returned when a text is no address of its channel.
var ErrInvalidAddress = errors.New("invalid address")

// NormalizeAddress checks an address and writes it in the one form everything compares by: E.164 for a phone number,
// lower-case addr-spec (RFC 5322) for e-mail. On WhatsApp a business-scoped id stands for a customer who keeps the number
// to himself; it is left as it is. It returns ErrInvalidAddress, or ErrUnknownKind.
func NormalizeAddress(kind Kind, text string) (string, error) {
	switch kind {
	case WhatsApp:
		if isBusinessScoped(text) {
			return text, nil
		}
		return normalizePhone(text)
	case SMS, Call:
		return normalizePhone(text)
	case Email:
		return normalizeEmail(text)
	case Social, LiveChat:
		if text == "" || len(text) > 255 {
			return "", fmt.Errorf("%w: %q", ErrInvalidAddress, text)
		}
		return text, nil
	default:
		return "", fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	}
}

// isBusinessScoped tells a business-scoped id: the customer's country, a point, and letters and digits, of which a
// parent id has two groups.
func isBusinessScoped(text string) bool {
	country, id, ok := strings.Cut(text, ".")
	if !ok || len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || len(id) > 132 {
		return false
	}
	group, rest, parent := strings.Cut(id, ".")
	return isAlphanumeric(group) && (!parent || isAlphanumeric(rest))
}

func isAlphanumeric(text string) bool {
	return text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// normalizePhone refuses a number with words before it, which the library would skip: "whatsapp:+1…" is no address of a
// text, and a sentence with a number in it is none of anything.
func normalizePhone(text string) (string, error) {
	bare := strings.TrimLeft(strings.TrimPrefix(text, "tel:"), " (\u00a0")
	if !strings.HasPrefix(bare, "+") && !strings.HasPrefix(bare, "\uff0b") { // the second is the wide plus of Asian keyboards
		return "", fmt.Errorf("%w: %q is not an international phone number such as +14155550123", ErrInvalidAddress, text)
	}
	number, ok := formatPhone(text)
	if ok && number != text { // of a number of trunk zeros alone the library takes one more away each time
		again, possible := formatPhone(number)
		ok = possible && again == number
	}
	if !ok {
		return "", fmt.Errorf("%w: %q is not an international phone number such as +14155550123", ErrInvalidAddress, text)
	}
	return number, nil
}

// formatPhone writes a number in E.164.
func formatPhone(text string) (string, bool) {
	number, err := phonenumbers.Parse(text, "ZZ") // "ZZ": no default country, so the number must be international
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// normalizeEmail refuses quoted local parts too: nobody has one, and they are read differently by every program.
func normalizeEmail(text string) (string, error) {
	refused := fmt.Errorf("%w: %q is not an e-mail address such as name@example.com", ErrInvalidAddress, text)
	parsed, err := mail.ParseAddress(text)
	if err != nil || len(parsed.Address) > 254 {
		return "", refused
	}
	address := strings.ToLower(parsed.Address)
	if again, err := mail.ParseAddress(address); err != nil || again.Address != address || len(address) > 254 {
		return "", refused
	}
	return address, nil
}
