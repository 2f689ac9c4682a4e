package postmark

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	netmail "net/mail"
	"path"
	"slices"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// markInactive is what an address contains that the provider holds back.
const markInactive = "inactive"

const (
	maxRecipients     = 50
	maxMetadata       = 10
	maxMetadataName   = 20
	maxMetadataLength = 80
)

// sendRequest is the body of a send. Unknown fields are ignored, as there.
type sendRequest struct {
	From, To, Cc, Bcc    string
	Subject, ReplyTo     string
	TextBody             string
	HTMLBody             string `json:"HtmlBody"`
	Tag, MessageStream   string
	Headers              []header
	Metadata             map[string]string
	Attachments          []struct{ Name, Content, ContentType, ContentID string }
	from                 *netmail.Address
	recipients, replyTos []*netmail.Address
	files                []world.File
}

type header struct{ Name, Value string }

// readRequest reads a send; ok means that it is taken, else the answer says why not.
func readRequest(content []byte) (request sendRequest, answer provider.Answer, ok bool) {
	if err := json.Unmarshal(content, &request); err != nil {
		if _, wrongType := errors.AsType[*json.UnmarshalTypeError](err); wrongType {
			return request, fail(codeOtherJSON), false
		}
		return request, fail(codeBadJSON), false
	}
	if sentence := request.resolve(); sentence != "" {
		return request, refuse(codeInvalid, sentence), false
	}
	if code := request.forbidden(); code != 0 {
		return request, fail(code), false
	}
	if code := request.attach(); code != 0 {
		return request, fail(code), false
	}
	return request, provider.Answer{}, true
}

// resolve reads the addresses and says what is wrong with the mail.
func (r *sendRequest) resolve() string {
	var err error
	if r.from, err = netmail.ParseAddress(r.From); err != nil {
		return "Invalid 'From' address: '" + r.From + "'."
	}
	if r.To == "" {
		return "Zero recipients specified"
	}
	for _, list := range []struct {
		name, text string
		into       *[]*netmail.Address
	}{
		{"To", r.To, &r.recipients},
		{"Cc", r.Cc, &r.recipients},
		{"Bcc", r.Bcc, &r.recipients},
		{"ReplyTo", r.ReplyTo, &r.replyTos},
	} {
		if list.text == "" {
			continue
		}
		read, err := netmail.ParseAddressList(list.text)
		if err != nil {
			return "Error parsing '" + list.name + "': Illegal email address '" + list.text + "'."
		}
		*list.into = append(*list.into, read...)
	}
	return r.wrongContent()
}

func (r *sendRequest) wrongContent() string {
	switch {
	case len(r.recipients) > maxRecipients:
		return "A message can have at most 50 recipients."
	case r.TextBody == "" && r.HTMLBody == "":
		return "Provide either email TextBody or HtmlBody or both."
	case len(r.Metadata) > maxMetadata:
		return "Metadata has at most 10 fields."
	}
	for name, value := range r.Metadata {
		if len(name) > maxMetadataName || len(value) > maxMetadataLength {
			return "Metadata names have at most 20 characters and values at most 80: '" + name + "'."
		}
	}
	for _, given := range r.Headers {
		if given.Name == "" || strings.ContainsAny(given.Name+given.Value, "\r\n") {
			return "Invalid header '" + given.Name + "'."
		}
	}
	return ""
}

// forbidden is the code for a mail that is well formed and may not be sent.
func (r *sendRequest) forbidden() int {
	switch {
	case r.MessageStream != "" && r.MessageStream != stream:
		return codeStream
	case mailbox.DomainOf(r.from.Address) != Domain:
		return codeSignature
	case len(r.recipients) == 1 && strings.Contains(plain(r.recipients[0]), markInactive):
		return codeInactive
	default:
		return 0
	}
}

func (r *sendRequest) header(name string) string {
	for _, given := range r.Headers {
		if strings.EqualFold(given.Name, name) {
			return given.Value
		}
	}
	return ""
}

// attach decodes the files; it returns the code for one that is not taken.
func (r *sendRequest) attach() int {
	for _, one := range r.Attachments {
		content, err := base64.StdEncoding.DecodeString(one.Content)
		kind, _, typeErr := mime.ParseMediaType(one.ContentType)
		if err != nil || typeErr != nil || one.Name == "" {
			return codeInvalid
		}
		if slices.Contains(strings.Fields(forbiddenFiles), strings.ToLower(path.Ext(one.Name))) {
			return codeAttachment
		}
		r.files = append(r.files, world.File{
			Filename: one.Name, ContentType: kind, ContentID: strings.TrimPrefix(one.ContentID, "cid:"), Content: content,
		})
	}
	r.Attachments = nil
	return 0
}

// forbiddenFiles are the ends of names of files that are not taken.
const forbiddenFiles = ".vbs .exe .bin .bat .chm .com .cpl .crt .hlp .hta .inf .ins .isp .jse .lnk .mdb .pcd .pif .reg .scr " +
	".sct .shs .vbe .vba .wsf .wsh .wsl .msc .msi .msp .mst"

// plain is the address without the name, in lower case.
func plain(address *netmail.Address) string { return strings.ToLower(address.Address) }
