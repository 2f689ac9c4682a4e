package email

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const (
	// MaxParts bounds the parts of an e-mail; one of more is refused whole.
	MaxParts = 2000
	// maxDepth bounds how deep the parts of an e-mail are nested; what is deeper is a file.
	maxDepth = 16
)

// ErrTooManyParts is returned when an e-mail has more than MaxParts parts.
var ErrTooManyParts = errors.New("the e-mail has too many parts")

// Letter is an e-mail as it came over the wire, taken apart.
type Letter struct {
	Header     Header
	Text, HTML string
	Files      []channel.Media
}

// ReadLetter takes an e-mail apart (RFC 5322, MIME). What cannot be read of it is left out: the rest of the message is
// worth more than a refusal. It returns ErrTooManyParts.
func ReadLetter(raw []byte) (Letter, error) {
	head, body := cutHeader(raw)
	reading := &reading{letter: Letter{Header: ReadHeader(Decode(head, ""))}}
	if err := reading.part(reading.letter.Header.mime(), bytes.NewReader(body), 0); err != nil {
		return Letter{}, err
	}
	reading.letter.Text, reading.letter.HTML = reading.text.String(), reading.html.String()
	return reading.letter, nil
}

// cutHeader splits an e-mail at its first empty line; one without such a line is all header.
func cutHeader(raw []byte) (head, body []byte) {
	for _, blank := range [][]byte{[]byte("\r\n\r\n"), []byte("\n\n")} {
		before, after, found := bytes.Cut(raw, blank)
		if found && (head == nil || len(before) < len(head)) {
			head, body = before, after
		}
	}
	if head == nil {
		return raw, nil
	}
	return head, body
}

// reading is a letter being read.
type reading struct {
	letter     Letter
	text, html strings.Builder
	parts      int
}

// part reads one part and the parts in it.
func (r *reading) part(head textproto.MIMEHeader, body io.Reader, depth int) error {
	if r.parts++; r.parts > MaxParts {
		return fmt.Errorf("reading an e-mail: %w", ErrTooManyParts)
	}
	kind, parameter := mediaType(head.Get("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") && parameter("boundary") != "" && depth < maxDepth {
		return r.each(multipart.NewReader(body, parameter("boundary")), depth)
	}
	content, err := io.ReadAll(body)
	if err != nil && len(content) == 0 {
		return nil // a part that broke off at once
	}
	disposition, attribute := mediaType(head.Get("Content-Disposition"))
	name := FileName(cmp.Or(attribute("filename"), parameter("name")))
	written := map[string]*strings.Builder{"": &r.text, "text/plain": &r.text, "text/html": &r.html}[kind]
	if written != nil && disposition != "attachment" && name == "" {
		text, _ := transferred(content, head.Get("Content-Transfer-Encoding"))
		written.WriteString(Decode(text, parameter("charset")))
		return nil
	}
	if name == "" && kind == "message/rfc822" {
		name = "message.eml"
	}
	file := channel.Media{Filename: name, ContentType: kind, ContentID: Bare(head.Get("Content-Id"))}
	if whole, ok := transferred(content, head.Get("Content-Transfer-Encoding")); ok {
		file.Content = whole
	}
	r.letter.Files = append(r.letter.Files, file)
	return nil
}

func (r *reading) each(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return nil //nolint:nilerr // the end, or what cannot be read
		}
		if err := r.part(part.Header, part, depth+1); err != nil {
			return err
		}
	}
}

// transferred undoes a transfer encoding. What is not encoded as it says comes back as it is, and false.
func transferred(content []byte, encoding string) ([]byte, bool) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return FromBase64(content)
	case "quoted-printable":
		plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(content)))
		if err != nil {
			return content, false
		}
		return plain, true
	default:
		return content, true
	}
}

// FromBase64 decodes base64 as mail programs write it: broken into lines, at times without its padding. What is none comes
// back as it is, and false.
func FromBase64(content []byte) ([]byte, bool) {
	if plain, err := base64.StdEncoding.AppendDecode(nil, content); err == nil {
		return plain, true
	}
	letters := make([]byte, 0, len(content))
	for _, letter := range content {
		switch letter {
		case '\r', '\n', ' ', '\t':
		case '=':
			plain, err := base64.RawStdEncoding.AppendDecode(nil, letters)
			return orAsItIs(content, plain, err)
		default:
			letters = append(letters, letter)
		}
	}
	plain, err := base64.RawStdEncoding.AppendDecode(nil, letters)
	return orAsItIs(content, plain, err)
}

func orAsItIs(content, plain []byte, err error) ([]byte, bool) {
	if err != nil {
		return content, false
	}
	return plain, true
}

// MediaType is a media type without its parameters, empty when it is none.
func MediaType(text string) string {
	kind, _ := mediaType(text)
	return kind
}

// mediaType reads a type with its parameters, also when one of them is not quoted as it should be.
func mediaType(text string) (kind string, parameter func(name string) string) {
	kind, parameters, err := mime.ParseMediaType(text)
	if err == nil {
		return kind, func(name string) string { return parameters[name] }
	}
	kind, rest, _ := strings.Cut(text, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if strings.ContainsFunc(kind, func(r rune) bool { return r <= ' ' || r > '~' }) {
		kind = ""
	}
	return kind, func(name string) string { return loose(rest, name) }
}

// loose finds a parameter among some that are broken.
func loose(parameters, name string) string {
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, ok := strings.Cut(parameter, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// maxFileName is how long the name of a file is at most, in bytes.
const maxFileName = 255

// FileName is a name of a file that a stranger gave, as it may be shown and saved: decoded, without folders and without
// what is no letter.
func FileName(text string) string {
	text = Words(text)
	text = text[strings.LastIndexAny(text, `/\`)+1:]
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1 // also the marks that make a name read backwards
		}
		return r
	}, text))
	if text == "." || text == ".." {
		return ""
	}
	for len(text) > maxFileName {
		text = strings.ToValidUTF8(text[len(text)-maxFileName:], "") // the end says what kind it is
	}
	return text
}
