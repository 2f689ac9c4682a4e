package email

import (
	"net/textproto"
	"strings"
)

const (
	// maxFields bounds the fields of one header, maxRepeated the fields of one name.
	maxFields   = 2000
	maxRepeated = 100
)

// Header is the header of an e-mail: the values of each field by its name in lower case, unfolded.
type Header map[string][]string

// Add adds a field; one past the bounds is left out.
func (h Header) Add(name, value string) {
	name = strings.ToLower(strings.TrimSpace(name))
	held, known := h[name]
	if name == "" || len(held) >= maxRepeated || (!known && len(h) >= maxFields) {
		return
	}
	h[name] = append(held, unfolded(value))
}

// Get is the first field of the name.
func (h Header) Get(name string) string {
	if values := h[strings.ToLower(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// All is every field of the name in one text, for fields that are lists.
func (h Header) All(name string) string { return strings.Join(h[strings.ToLower(name)], " ") }

// Has tells whether there is a field of the name, also an empty one.
func (h Header) Has(name string) bool { return len(h[strings.ToLower(name)]) > 0 }

// mime is the fields that say how a part is written, as the standard library wants them.
func (h Header) mime() textproto.MIMEHeader {
	fields := textproto.MIMEHeader{}
	for _, name := range []string{"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Id"} {
		if value := h.Get(name); value != "" {
			fields.Set(name, value)
		}
	}
	return fields
}

// ReadHeader takes a block of header lines apart, up to its first empty line. A line that is no field is left out: other
// people's programs write such lines, and the fields after it still count.
func ReadHeader(block string) Header {
	read := Header{}
	name, folded := "", []string(nil)
	end := func() {
		if name != "" {
			read.Add(name, strings.Join(folded, " "))
		}
		name, folded = "", nil
	}
	for line := range strings.SplitSeq(block, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			folded = append(folded, strings.TrimSpace(line))
			continue
		}
		end()
		key, value, ok := strings.Cut(line, ":")
		if ok && !strings.ContainsAny(strings.TrimSpace(key), " \t") {
			name, folded = strings.TrimSpace(key), []string{strings.TrimSpace(value)}
		}
	}
	end()
	return read
}

// unfolded joins the lines of a field.
func unfolded(value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return strings.TrimSpace(value)
	}
	var lines []string
	for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " ")
}

// maxIDs bounds the message ids of one field: the last are the nearest relatives, and the first is the root.
const maxIDs = 200

// MessageIDs takes a field of message ids apart: without angle brackets, each once. Of too many it keeps the first and the
// last ones.
func MessageIDs(field string) []string {
	var ids []string
	known := map[string]bool{}
	for id := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(" \t\r\n,<>", r) }) {
		id = strings.ToValidUTF8(id, replacement)
		if !known[id] {
			known[id] = true
			ids = append(ids, id)
		}
	}
	if len(ids) > maxIDs {
		ids = append(ids[:1], ids[len(ids)-maxIDs+1:]...)
	}
	return ids
}

// MessageID is the first message id of a field, empty when there is none.
func MessageID(field string) string {
	if ids := MessageIDs(field); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// Bracketed writes message ids as a header does.
func Bracketed(ids ...string) string {
	var written []string
	for _, id := range ids {
		if id = Bare(OneLine(id)); id != "" {
			written = append(written, "<"+id+">")
		}
	}
	return strings.Join(written, " ")
}

// Bare is an identifier without its angle brackets.
func Bare(id string) string {
	return strings.ToValidUTF8(strings.Trim(id, "<> \t\r\n"), replacement)
}

// OneLine keeps a text from ending its header early.
func OneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 }), " ")
}
