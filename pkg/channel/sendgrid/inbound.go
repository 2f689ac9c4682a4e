package sendgrid

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/email"
)

var errTooManyParts = errors.New("it has too many parts")

// form is what Inbound Parse posts.
type form struct {
	fields map[string][]byte
	// charsets is the charset of each field that is not UTF-8.
	charsets map[string]string
	files    []file
}

// file is a file of an e-mail, in the part of the form that it came in.
type file struct {
	channel.Media

	part string
}

// inbound reads a customer's e-mail, either parsed by the provider or raw.
func inbound(webhook channel.Webhook, boundary string) (channel.Delivery, error) {
	read, err := readForm(webhook.Body, boundary)
	if err != nil {
		return channel.Delivery{}, fmt.Errorf("parsing a form: %w: %w", channel.ErrUnparsable, err)
	}
	message := channel.Inbound{Kind: channel.Email, OccurredAt: webhook.ReceivedAt}
	if at, ok := timeOfStamp(webhook.Header.Get(headerTimestamp)); ok {
		message.OccurredAt = at
	}
	head := email.ReadHeader(read.text("headers"))
	if raw, ok := read.fields["email"]; ok {
		letter, err := email.ReadLetter(raw)
		if err != nil {
			return channel.Delivery{}, fmt.Errorf("parsing a form: %w: %w", channel.ErrUnparsable, err)
		}
		head, message.Body, message.HTML, message.Media = letter.Header, letter.Text, letter.HTML, letter.Files
	} else {
		message.Body, message.HTML = read.text("text"), read.text("html")
		for _, one := range read.files {
			message.Media = append(message.Media, one.Media)
		}
	}
	read.address(&message, head)
	if message.From == "" || len(message.To) == 0 {
		return channel.Delivery{}, fmt.Errorf("parsing a form: sender or recipient is missing: %w", channel.ErrUnparsable)
	}
	return channel.Delivery{Inbound: []channel.Inbound{message}}, nil
}

// address fills who wrote what to whom. The recipient is the one of the transport; the To of the header is the
// writer's to choose and counts only where the form names no other.
func (f form) address(message *channel.Inbound, head email.Header) {
	var envelope struct {
		To   []string `json:"to"`
		From *string  `json:"from"`
	}
	_ = json.Unmarshal(f.fields["envelope"], &envelope) // without one the header has to do
	returnPath := ""
	if envelope.From != nil && !head.Has("Return-Path") {
		returnPath = *envelope.From
		head.Add("Return-Path", "<"+returnPath+">")
	}
	written := email.Addresses(cmp.Or(f.text("to"), head.Get("To")), cmp.Or(f.text("cc"), head.Get("Cc")))
	if message.To = email.Addresses(envelope.To...); len(message.To) == 0 {
		message.To = written
	}
	message.From, message.FromName = email.Person(cmp.Or(f.text("from"), head.Get("From"), returnPath))
	message.Cc = email.Without(written, append([]string{message.From}, message.To...)...)
	message.Subject = cmp.Or(f.text("subject"), email.Words(head.Get("Subject")))
	message.EmailMessageID = email.MessageID(head.Get("Message-ID"))
	message.InReplyTo = email.MessageID(head.Get("In-Reply-To"))
	message.References = email.MessageIDs(head.Get("References"))
	message.Automatic = email.Automatic(head)
	message.ExternalID = f.id(message, head.Get("Date"))
}

// id names the e-mail, which the provider does not: the same when it is posted again, another for each recipient and
// for another e-mail that repeats a Message-ID.
func (f form) id(message *channel.Inbound, date string) string {
	hash := sha256.New()
	parts := []string{message.EmailMessageID, date, message.From, message.Subject}
	for _, part := range append(parts, message.To...) {
		hash.Write([]byte(part + "\x00"))
	}
	if message.EmailMessageID == "" {
		for _, field := range []string{"headers", "email", "text", "html"} {
			hash.Write(append(f.fields[field], 0))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// text is a field in UTF-8.
func (f form) text(field string) string { return email.Decode(f.fields[field], f.charsets[field]) }

func readForm(body []byte, boundary string) (form, error) {
	read := form{fields: map[string][]byte{}}
	if boundary == "" {
		return read, errors.New("it has no boundary")
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for count := 0; ; count++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return read, fmt.Errorf("reading a part: %w", err)
		}
		if count == email.MaxParts {
			return read, errTooManyParts
		}
		if err := read.take(part); err != nil {
			return read, err
		}
	}
	if len(read.fields) == 0 {
		return read, errors.New("it is empty")
	}
	_ = json.Unmarshal(read.fields["charsets"], &read.charsets) // without them everything is UTF-8
	read.describe()
	return read, nil
}

// take keeps a part: a file, or a field. The first of two fields of one name counts.
func (f *form) take(part *multipart.Part) error {
	field, fileName := part.FormName(), part.FileName()
	content, err := io.ReadAll(part)
	if err != nil {
		return fmt.Errorf("reading the part %q: %w", field, err)
	}
	if number, ok := strings.CutPrefix(field, "attachment"); fileName != "" || ok && isNumber(number) {
		f.files = append(f.files, file{part: field, Media: channel.Media{
			Filename: email.FileName(fileName), ContentType: email.MediaType(part.Header.Get("Content-Type")),
			ContentID: email.Bare(part.Header.Get("Content-Id")), Content: content,
		}})
		return nil
	}
	if _, twice := f.fields[field]; !twice {
		f.fields[field] = content
	}
	return nil
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// describe adds what the form says about its files elsewhere. Some forms leave it out.
func (f *form) describe() {
	var infos map[string]struct {
		Filename  string `json:"filename"`
		Name      string `json:"name"`
		Type      string `json:"type"`
		ContentID string `json:"content-id"`
	}
	_ = json.Unmarshal(f.fields["attachment-info"], &infos)
	var parts map[string]string
	_ = json.Unmarshal(f.fields["content-ids"], &parts)
	ids := map[string]string{}
	for id, part := range parts {
		ids[part] = min(id, cmp.Or(ids[part], id)) // the same one of several, whatever the order of a map
	}
	for i, one := range f.files {
		info := infos[one.part]
		f.files[i].Filename = cmp.Or(one.Filename, email.FileName(cmp.Or(info.Filename, info.Name)))
		f.files[i].ContentType = cmp.Or(one.ContentType, email.MediaType(info.Type))
		f.files[i].ContentID = cmp.Or(one.ContentID, email.Bare(info.ContentID), email.Bare(ids[one.part]))
	}
}
