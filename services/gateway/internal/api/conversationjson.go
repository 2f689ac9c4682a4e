package api

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxKept is the largest buffer that is used again.
const maxKept = 256 << 10

// buffers are used again: a page has twenty kilobytes.
type buffers struct{ pool sync.Pool }

func newBuffers() *buffers { return &buffers{sync.Pool{New: func() any { return new([]byte) }}} }

func (b *buffers) take() *[]byte { return b.pool.Get().(*[]byte) } //nolint:forcetypeassert // nothing else is put there

func (b *buffers) putBack(buffer *[]byte) {
	if cap(*buffer) <= maxKept {
		b.pool.Put(buffer)
	}
}

// marshal writes answers for the library: pages that are written already as they are.
func (b *buffers) marshal(w io.Writer, v any) error {
	page, ok := v.(ConversationPage)
	if !ok || page.written == nil {
		return huma.DefaultJSONFormat.Marshal(w, v) //nolint:wrapcheck // the library's own
	}
	_, err := w.Write(*page.written)
	b.putBack(page.written)
	return err //nolint:wrapcheck // the library tells who went away from what went wrong
}

// What follows writes the same bytes as encoding/json, which looks at every value's type while it writes, and at each time
// twice.

func (c *Conversation) appendJSON(text []byte) []byte {
	text = appendText(append(text, `{"id":`...), c.ID)
	text = appendText(append(text, `,"channel":`...), c.Channel)
	text = appendText(append(text, `,"status":`...), c.Status)
	text = appendOptional(text, `,"subject":`, c.Subject)
	text = appendText(append(text, `,"snippet":`...), c.Snippet)
	text = appendText(append(text, `,"contact":{"id":`...), c.Contact.ID)
	text = appendOptional(text, `,"name":`, c.Contact.Name)
	text = appendText(append(text, `,"address":`...), c.Contact.Address)
	text = appendFlag(append(text, `},"isUnread":`...), c.IsUnread)
	text = appendFlag(append(text, `,"isStarred":`...), c.IsStarred)
	text = appendOptional(text, `,"assignedTo":`, c.AssignedTo)
	text = appendTexts(append(text, `,"labels":`...), c.Labels)
	text = appendTexts(append(text, `,"tags":`...), c.Tags)
	text = appendTime(append(text, `,"lastMessageAt":`...), c.LastMessageAt)
	text = appendOptional(text, `,"lastDirection":`, c.LastDirection)
	text = appendOptional(text, `,"lastStatus":`, c.LastStatus)
	text = appendOptionalTime(text, `,"snoozedUntil":`, c.SnoozedUntil)
	if c.Consent != nil {
		text = c.Consent.appendJSON(append(text, `,"consent":`...))
	}
	text = appendFlag(append(text, `,"hasWindow":`...), c.HasWindow)
	text = appendOptionalTime(text, `,"windowExpiresAt":`, c.WindowExpiresAt)
	text = appendOptional(text, `,"linkedConversationId":`, c.LinkedConversationID)
	text = appendTime(append(text, `,"createdAt":`...), c.CreatedAt)
	text = appendTime(append(text, `,"updatedAt":`...), c.UpdatedAt)
	return append(text, '}')
}

func (c *Consent) appendJSON(text []byte) []byte {
	text = appendText(append(text, `{"channel":`...), c.Channel)
	text = appendText(append(text, `,"address":`...), c.Address)
	text = appendText(append(text, `,"state":`...), c.State)
	text = appendText(append(text, `,"source":`...), c.Source)
	text = appendText(append(text, `,"reason":`...), c.Reason)
	text = appendOptional(text, `,"changedBy":`, c.ChangedBy)
	text = appendTime(append(text, `,"changedAt":`...), c.ChangedAt)
	return append(text, '}')
}

// appendOptional leaves out what is empty, with its name.
func appendOptional(text []byte, name, value string) []byte {
	if value == "" {
		return text
	}
	return appendText(append(text, name...), value)
}

func appendOptionalTime(text []byte, name string, at *time.Time) []byte {
	if at == nil {
		return text
	}
	return appendTime(append(text, name...), *at)
}

func appendTexts(text []byte, values []string) []byte {
	text = append(text, '[')
	for i, value := range values {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendText(text, value)
	}
	return append(text, ']')
}

func appendFlag(text []byte, value bool) []byte {
	if value {
		return append(text, "true"...)
	}
	return append(text, "false"...)
}

func appendTime(text []byte, at time.Time) []byte {
	return append(at.AppendFormat(append(text, '"'), time.RFC3339Nano), '"')
}

func appendText(text []byte, value string) []byte {
	if isPlain(value) {
		return append(append(append(text, '"'), value...), '"')
	}
	var escaped bytes.Buffer
	encoder := json.NewEncoder(&escaped)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a string always can be
	return append(text, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}

// isPlain tells whether a text stands in JSON as it is: UTF-8 without control characters, quotes, backslashes, and the
// two line separators that end a line in JavaScript.
func isPlain(value string) bool {
	isASCII := true
	for i := range len(value) {
		c := value[i]
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		isASCII = isASCII && c < utf8.RuneSelf
	}
	return isASCII || utf8.ValidString(value) && !strings.ContainsAny(value, "\u2028\u2029")
}
