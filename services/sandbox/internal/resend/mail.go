package resend

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// mail is a mail as the provider keeps it, sent or received.
type mail struct {
	id, messageID, from  string
	to, cc, bcc, replyTo []string
	subject, html, text  string
	headers              map[string]string
	tags                 []tag
	created              time.Time
	steps                []step
	files                []world.File
}

// step is an event of a mail to one of its recipients, and when it happens.
type step struct {
	event, recipient string
	at               time.Time
}

func (m mail) size() int {
	size := 1024 + len(m.html) + len(m.text) + len(m.subject)
	for _, file := range m.files {
		size += len(file.Content)
	}
	return size
}

func (m mail) lastEvent(now time.Time) string {
	last := "queued"
	for _, next := range m.steps {
		if !next.at.After(now) {
			last = strings.TrimPrefix(next.event, "email.")
		}
	}
	return last
}

func (a *API) send(call provider.Call) provider.Answer {
	var request sendRequest
	if err := json.Unmarshal(call.Content, &request); err != nil {
		return failWith(http.StatusBadRequest, errValidation, "The request body is not valid JSON of this endpoint.")
	}
	if answer, ok := request.refusal(); !ok {
		answer.To = strings.Join(request.To, ", ")
		return answer
	}
	call.Wait() // the key of the request stays in use for as long as the answer takes
	sent := a.accept(request)
	answer := provider.JSON(http.StatusOK, map[string]string{"id": sent.id})
	answer.MessageID, answer.To = sent.id, strings.Join(request.To, ", ")
	return answer
}

// accept keeps the mail, gives it to its recipients and schedules its events.
func (a *API) accept(request sendRequest) mail {
	sent := mail{
		id: uuid.NewString(), from: request.From, to: request.To, cc: request.CC, bcc: request.BCC, replyTo: request.ReplyTo,
		subject: request.Subject, html: request.HTML, text: request.Text, headers: request.Headers, tags: request.Tags,
		created: world.Now(), files: request.files(),
	}
	sent.messageID = "<" + sent.id + "@" + Domain + ">"
	for i, recipient := range request.recipients() {
		address := mailbox.Plain(recipient)
		_, suppressed := a.suppressions.Find(address)
		if !suppressed && mailbox.FateOf(address).Arrives() {
			a.world.Add(sent.arrived(recipient, i))
		}
		sent.steps = append(sent.steps, a.plan(address, sent.created)...)
	}
	a.sent.Add(sent.id, sent, sent.size())
	a.callbacks.Deliver(a.events(sent, sent.steps)...)
	return sent
}

// arrived is the mail in the box of one of its recipients. The first one's item has the id of the mail.
func (m mail) arrived(recipient string, index int) world.Message {
	id := m.id
	if index > 0 {
		id = uuid.NewString()
	}
	return world.Message{
		ID: id, ExternalID: m.id, Provider: Name, Channel: world.Email,
		Customer: mailbox.Plain(recipient), Business: mailbox.Plain(m.from), From: m.from,
		To: strings.Join(m.to, ", "), Cc: strings.Join(m.cc, ", "),
		MessageID: m.messageID, InReplyTo: m.header("In-Reply-To"), References: strings.Fields(m.header("References")),
		Automatic: m.header("Auto-Submitted") != "" && m.header("Auto-Submitted") != "no",
		Subject:   m.subject, Body: bodyOf(m), HTML: m.html, ReplyTo: strings.Join(m.replyTo, ", "), Files: m.files, At: m.created,
	}
}

func (m mail) header(name string) string {
	for key, value := range m.headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// bodyOf is the text of a mail; a mail with HTML alone has the HTML as its text.
func bodyOf(m mail) string {
	if m.text == "" {
		return m.html
	}
	return m.text
}

func (a *API) email(call provider.Call) provider.Answer {
	found, ok := a.sent.Get(call.PathValue("id"))
	if !ok {
		return fail(errNotFound)
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"object": "email", "id": found.id, "from": found.from, "to": list(found.to), "cc": list(found.cc),
		"bcc": list(found.bcc), "reply_to": list(found.replyTo), "subject": found.subject,
		"html": orNull(found.html), "text": orNull(found.text), "message_id": found.messageID,
		"created_at": formatTime(found.created), "scheduled_at": nil, "last_event": found.lastEvent(time.Now()),
		"tags": found.tags,
	})
}

func list(values []string) []string { return append([]string{}, values...) }

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
