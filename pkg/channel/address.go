package channel

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
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
