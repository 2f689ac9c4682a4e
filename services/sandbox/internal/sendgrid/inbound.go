package sendgrid

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer write a mail to one of our addresses. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	letter, err := mailbox.Write(Name, draft)
	if err != nil {
		return world.Message{}, err //nolint:wrapcheck // it names the field
	}
	body, contentType, err := form(letter)
	if err != nil {
		return world.Message{}, err
	}
	a.world.Add(letter.Message)
	a.announce(letter.Message, body, contentType)
	return letter.Message, nil
}

func (a *API) announce(message world.Message, body []byte, contentType string) {
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound", About: message.ExternalID, At: message.At, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
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
func form(letter mailbox.Letter) (body []byte, contentType string, err error) {
	fields, err := fieldsOf(letter)
	if err != nil {
		return nil, "", err
	}
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	if err := writer.SetBoundary("xYzZY" + rand.Text()); err != nil {
		return nil, "", fmt.Errorf("setting the boundary: %w", err)
	}
	for _, field := range fields {
		if err := writer.WriteField(field[0], field[1]); err != nil {
			return nil, "", fmt.Errorf("writing %s: %w", field[0], err)
		}
	}
	for i, file := range letter.Files {
		if err := attach(writer, i, file); err != nil {
			return nil, "", err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, "", fmt.Errorf("ending the form: %w", err)
	}
	return buffer.Bytes(), writer.FormDataContentType(), nil
}

func fieldsOf(letter mailbox.Letter) ([][2]string, error) {
	from := letter.Customer
	if letter.Automatic {
		from = "" // so that nobody answers the answer
	}
	envelope, err := json.Marshal(map[string]any{"to": []string{letter.Business}, "from": from})
	if err != nil {
		return nil, fmt.Errorf("encoding the envelope: %w", err)
	}
	fields := [][2]string{
		{"headers", headers(letter)},
		{"dkim", "none"},
		{"to", letter.To},
		{"cc", letter.Cc},
		{"from", letter.From},
		{"subject", letter.Subject},
		{"text", letter.Body},
		{"html", letter.HTML},
		{"sender_ip", "192.0.2.1"},
		{"envelope", string(envelope)},
		{"attachments", strconv.Itoa(len(letter.Files))},
		{"SPF", "pass"},
		{"charsets", `{"to":"UTF-8","cc":"UTF-8","from":"UTF-8","subject":"UTF-8","text":"UTF-8","html":"UTF-8"}`},
	}
	if len(letter.Files) == 0 {
		return fields, nil
	}
	infos := map[string]map[string]string{}
	for i, file := range letter.Files {
		infos[partOf(i)] = map[string]string{"filename": file.Filename, "name": file.Filename, "type": file.ContentType}
	}
	info, err := json.Marshal(infos)
	if err != nil {
		return nil, fmt.Errorf("encoding the info of the attachments: %w", err)
	}
	return append(fields, [2]string{"attachment-info", string(info)}), nil
}

func partOf(index int) string { return "attachment" + strconv.Itoa(index+1) }

func attach(writer *multipart.Writer, index int, file world.File) error {
	part, err := writer.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": partOf(index), "filename": file.Filename})},
		"Content-Type":        {file.ContentType},
	})
	if err != nil {
		return fmt.Errorf("writing a file: %w", err)
	}
	if _, err := part.Write(file.Content); err != nil {
		return fmt.Errorf("writing a file: %w", err)
	}
	return nil
}

// headers is the header of the mail, a long field folded.
func headers(letter mailbox.Letter) string {
	lines := []string{
		"Received: from mail." + mailbox.DomainOf(letter.Customer) + "\n\tby mx.sandbox.test",
		"From: " + letter.Customer, "To: " + letter.Business,
	}
	for _, field := range letter.Headers() {
		if field[0] == "Return-Path" { // the envelope says it
			continue
		}
		lines = append(lines, field[0]+": "+strings.ReplaceAll(field[1], "> <", ">\n <"))
	}
	return strings.Join(lines, "\n") + "\n"
}
