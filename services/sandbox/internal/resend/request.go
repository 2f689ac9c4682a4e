package resend

import (
	"encoding/json"
	"net/http"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
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
	if slices.ContainsFunc(r.Tags, func(t tag) bool { return !validTag(t.Name) || !validTag(t.Value) }) {
		return unprocessable("Tags should only contain ASCII letters, numbers, underscores, or dashes."), false
	}
	if r.ScheduledAt != "" || len(r.Template) > 0 || r.TopicID != "" {
		return unprocessable("The sandbox knows neither `scheduled_at` nor `template` nor `topic_id`."), false
	}
	if domain := domainOf(from.Address); domain != Domain {
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
		if err != nil || domainOf(parsed.Address) == "" {
			return false
		}
	}
	return true
}

func validTag(text string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return text != "" && len(text) <= maxTagLength && strings.Trim(text, allowed) == ""
}

// plain is the address without the name, in lower case; the text itself when it is no address.
func plain(address string) string {
	parsed, err := netmail.ParseAddress(address)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(address))
	}
	return strings.ToLower(parsed.Address)
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
