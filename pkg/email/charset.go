package email

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

const (
	// replacement stands for what cannot be read.
	replacement = "\uFFFD"
	// byteOrder begins some texts and is no letter of them.
	byteOrder = "\uFEFF"
)

var errUnknownCharset = errors.New("unknown charset")

// Decode is text of a charset in UTF-8. Without a charset, or in one that nobody knows, it is taken for UTF-8; what cannot
// be read is marked by U+FFFD, never refused.
func Decode(raw []byte, charset string) string {
	charset = strings.ToLower(strings.TrimSpace(charset))
	if charset == "" || charset == "utf-8" || charset == "us-ascii" {
		return strings.ToValidUTF8(string(raw), replacement)
	}
	if known, err := charsetOf(charset); err == nil {
		if text, err := known.NewDecoder().Bytes(raw); err == nil {
			raw = text
		}
	}
	return strings.ToValidUTF8(strings.TrimPrefix(string(raw), byteOrder), replacement)
}

// charsetOf knows the labels of the web and those registered for mail.
func charsetOf(label string) (encoding.Encoding, error) {
	if known, err := htmlindex.Get(label); err == nil {
		return known, nil
	}
	if known, err := ianaindex.MIME.Encoding(label); err == nil && known != nil {
		return known, nil
	}
	return nil, fmt.Errorf("looking %q up: %w", label, errUnknownCharset)
}

// Words decodes the encoded words (RFC 2047) of a field. One in an unknown charset is read as far as it goes.
func Words(text string) string {
	if plain, err := wordDecoder().DecodeHeader(text); err == nil {
		text = plain
	}
	return strings.ToValidUTF8(text, replacement)
}

func wordDecoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
		known, err := charsetOf(charset)
		if err == nil {
			return known.NewDecoder().Reader(input), nil
		}
		raw, err := io.ReadAll(input)
		if err != nil {
			return nil, fmt.Errorf("reading a word of %q: %w", charset, err)
		}
		if !utf8.Valid(raw) {
			raw = []byte(strings.ToValidUTF8(string(raw), replacement))
		}
		return strings.NewReader(string(raw)), nil
	}}
}
