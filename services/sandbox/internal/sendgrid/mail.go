package sendgrid

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

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
}

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
	return r.refusalOfSender()
}

func bad(message, field string) (provider.Answer, bool) {
	return fail(http.StatusBadRequest, message, field), false
}

func (p personalization) refusal(r sendRequest, field string) (answer provider.Answer, ok bool) {
	if len(p.To) == 0 {
		return bad("The to array is required for all personalization objects, and must have at least one email object.", field+"to")
	}
	for i, to := range p.recipients() {
		if _, err := netmail.ParseAddress(to.Email); err != nil {
			return bad("Does not contain a valid address.", fmt.Sprintf("%sto.%d.email", field, i))
		}
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
	if domainOf(from.Address) != Domain {
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
	var all []string
	for _, one := range request.Personalizations {
		for _, recipient := range one.recipients() {
			item := id
			if len(all) > 0 {
				item = uuid.NewString()
			}
			all = append(all, recipient.Email)
			a.deliver(item, id, request, one, recipient, now)
		}
	}
	return id, strings.Join(all, ", ")
}

func (a *API) deliver(item, id string, request sendRequest, one personalization, recipient person, now time.Time) {
	headers := one.headers(request)
	message := world.Message{
		ID: item, ExternalID: id, Provider: Name, Channel: world.Email,
		Customer: plain(recipient.Email), Business: plain(request.From.Email),
		From: request.From.String(), To: recipient.String(), MessageID: wireID(id),
		InReplyTo: headers["in-reply-to"], References: strings.Fields(headers["references"]),
		Subject: cmp.Or(one.Subject, request.Subject), ReplyTo: request.ReplyTo.String(), At: now,
	}
	for _, part := range request.Content {
		if part.Type == "text/html" {
			message.HTML = part.Value
		} else {
			message.Body = part.Value
		}
	}
	message.Body = cmp.Or(message.Body, message.HTML)
	if !strings.Contains(message.Customer, markBounce) {
		a.world.Add(message)
	}
	a.callbacks.Deliver(a.events(id, message.Customer, joined(request.CustomArgs, one.CustomArgs), now)...)
}

// wireID is the Message-ID of a mail by the id of its send.
func wireID(id string) string { return "<" + id + "@geopod-ismtpd-sandbox>" }

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
