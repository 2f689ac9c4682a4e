package sendgrid

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
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
	message := world.Message{
		ID: id, ExternalID: id, Provider: Name, Channel: world.Email, Written: true,
		Customer: plain(draft.From), Business: plain(draft.To), From: draft.From, To: draft.To,
		MessageID: "<" + id + "@" + domainOf(plain(draft.From)) + ">", Subject: draft.Subject, Body: draft.Body,
		HTML: paragraphs(draft.Body), At: world.Now(), State: world.Pending,
	}
	if original := draft.Original; original != nil && original.MessageID != "" {
		message.InReplyTo = original.MessageID
		message.References = append(append([]string{}, original.References...), original.MessageID)
	}
	body, contentType, err := form(message)
	if err != nil {
		return world.Message{}, err
	}
	a.world.Add(message)
	a.announce(message, body, contentType)
	return message, nil
}

func (a *API) announce(message world.Message, body []byte, contentType string) {
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound", At: message.At, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.WebhookURL, bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", contentType)
			return request, sign(request, a.mailKey, body)
		},
		Ended: func(err error) {
			if err != nil {
				a.world.SetState(message.ID, world.Lost, err.Error())
				return
			}
			a.world.SetState(message.ID, world.Taken, "")
		},
	})
}

// form is the mail as Inbound Parse posts it.
func form(message world.Message) (body []byte, contentType string, err error) {
	envelope, err := json.Marshal(map[string]any{"to": []string{message.Business}, "from": message.Customer})
	if err != nil {
		return nil, "", fmt.Errorf("encoding the envelope: %w", err)
	}
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	if err := writer.SetBoundary("xYzZY" + rand.Text()); err != nil {
		return nil, "", fmt.Errorf("setting the boundary: %w", err)
	}
	for _, field := range [][2]string{
		{"headers", headers(message)},
		{"dkim", "none"},
		{"to", message.To},
		{"from", message.From},
		{"subject", message.Subject},
		{"text", message.Body},
		{"html", message.HTML},
		{"sender_ip", "192.0.2.1"},
		{"envelope", string(envelope)},
		{"attachments", "0"},
		{"SPF", "pass"},
		{"charsets", `{"to":"UTF-8","from":"UTF-8","subject":"UTF-8","text":"UTF-8","html":"UTF-8"}`},
	} {
		if err := writer.WriteField(field[0], field[1]); err != nil {
			return nil, "", fmt.Errorf("writing %s: %w", field[0], err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, "", fmt.Errorf("ending the form: %w", err)
	}
	return buffer.Bytes(), writer.FormDataContentType(), nil
}

// headers is the header of the mail, a long field folded.
func headers(message world.Message) string {
	lines := []string{
		"Received: from mail." + domainOf(message.Customer) + "\n\tby mx.sandbox.test",
		"From: " + message.Customer, "To: " + message.Business, "Date: " + message.At.Format(time.RFC1123Z),
		"Message-ID: " + message.MessageID,
	}
	if message.InReplyTo != "" {
		lines = append(lines, "In-Reply-To: "+message.InReplyTo, "References: "+strings.Join(message.References, "\n "))
	}
	return strings.Join(lines, "\n") + "\n"
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

func checkDraft(draft world.Draft) error {
	from, err := netmail.ParseAddress(draft.From)
	if err != nil {
		return &world.InputError{Field: "from", Message: "is not an e-mail address such as name@example.com"}
	}
	to, err := netmail.ParseAddress(draft.To)
	switch {
	case domainOf(from.Address) == Domain:
		return &world.InputError{Field: "from", Message: "is one of our own addresses: a customer has another"}
	case err != nil || domainOf(to.Address) != Domain:
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
