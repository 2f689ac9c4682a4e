package sendgrid

import (
	"fmt"
	"io"
	"mime"
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// maxRecipients bounds the recipients of one e-mail.
const maxRecipients = 1000

// decoded is text of a charset in UTF-8. What no charset explains is replaced, never refused.
func decoded(raw []byte, charset string) string {
	charset = strings.ToLower(strings.TrimSpace(charset))
	if charset != "" && charset != "utf-8" && charset != "us-ascii" {
		if known, err := htmlindex.Get(charset); err == nil {
			if text, err := known.NewDecoder().Bytes(raw); err == nil {
				raw = text
			}
		}
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

// header is the header of an e-mail: each field once, by its name in lower case, unfolded.
type header map[string]string

// readHeader takes a block of header lines apart. A line that is no field is left out: other people's programs write
// such lines, and the fields after it still count.
func readHeader(block string) header {
	lines, last := map[string][]string{}, ""
	for line := range strings.SplitSeq(block, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last != "" {
				lines[last] = append(lines[last], strings.TrimSpace(line))
			}
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key = strings.ToLower(strings.TrimSpace(key))
		if _, twice := lines[key]; !ok || twice {
			last = ""
			continue
		}
		lines[key], last = []string{strings.TrimSpace(value)}, key
	}
	read := make(header, len(lines))
	for key, folded := range lines {
		read[key] = strings.Join(folded, " ")
	}
	return read
}

// words decodes the encoded words (RFC 2047) of a field.
func words(text string) string {
	if plain, err := wordDecoder().DecodeHeader(text); err == nil {
		text = plain
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

func wordDecoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(charset string, input io.Reader) (io.Reader, error) {
		known, err := htmlindex.Get(charset)
		if err != nil {
			return nil, fmt.Errorf("decoding a word of %q: %w", charset, err)
		}
		return known.NewDecoder().Reader(input), nil
	}}
}

// messageIDs takes a field of message ids apart.
func messageIDs(field string) []string {
	var ids []string
	for id := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(" \t\r\n,<>", r) }) {
		ids = append(ids, strings.ToValidUTF8(id, "\uFFFD"))
	}
	return ids
}

// addresses normalises lists of addresses and drops repetitions.
func addresses(lists ...string) []string {
	var read []string
	for _, list := range lists {
		texts := []string{list}
		if parsed, err := mail.ParseAddressList(list); err == nil {
			texts = nil
			for _, one := range parsed {
				texts = append(texts, one.Address)
			}
		}
		for _, text := range texts {
			address, _ := person(text)
			if address != "" && len(read) < maxRecipients && !slices.Contains(read, address) {
				read = append(read, address)
			}
		}
	}
	return read
}

// person splits "Ana <ana@example.com>", also when the name is not quoted as it should be; an address that is none
// stays as it came.
func person(text string) (address, fullName string) {
	text = strings.TrimSpace(text)
	parser := mail.AddressParser{WordDecoder: wordDecoder()}
	if parsed, err := parser.Parse(text); err == nil {
		text, fullName = parsed.Address, parsed.Name
	} else if before, rest, ok := cutLast(text, "<"); ok {
		inside, _, _ := strings.Cut(rest, ">")
		text, fullName = strings.TrimSpace(inside), strings.Trim(words(before), `" `)
	}
	if normal, err := channel.NormalizeAddress(channel.Email, text); err == nil {
		return normal, fullName
	}
	return text, fullName
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
