package channel

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// normalizePhone refuses a number with words before it, which the library would skip: "whatsapp:+1…" is no address of a
// text, and a sentence with a number in it is none of anything.
func normalizePhone(text string) (string, error) {
	if isPlainPhone(text) {
		return text, nil
	}
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

// isPlainPhone tells a number that is in E.164 already, for the plans where that can be seen from the digits: the
// library would give it back as it is, and takes a hundred times as long. False says nothing about a number.
func isPlainPhone(text string) bool {
	if len(text) < 3 || text[0] != '+' || !isDigits(text[1:]) {
		return false
	}
	first, length, national := byte('1'), 9, text[3:]
	switch text[1:3] { // here the trunk prefix, which no national number begins with, is 0 or there is none
	case "33", "34", "41": // nine digits
	case "44", "49":
		length = 10
	default:
		if text[1] != '1' { // North America; its trunk prefix is 1
			return false
		}
		first, length, national = '2', 10, text[2:]
	}
	return len(national) == length && national[0] >= first
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
