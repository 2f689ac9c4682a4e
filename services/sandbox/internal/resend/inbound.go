package resend

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer write a mail to one of our addresses. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	letter, err := mailbox.Write(Name, draft)
	if err != nil {
		return world.Message{}, err //nolint:wrapcheck // it names the field
	}
	headers := map[string]string{}
	for _, field := range letter.Headers() {
		headers[strings.ToLower(field[0])] = field[1]
	}
	received := mail{
		id: letter.ID, messageID: letter.MessageID, from: letter.From, to: []string{letter.To}, subject: letter.Subject,
		text: letter.Body, html: letter.HTML, headers: headers, created: letter.At, files: letter.Files,
	}
	for _, copied := range letter.Copies {
		received.cc = append(received.cc, copied.String())
	}
	a.received.Add(received.id, received, received.size())
	a.world.Add(letter.Message)
	a.announce(received)
	return letter.Message, nil
}

func (a *API) announce(received mail) {
	event := a.event(eventReceived, received.id, map[string]any{
		"email_id": received.id, "created_at": formatTime(received.created), "from": received.from,
		"to": received.to, "cc": list(received.cc), "bcc": []string{}, "received_for": received.to,
		"message_id": received.messageID, "subject": received.subject, "attachments": received.attachments(""),
	}, received.created)
	event.Ended = func(err error) {
		if err != nil {
			a.world.SetState(received.id, world.Lost, err.Error())
			return
		}
		a.world.SetState(received.id, world.Taken, "")
	}
	a.callbacks.Deliver(event)
}

// attachments lists the files of a received mail; with their addresses where base is given.
func (m mail) attachments(base string) []map[string]any {
	listed := []map[string]any{}
	for i, file := range m.files {
		one := map[string]any{
			"id": m.fileID(i), "filename": file.Filename, "content_type": file.ContentType, "size": len(file.Content),
			"content_disposition": "attachment", "content_id": orNull(file.ContentID),
		}
		if base != "" {
			one["object"] = "attachment"
			one["download_url"] = base + "/files/" + url.PathEscape(m.id) + "/" + strconv.Itoa(i)
			one["expires_at"] = formatTime(time.Now().Add(time.Hour))
		}
		listed = append(listed, one)
	}
	return listed
}

func (m mail) fileID(index int) string { return m.id + "-" + strconv.Itoa(index) }

func (a *API) receivedEmail(call provider.Call) provider.Answer {
	found, ok := a.received.Get(call.PathValue("id"))
	if !ok {
		return fail(errNotFound)
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"object": "email", "id": found.id, "from": found.from, "to": list(found.to), "cc": list(found.cc),
		"bcc": list(found.bcc), "reply_to": list(found.replyTo), "subject": found.subject,
		"html": orNull(found.html), "text": orNull(found.text), "headers": found.headers,
		"message_id": found.messageID, "created_at": formatTime(found.created), "attachments": found.attachments(""), "raw": nil,
	})
}

func (a *API) receivedAttachments(call provider.Call) provider.Answer {
	found, ok := a.received.Get(call.PathValue("id"))
	if !ok {
		return fail(errNotFound)
	}
	return provider.JSON(http.StatusOK, map[string]any{"object": "list", "has_more": false, "data": found.attachments(baseOf(call))})
}

func (a *API) receivedAttachment(call provider.Call) provider.Answer {
	found, ok := a.received.Get(call.PathValue("id"))
	if !ok {
		return fail(errNotFound)
	}
	for i, one := range found.attachments(baseOf(call)) {
		if found.fileID(i) == call.PathValue("file") {
			return provider.JSON(http.StatusOK, one)
		}
	}
	return fail(errNotFound)
}

// download serves a file by its address, which needs no key.
func (a *API) download(call provider.Call) provider.Answer {
	found, ok := a.received.Get(call.PathValue("id"))
	number, err := strconv.Atoi(call.PathValue("number"))
	if !ok || err != nil || number < 0 || number >= len(found.files) {
		return fail(errNotFound)
	}
	file := found.files[number]
	return provider.Answer{Status: http.StatusOK, ContentType: file.ContentType, Body: file.Content}
}

// baseOf is the address the caller reached the API at.
func baseOf(call provider.Call) string {
	path, _, _ := strings.Cut(call.RequestURI, "?")
	return "http://" + call.Host + strings.TrimSuffix(path, call.URL.EscapedPath())
}

// listReceived lists the mails that were received, the newest first.
func (a *API) listReceived(call provider.Call) provider.Answer {
	return page(call, a.received, func(m mail) map[string]any {
		return map[string]any{
			"id": m.id, "from": m.from, "to": list(m.to), "cc": list(m.cc), "bcc": list(m.bcc), "reply_to": list(m.replyTo),
			"subject": m.subject, "message_id": m.messageID, "created_at": formatTime(m.created), "attachments": m.attachments(""),
		}
	})
}

// listSent lists the mails that were sent, the newest first.
func (a *API) listSent(call provider.Call) provider.Answer {
	now := time.Now()
	return page(call, a.sent, func(m mail) map[string]any {
		return map[string]any{
			"id": m.id, "from": m.from, "to": list(m.to), "cc": list(m.cc), "bcc": list(m.bcc), "reply_to": list(m.replyTo),
			"subject": m.subject, "created_at": formatTime(m.created), "scheduled_at": nil, "last_event": m.lastEvent(now),
		}
	})
}

// page answers the part of a list that is asked for, the newest first.
func page(call provider.Call, mails *ring.Ring[mail], entry func(mail) map[string]any) provider.Answer {
	const usual, most = 20, 100
	limit, err := strconv.Atoi(call.URL.Query().Get("limit"))
	if call.URL.Query().Get("limit") == "" {
		limit, err = usual, nil
	}
	if err != nil || limit < 1 || limit > most {
		return unprocessable("The `limit` is a number from 1 to 100.")
	}
	after := call.URL.Query().Get("after")
	_, known := mails.Get(after)
	reached := !known
	found := mails.Newest(limit+1, func(m mail) bool {
		listed := reached
		reached = reached || m.id == after
		return listed
	})
	listed := []map[string]any{}
	for _, one := range found[:min(limit, len(found))] {
		listed = append(listed, entry(one))
	}
	return provider.JSON(http.StatusOK, map[string]any{"object": "list", "has_more": len(found) > limit, "data": listed})
}
