package channel

import "strings"

// Encoding is how the characters of a text message travel (3GPP TS 23.038).
type Encoding string

// The encodings. One character outside the small alphabet makes the whole message travel in the large one.
const (
	// GSM7 is the alphabet of 128 characters and its extension, whose characters take the room of two.
	GSM7 Encoding = "GSM-7"
	// UCS2 is everything else, in units of 16 bits: a character outside the basic plane, such as an emoji, takes two.
	UCS2 Encoding = "UCS-2"
)

// The alphabet without the escape, and what the escape reaches.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// The room of a message that is one segment, and of a segment of a longer one, which also carries its place.
const (
	gsmSingle, gsmPart   = 160, 153
	ucs2Single, ucs2Part = 70, 67
)

// Segments tells how a text travels as SMS, and in how many segments, which is what it costs. An empty text needs none.
// A character that takes two places is never split, so a segment may end one place early.
func Segments(text string) (encoding Encoding, segments int) {
	encoding, single, part := GSM7, gsmSingle, gsmPart
	if strings.ContainsFunc(text, func(r rune) bool { return gsmWidth(r) == 0 }) {
		encoding, single, part = UCS2, ucs2Single, ucs2Part
	}
	total, inPart := 0, part
	for _, r := range text {
		width := widthIn(encoding, r)
		total += width
		if inPart += width; inPart > part {
			segments, inPart = segments+1, width
		}
	}
	if total > 0 && total <= single {
		return encoding, 1
	}
	return encoding, segments
}

// widthIn is the room a character takes.
func widthIn(encoding Encoding, r rune) int {
	if encoding == GSM7 {
		return gsmWidth(r)
	}
	if r > 0xFFFF { // a surrogate pair
		return 2
	}
	return 1
}

// gsmWidth is the room a character takes in the small alphabet; 0 when it is not in it.
func gsmWidth(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtended, r):
		return 2
	default:
		return 0
	}
}
