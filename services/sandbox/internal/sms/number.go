// Package sms holds what the stand-ins of the providers of texts share: numbers, lengths, what a customer may write and
// the answer an inbound text wants.
package sms

import "strings"

// The last four digits of a customer's number that make a text take a bad end.
const (
	SuffixInvalid     = "0000"
	SuffixOptedOut    = "0001"
	SuffixUndelivered = "0002"
)

// ownPrefix begins every number that is ours, followed by seven digits.
const ownPrefix = "+1500"

// ValidNumber tells whether text is a number in E.164: a plus and 8 to 15 digits, the first not zero; eleven of them
// in the North American plan.
func ValidNumber(text string) bool {
	digits, ok := strings.CutPrefix(text, "+")
	if !ok || len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
		return false
	}
	if strings.Trim(digits, "0123456789") != "" {
		return false
	}
	return digits[0] != '1' || len(digits) == 11
}

// Owned tells whether a number is one of ours.
func Owned(number string) bool { return ValidNumber(number) && strings.HasPrefix(number, ownPrefix) }

// Segments counts the parts a text is sent in: 160 characters of the GSM alphabet, 70 of any other, and a little less
// when there are several.
func Segments(body string) int {
	single, several, length := 160, 153, 0
	for _, r := range body {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			length++
		case strings.ContainsRune(gsmExtended, r):
			length += 2
		default:
			return parts(utf16Length(body), 70, 67)
		}
	}
	return parts(length, single, several)
}

func parts(length, single, several int) int {
	if length <= single {
		return 1
	}
	return (length + several - 1) / several
}

func utf16Length(text string) int {
	length := 0
	for _, r := range text {
		length++
		if r > 0xFFFF {
			length++
		}
	}
	return length
}

// The alphabet of GSM 03.38; a character of the extension takes two places.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)
