package meta

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// file is a message that is a file. The vendor fetches it from its address; one without an address is uploaded first.
func (c *connection) file(ctx context.Context, from string, file channel.File, caption string) (string, any, *channel.Error) {
	kind := kindOfFile(file.ContentType)
	content := map[string]string{}
	switch {
	case caption != "" && (kind == "audio" || kind == "sticker"):
		return kind, nil, refuseFile("WhatsApp takes no text beside a sound or a sticker.", "Send the text in a message of its own.")
	case utf8.RuneCountInString(caption) > maxCaption:
		return kind, nil, refuseFile("WhatsApp takes at most 1,024 characters beside a file.", "Shorten the text, or send it in a message of its own.")
	case caption != "":
		content["caption"] = caption
	}
	if kind == "document" && file.Filename != "" {
		content["filename"] = file.Filename
	}
	if file.URL != "" {
		content["link"] = file.URL
		return kind, content, nil
	}
	id, failed := c.upload(ctx, from, file)
	content["id"] = id
	return kind, content, failed
}

// kindOfFile is the kind of message a file makes.
func kindOfFile(contentType string) string {
	plain, _, _ := mime.ParseMediaType(contentType)
	switch {
	case plain == "image/webp":
		return "sticker"
	case plain == "image/jpeg", plain == "image/png":
		return "image"
	case plain == "video/mp4", plain == "video/3gpp":
		return "video"
	case strings.HasPrefix(plain, "audio/"):
		return "audio"
	default:
		return "document"
	}
}

// upload hands a file over and returns its id. The file is read as it is sent.
func (c *connection) upload(ctx context.Context, from string, file channel.File) (string, *channel.Error) {
	if file.Open == nil {
		return "", &channel.Error{
			Class: channel.Permanent, Code: channel.CodeFileUnavailable, Message: "The file can neither be fetched nor read.",
		}
	}
	content, err := file.Open(ctx)
	if err != nil {
		return "", &channel.Error{Class: channel.Retryable, Code: channel.CodeFileUnavailable, Err: err}
	}
	defer func() { _ = content.Close() }()
	reader, writer := io.Pipe()
	var writing sync.WaitGroup
	defer writing.Wait()                  // a file that is still read must not be closed
	defer func() { _ = reader.Close() }() // ends the writer when the vendor does not take it all
	form := multipart.NewWriter(writer)
	writing.Go(func() { _ = writer.CloseWithError(writeFile(form, file, content)) })
	answer, failed := c.do(ctx, http.MethodPost, c.root.JoinPath(from, "media"), form.FormDataContentType(), reader)
	if failed != nil {
		return "", beforeSending(failed)
	}
	if !answer.OK() {
		return "", beforeSending(c.refusal(answer))
	}
	var kept struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer.Body, &kept); err != nil || kept.ID == "" {
		return "", &channel.Error{Class: channel.Retryable, HTTPStatus: answer.Status, Err: errUnreadable}
	}
	return kept.ID, nil
}

func writeFile(form *multipart.Writer, file channel.File, content io.Reader) error {
	for name, value := range map[string]string{"messaging_product": "whatsapp", "type": file.ContentType} {
		if err := form.WriteField(name, value); err != nil {
			return err
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": file.Filename}))
	header.Set("Content-Type", file.ContentType)
	part, err := form.CreatePart(header)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, content); err != nil {
		return err
	}
	return form.Close()
}

// mediaPlace is where a file stands by its id until Complete has asked for the address of its content.
const mediaPlace = defaultBase

// Complete implements channel.Completer: a webhook names a file by its id, and the address at which it can be fetched
// for some minutes has to be asked for. A file that the vendor does not give keeps the address of its id.
func (c *connection) Complete(ctx context.Context, inbound *channel.Inbound) error {
	for i := range inbound.Media {
		file := &inbound.Media[i]
		id, ours := strings.CutPrefix(file.URL, mediaPlace)
		if !ours || !isID(id) {
			continue
		}
		var kept struct {
			URL         string `json:"url"`
			ContentType string `json:"mime_type"`
		}
		failed := c.get(ctx, &kept, nil, id)
		switch {
		case failed != nil && isPassing(failed):
			return failed
		case failed == nil && kept.URL != "":
			file.URL = kept.URL
		}
	}
	return nil
}

// isPassing tells an error that may be over when the webhook comes again.
func isPassing(failed *channel.Error) bool {
	return failed.Class == channel.Retryable || failed.Class == channel.RateLimited || failed.Class == channel.UnknownOutcome
}

// AuthorizeMedia implements channel.MediaAuthorizer: files are given to the account alone.
func (c *connection) AuthorizeMedia(request *http.Request) {
	if c.isVendors(request.URL) {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
}

// isVendors tells an address of the vendor: the API's own host, and beside the vendor's own API the hosts of its files.
func (c *connection) isVendors(at *url.URL) bool {
	if at.Scheme == c.base.Scheme && strings.EqualFold(at.Host, c.base.Host) {
		return true
	}
	host := strings.ToLower(at.Host)
	return c.base.String() == defaultBase && at.Scheme == "https" &&
		(strings.HasSuffix(host, ".fbsbx.com") || strings.HasSuffix(host, ".facebook.com") || strings.HasSuffix(host, ".whatsapp.net"))
}
