package sendgrid

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// maxDepth bounds how deep the parts of an e-mail are nested.
const maxDepth = 16

// letter is an e-mail as it came over the wire, taken apart. What cannot be read of it is left out: the rest of the
// message is worth more than a refusal.
type letter struct {
	header     string
	text, html string
	files      []file
	parts      int
}

func readLetter(raw []byte) letter {
	head, body := cutHeader(raw)
	read := letter{header: decoded(head, "")}
	fields := readHeader(read.header)
	read.walk(textproto.MIMEHeader{
		"Content-Type": {fields["content-type"]}, "Content-Transfer-Encoding": {fields["content-transfer-encoding"]},
		"Content-Disposition": {fields["content-disposition"]}, "Content-Id": {fields["content-id"]},
	}, bytes.NewReader(body), 0)
	return read
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

// walk reads one part and the parts in it.
func (l *letter) walk(head textproto.MIMEHeader, body io.Reader, depth int) {
	l.parts++
	kind, parameters, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	if l.parts > maxParts || depth > maxDepth {
		return
	}
	if strings.HasPrefix(kind, "multipart/") && parameters["boundary"] != "" {
		l.each(multipart.NewReader(body, parameters["boundary"]), depth)
		return
	}
	disposition, attributes, _ := mime.ParseMediaType(head.Get("Content-Disposition"))
	content, err := io.ReadAll(transferred(body, head.Get("Content-Transfer-Encoding")))
	fileName := words(cmp.Or(attributes["filename"], parameters["name"]))
	written := map[string]*string{"text/plain": &l.text, "text/html": &l.html}[kind]
	if written == nil || disposition == "attachment" || fileName != "" {
		one := file{name: fileName, contentType: kind, contentID: bare(head.Get("Content-Id"))}
		if err == nil {
			one.content = content
		}
		l.files = append(l.files, one)
		return
	}
	*written += decoded(content, parameters["charset"]) // a text as far as it can be read
}

func (l *letter) each(parts *multipart.Reader, depth int) {
	for l.parts <= maxParts {
		part, err := parts.NextRawPart()
		if err != nil {
			return // the end, or what cannot be read
		}
		l.walk(part.Header, part, depth+1)
	}
}

func transferred(body io.Reader, encoding string) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}

// mediaType is a type without its parameters, empty when it is none.
func mediaType(text string) string {
	kind, _, err := mime.ParseMediaType(text)
	if err != nil {
		return ""
	}
	return kind
}
