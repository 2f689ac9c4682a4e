package sendgrid

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	unverified = "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved."
	maxPeople  = 1000
)

// sendRequest is the body of a send. Unknown fields are ignored, as there.
type sendRequest struct {
	Personalizations []personalization `json:"personalizations"`
	From             person            `json:"from"`
	ReplyTo          person            `json:"reply_to"`
	Subject          string            `json:"subject"`
	Content          []content         `json:"content"`
	Headers          map[string]string `json:"headers"`
	CustomArgs       map[string]string `json:"custom_args"`
	Attachments      []attachment      `json:"attachments"`
}

type attachment struct {
	Content     string `json:"content"`
	Type        string `json:"type"`
	Filename    string `json:"filename"`
	Disposition string `json:"disposition"`
	ContentID   string `json:"content_id"`
}

// record is what the provider keeps of a send: the arguments by recipient.
type record struct{ args map[string]map[string]string }

// personalization is one mail of a send.
type personalization struct {
	To         []person          `json:"to"`
	CC         []person          `json:"cc"`
	BCC        []person          `json:"bcc"`
	Subject    string            `json:"subject"`
	Headers    map[string]string `json:"headers"`
	CustomArgs map[string]string `json:"custom_args"`
}

type person struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

func (p person) String() string {
	if p.Name == "" {
		return p.Email
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.Name) + `" <` + p.Email + `>`
}

type content struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// refusal is the answer to a send that is not taken; ok means that it is.
func (r sendRequest) refusal() (answer provider.Answer, ok bool) {
	if len(r.Personalizations) == 0 || len(r.Personalizations) > maxPeople {
		return bad("The personalizations field is required and must have at least one personalization.", "personalizations")
	}
	for i, one := range r.Personalizations {
		if answer, ok := one.refusal(r, fmt.Sprintf("personalizations.%d.", i)); !ok {
			return answer, false
		}
	}
	if len(r.Content) == 0 {
		return bad("Unless a valid template_id is provided, the content parameter is required.", "content")
	}
	for i, part := range r.Content {
		if part.Type == "" || part.Value == "" {
			return bad("The content value must be a string at least one character in length.", fmt.Sprintf("content.%d.value", i))
		}
	}
	if answer, ok := r.refusalOfFiles(); !ok {
		return answer, false
	}
	return r.refusalOfSender()
}

func (r sendRequest) refusalOfFiles() (answer provider.Answer, ok bool) {
	for i, file := range r.Attachments {
		if _, err := base64.StdEncoding.DecodeString(file.Content); err != nil || file.Content == "" {
			return bad("The attachment content must be base64 encoded.", fmt.Sprintf("attachments.%d.content", i))
		}
		if file.Filename == "" || strings.ContainsAny(file.Type+file.ContentID, "\r\n;") {
			return bad("The attachment needs a filename, and its type has no CRLF.", fmt.Sprintf("attachments.%d", i))
		}
	}
	return provider.Answer{}, true
}

func bad(message, field string) (provider.Answer, bool) {
	return fail(http.StatusBadRequest, message, field), false
}

func (p personalization) refusal(r sendRequest, field string) (answer provider.Answer, ok bool) {
	if len(p.To) == 0 {
		return bad("The to array is required for all personalization objects, and must have at least one email object.", field+"to")
	}
	known := map[string]bool{}
	for i, to := range p.recipients() {
		if _, err := netmail.ParseAddress(to.Email); err != nil {
			return bad("Does not contain a valid address.", fmt.Sprintf("%sto.%d.email", field, i))
		}
		if known[strings.ToLower(to.Email)] {
			return bad("Each email address in the personalization block should be unique between to, cc, and bcc. "+
				"We found the first duplicate instance of ["+to.Email+"].", strings.TrimSuffix(field, "."))
		}
		known[strings.ToLower(to.Email)] = true
	}
	if cmp.Or(p.Subject, r.Subject) == "" {
		return bad("The subject is required.", "subject")
	}
	for header := range p.headers(r) {
		if forbidden(header) {
			return bad("The header "+header+" is reserved.", "headers")
		}
	}
	return provider.Answer{}, true
}

func (r sendRequest) refusalOfSender() (answer provider.Answer, ok bool) {
	from, err := netmail.ParseAddress(r.From.Email)
	if err != nil {
		return bad("The from email does not contain a valid address.", "from.email")
	}
	if mailbox.DomainOf(from.Address) != Domain {
		return fail(http.StatusForbidden, unverified, "from"), false
	}
	return provider.Answer{}, true
}

func (p personalization) recipients() []person {
	return append(append(append([]person{}, p.To...), p.CC...), p.BCC...)
}

func (p personalization) headers(r sendRequest) map[string]string {
	return joined(r.Headers, p.Headers)
}

func joined(all, own map[string]string) map[string]string {
	both := map[string]string{}
	for _, some := range []map[string]string{all, own} {
		for key, value := range some {
			both[strings.ToLower(key)] = value
		}
	}
	return both
}

// forbidden tells the headers that are not a sender's to set.
func forbidden(header string) bool {
	switch header {
	case "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding",
		"to", "from", "subject", "reply-to", "cc", "bcc":
		return true
	default:
		return false
	}
}

func (a *API) send(call provider.Call) provider.Answer {
	var request sendRequest
	if err := json.Unmarshal(call.Content, &request); err != nil {
		return fail(http.StatusBadRequest, "Bad Request", "")
	}
	if answer, ok := request.refusal(); !ok {
		return answer
	}
	call.Wait()
	id, to := a.accept(request)
	return provider.Answer{
		Status: http.StatusAccepted, ContentType: "text/plain; charset=utf-8",
		Header: map[string]string{"X-Message-Id": id}, MessageID: id, To: to,
	}
}

// accept gives the mail to its recipients and schedules its events. All of a send have one id.
func (a *API) accept(request sendRequest) (id, to string) {
	id = rand.Text()
	now := world.Now()
	kept := record{args: map[string]map[string]string{}}
	var all []string
	for _, one := range request.Personalizations {
		for _, recipient := range one.recipients() {
			kept.args[mailbox.Plain(recipient.Email)] = joined(request.CustomArgs, one.CustomArgs)
			all = append(all, recipient.Email)
		}
	}
	const each = 512
	a.sent.Add(id, kept, each*len(all))
	first := true
	for _, one := range request.Personalizations {
		message := one.message(id, request, now)
		for _, recipient := range one.recipients() {
			message.ID = id
			if !first {
				message.ID = uuid.NewString()
			}
			first = false
			a.deliver(message, kept, mailbox.Plain(recipient.Email))
		}
	}
	return id, strings.Join(all, ", ")
}

// message is the mail as all of its recipients see it.
func (p personalization) message(id string, request sendRequest, now time.Time) world.Message {
	headers := p.headers(request)
	message := world.Message{
		ExternalID: id, Provider: Name, Channel: world.Email, Business: mailbox.Plain(request.From.Email),
		From: request.From.String(), To: people(p.To), Cc: people(p.CC), MessageID: wireID(id),
		InReplyTo: headers["in-reply-to"], References: strings.Fields(headers["references"]),
		Automatic: headers["auto-submitted"] != "" && headers["auto-submitted"] != "no",
		Subject:   cmp.Or(p.Subject, request.Subject), ReplyTo: request.ReplyTo.String(), At: now,
	}
	for _, part := range request.Content {
		if part.Type == "text/html" {
			message.HTML = part.Value
		} else {
			message.Body = part.Value
		}
	}
	message.Body = cmp.Or(message.Body, message.HTML)
	for _, file := range request.Attachments {
		content, _ := base64.StdEncoding.DecodeString(file.Content) // it was checked
		one := world.File{Filename: file.Filename, ContentType: file.Type, Content: content}
		if file.Disposition == "inline" {
			one.ContentID = file.ContentID
		}
		message.Files = append(message.Files, one)
	}
	return message
}

func people(list []person) string {
	written := make([]string, 0, len(list))
	for _, one := range list {
		written = append(written, one.String())
	}
	return strings.Join(written, ", ")
}

// deliver puts the mail in the box of one recipient and tells of it.
func (a *API) deliver(message world.Message, of record, recipient string) {
	message.Customer = recipient
	_, suppressed := a.suppressions.Find(recipient)
	if !suppressed && mailbox.FateOf(recipient).Arrives() {
		a.world.Add(message)
	}
	a.callbacks.Deliver(a.events(told{id: message.ExternalID, recipient: recipient, args: of.args[recipient]}, message.At)...)
}

// wireID is the Message-ID of a mail by the id of its send.
func wireID(id string) string { return "<" + id + "@geopod-ismtpd-sandbox>" }
