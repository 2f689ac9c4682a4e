package resend

import (
	"html"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const maxBodyBytes = 1 << 20

// Write lets a customer write a mail to one of our addresses. An answer goes to the original's Reply-To and names the
// original in In-Reply-To and References. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	if draft.Original != nil {
		draft = answering(draft)
	}
	if err := checkDraft(draft); err != nil {
		return world.Message{}, err
	}
	id := uuid.NewString()
	received := mail{
		id: id, messageID: "<" + id + "@" + domainOf(plain(draft.From)) + ">", from: draft.From, to: []string{draft.To},
		subject: draft.Subject, text: draft.Body, html: paragraphs(draft.Body), created: world.Now(),
		headers: map[string]string{"mime-version": "1.0", "return-path": plain(draft.From)},
	}
	references := references(draft.Original)
	if len(references) > 0 {
		received.headers["in-reply-to"] = draft.Original.MessageID
		received.headers["references"] = strings.Join(references, " ")
	}
	a.received.Add(received.id, received, received.size())
	message := world.Message{
		ID: received.id, ExternalID: received.id, Provider: Name, Channel: world.Email, Written: true,
		Customer: plain(received.from), Business: plain(draft.To), From: received.from, To: draft.To,
		MessageID: received.messageID, InReplyTo: received.headers["in-reply-to"], References: references,
		Subject: received.subject, Body: received.text, HTML: received.html, At: received.created, State: world.Pending,
	}
	a.world.Add(message)
	a.announce(received)
	return message, nil
}

func (a *API) announce(received mail) {
	event := a.event("email.received", map[string]any{
		"email_id": received.id, "created_at": formatTime(received.created), "from": received.from,
		"to": received.to, "cc": []string{}, "bcc": []string{}, "received_for": received.to,
		"message_id": received.messageID, "subject": received.subject, "attachments": []any{},
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

// answering fills what a mail program fills.
func answering(draft world.Draft) world.Draft {
	draft.To = draft.Original.From
	if draft.Original.ReplyTo != "" {
		draft.To = draft.Original.ReplyTo
	}
	if draft.Subject == "" {
		draft.Subject = draft.Original.Subject
		if !strings.HasPrefix(strings.ToLower(draft.Subject), "re:") {
			draft.Subject = "Re: " + draft.Subject
		}
	}
	return draft
}

// references is the chain of the original and the original itself.
func references(original *world.Message) []string {
	if original == nil || original.MessageID == "" {
		return nil
	}
	return append(append([]string{}, original.References...), original.MessageID)
}

func checkDraft(draft world.Draft) error {
	from, err := netmail.ParseAddress(draft.From)
	if err != nil {
		return &world.InputError{Field: "from", Message: "is not an e-mail address such as name@example.com"}
	}
	to, err := netmail.ParseAddress(draft.To)
	switch {
	case domainOf(from.Address) == Domain:
		return &world.InputError{Field: "from", Message: "is one of our own addresses: a customer has another"}
	case err != nil:
		return &world.InputError{Field: "to", Message: "is not an e-mail address such as workspace-1@" + Domain}
	case domainOf(to.Address) != Domain:
		return &world.InputError{Field: "to", Message: "is not an address of the sandbox: those end in @" + Domain}
	case strings.TrimSpace(draft.Body) == "":
		return &world.InputError{Field: "body", Message: "is empty"}
	case len(draft.Body) > maxBodyBytes:
		return &world.InputError{Field: "body", Message: "is longer than 1 MiB"}
	case len(draft.Subject) > 998 || strings.ContainsAny(draft.Subject, "\r\n"):
		return &world.InputError{Field: "subject", Message: "is longer than 998 characters or has several lines"}
	default:
		return nil
	}
}

// paragraphs is the text as the HTML a mail program sends beside it.
func paragraphs(text string) string {
	lines := strings.ReplaceAll(html.EscapeString(strings.TrimSpace(text)), "\n", "<br>")
	return "<div>" + lines + "</div>"
}
