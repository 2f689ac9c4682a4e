package resend

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	netmail "net/mail"
	"path"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	maxRecipients = 50
	maxTagLength  = 256
)

// sendRequest is the body of a send. Unknown fields are ignored, as there.
type sendRequest struct {
	From        string            `json:"from"`
	To          addresses         `json:"to"`
	CC          addresses         `json:"cc"`
	BCC         addresses         `json:"bcc"`
	ReplyTo     addresses         `json:"reply_to"`
	Subject     string            `json:"subject"`
	HTML        string            `json:"html"`
	Text        string            `json:"text"`
	Headers     map[string]string `json:"headers"`
	Attachments []attachment      `json:"attachments"`
	Tags        []tag             `json:"tags"`
	ScheduledAt string            `json:"scheduled_at"`
	Template    json.RawMessage   `json:"template"`
	TopicID     string            `json:"topic_id"`
}

type attachment struct {
	// Content is base64 text; one client library writes an array of numbers.
	Content     json.RawMessage `json:"content"`
	Path        string          `json:"path"`
	Filename    string          `json:"filename"`
	ContentType string          `json:"content_type"`
	ContentID   string          `json:"content_id"`
}

// bytes is the content of a file; false when it is neither base64 nor an array of numbers. Files at an address are not
// fetched: nothing leaves the machine.
func (f attachment) bytes() ([]byte, bool) {
	var text string
	if json.Unmarshal(f.Content, &text) == nil {
		content, err := base64.StdEncoding.DecodeString(text)
		return content, err == nil
	}
	var numbers []uint8AsNumber
	if len(f.Content) > 0 && json.Unmarshal(f.Content, &numbers) != nil {
		return nil, false
	}
	content := make([]byte, len(numbers))
	for i, number := range numbers {
		content[i] = byte(number)
	}
	return content, true
}

// uint8AsNumber keeps a list of numbers from being read as base64.
type uint8AsNumber uint8

func (r sendRequest) files() []world.File {
	var files []world.File
	for _, one := range r.Attachments {
		content, _ := one.bytes() // it was checked
		kind, _, err := mime.ParseMediaType(one.ContentType)
		if err != nil {
			kind = cmp.Or(mime.TypeByExtension(path.Ext(one.Filename)), "application/octet-stream")
		}
		files = append(files, world.File{Filename: one.Filename, ContentType: kind, ContentID: one.ContentID, Content: content})
	}
	return files
}

type tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// addresses is one address or a list of them.
type addresses []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *addresses) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*a = addresses{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(data, &many)
	*a = many
	return err //nolint:wrapcheck // the decoder wraps it
}

func (r sendRequest) recipients() []string {
	all := append([]string{}, r.To...)
	return append(append(all, r.CC...), r.BCC...)
}

// refusal is the answer to a send that is not taken; ok means that it is.
func (r sendRequest) refusal() (answer provider.Answer, ok bool) {
	if field := r.missing(); field != "" {
		return failWith(http.StatusUnprocessableEntity, errMissingField, "Missing `"+field+"` field."), false
	}
	from, err := netmail.ParseAddress(r.From)
	if err != nil {
		return fail(errInvalidFrom), false
	}
	if field := r.invalidList(); field != "" {
		return unprocessable("Invalid `" + field + "` field. It holds at most 50 addresses such as " +
			"`email@example.com` or `Name <email@example.com>`."), false
	}
	if slices.ContainsFunc(r.Attachments, func(f attachment) bool { return len(f.Content) == 0 && f.Path == "" }) {
		return fail(errAttachment), false
	}
	if slices.ContainsFunc(r.Attachments, func(f attachment) bool { _, ok := f.bytes(); return !ok || f.Filename == "" }) {
		return fail(errAttachment), false
	}
	if slices.ContainsFunc(r.Tags, func(t tag) bool { return !validTag(t.Name) || !validTag(t.Value) }) {
		return unprocessable("Tags should only contain ASCII letters, numbers, underscores, or dashes."), false
	}
	if r.ScheduledAt != "" || len(r.Template) > 0 || r.TopicID != "" {
		return unprocessable("The sandbox knows neither `scheduled_at` nor `template` nor `topic_id`."), false
	}
	if domain := mailbox.DomainOf(from.Address); domain != Domain {
		return failWith(http.StatusForbidden, errValidation,
			"The "+domain+" domain is not verified. Please, add and verify your domain"), false
	}
	return provider.Answer{}, true
}

func (r sendRequest) missing() string {
	switch {
	case r.From == "":
		return "from"
	case len(r.To) == 0:
		return "to"
	case r.Subject == "":
		return "subject"
	case r.HTML == "" && r.Text == "" && len(r.Template) == 0:
		return "html` or `text"
	default:
		return ""
	}
}

// invalidList is the first list of addresses that is wrong.
func (r sendRequest) invalidList() string {
	for _, field := range []string{"to", "cc", "bcc", "reply_to"} {
		list := map[string]addresses{"to": r.To, "cc": r.CC, "bcc": r.BCC, "reply_to": r.ReplyTo}[field]
		if !valid(list) || len(list) > maxRecipients {
			return field
		}
	}
	return ""
}

func unprocessable(message string) provider.Answer {
	return failWith(http.StatusUnprocessableEntity, errValidation, message)
}

func valid(list addresses) bool {
	for _, address := range list {
		parsed, err := netmail.ParseAddress(address)
		if err != nil || mailbox.DomainOf(parsed.Address) == "" {
			return false
		}
	}
	return true
}

func validTag(text string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return text != "" && len(text) <= maxTagLength && strings.Trim(text, allowed) == ""
}
