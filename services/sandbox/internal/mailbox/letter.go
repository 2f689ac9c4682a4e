// Package mailbox is what the stand-ins of the mail providers have in common: how a customer's mail program writes, what
// becomes of a mail by its address, and the list of those who are written to no more.
package mailbox

import (
	"cmp"
	"fmt"
	"html"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Domain is the one domain that our own addresses have at every provider.
const Domain = "mail.sandbox.test"

const (
	maxText    = 1 << 20
	maxSubject = 998
	maxCopies  = 50
	// away is what a program answers that nobody gave a text.
	away = "I am out of the office and back on Monday."
)

// Letter is a mail that a customer wrote, as its program sends it.
type Letter struct {
	world.Message

	Sender, Recipient *netmail.Address
	Copies            []*netmail.Address
	// Reply is the text without what it quotes.
	Reply string
}

// Write makes the mail of a draft. An answer goes to the original's Reply-To and names the original in In-Reply-To and
// References. It returns a *world.InputError naming what is wrong.
func Write(provider string, draft world.Draft) (Letter, error) {
	draft = answering(draft)
	letter, err := check(draft)
	if err != nil {
		return Letter{}, err
	}
	id := uuid.NewString()
	letter.Reply = draft.Body
	letter.Message = world.Message{
		ID: id, ExternalID: id, Provider: provider, Channel: world.Email, Written: true,
		Customer: strings.ToLower(letter.Sender.Address), Business: strings.ToLower(letter.Recipient.Address),
		From: draft.From, To: draft.To, Cc: strings.Join(draft.Cc, ", "),
		MessageID: "<" + id + "@" + DomainOf(letter.Sender.Address) + ">", Subject: draft.Subject,
		Body: draft.Body, HTML: cmp.Or(draft.HTML, paragraphs(draft.Body)), Automatic: draft.Automatic, Files: draft.Files,
		At: world.Now(), State: world.Pending,
	}
	original := draft.Original
	if original != nil && original.MessageID != "" {
		letter.InReplyTo = original.MessageID
		letter.References = append(append([]string{}, original.References...), original.MessageID)
	}
	if original != nil && draft.Quote {
		letter.quote(*original)
	}
	return letter, nil
}

// answering fills what a mail program fills.
func answering(draft world.Draft) world.Draft {
	if draft.Automatic {
		draft.Body = cmp.Or(draft.Body, away)
	}
	if draft.Original == nil {
		return draft
	}
	draft.To = cmp.Or(draft.Original.ReplyTo, draft.Original.From)
	if draft.Subject != "" {
		return draft
	}
	draft.Subject = draft.Original.Subject
	switch {
	case draft.Automatic:
		draft.Subject = "Automatic reply: " + draft.Subject
	case !strings.HasPrefix(strings.ToLower(draft.Subject), "re:"):
		draft.Subject = "Re: " + draft.Subject
	}
	return draft
}

// quote puts the original below, in the words of a mail program.
func (l *Letter) quote(original world.Message) {
	heading := fmt.Sprintf("On %s, %s wrote:", original.At.Format("Mon, Jan 2, 2006 at 3:04 PM"), original.From)
	l.Body += "\n\n" + heading + "\n\n> " + strings.ReplaceAll(strings.TrimSpace(original.Body), "\n", "\n> ") + "\n"
	quoted := original.HTML
	if quoted == "" {
		quoted = paragraphs(original.Body)
	}
	l.HTML += `<br><div class="gmail_quote"><div class="gmail_attr">` + html.EscapeString(heading) +
		`<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` +
		quoted + `</blockquote></div>`
}

func check(draft world.Draft) (Letter, error) {
	from, fromErr := netmail.ParseAddress(draft.From)
	to, toErr := netmail.ParseAddress(draft.To)
	var wrong *world.InputError
	switch {
	case fromErr != nil:
		wrong = &world.InputError{Field: "from", Message: "is not an e-mail address such as name@example.com"}
	case DomainOf(from.Address) == Domain:
		wrong = &world.InputError{Field: "from", Message: "is one of our own addresses: a customer has another"}
	case toErr != nil:
		wrong = &world.InputError{Field: "to", Message: "is not an e-mail address such as workspace-1@" + Domain}
	case DomainOf(to.Address) != Domain:
		wrong = &world.InputError{Field: "to", Message: "is not an address of the sandbox: those end in @" + Domain}
	case strings.TrimSpace(draft.Body) == "" && len(draft.Files) == 0:
		wrong = &world.InputError{Field: "body", Message: "is empty"}
	case len(draft.Body) > maxText:
		wrong = &world.InputError{Field: "body", Message: "is longer than 1 MiB"}
	case len(draft.Subject) > maxSubject || strings.ContainsAny(draft.Subject, "\r\n"):
		wrong = &world.InputError{Field: "subject", Message: "is longer than 998 characters or has several lines"}
	default:
		return withCopies(Letter{Sender: from, Recipient: to}, draft.Cc)
	}
	return Letter{}, wrong
}

func withCopies(letter Letter, copies []string) (Letter, error) {
	if len(copies) > maxCopies {
		return Letter{}, &world.InputError{Field: "cc", Message: "holds more than 50 addresses"}
	}
	for _, address := range copies {
		parsed, err := netmail.ParseAddress(address)
		if err != nil {
			return Letter{}, &world.InputError{Field: "cc", Message: "holds what is no e-mail address"}
		}
		letter.Copies = append(letter.Copies, parsed)
	}
	return letter, nil
}

// Headers are the fields of the mail's header beside those that every provider tells by themselves, in their order.
func (l Letter) Headers() [][2]string {
	headers := [][2]string{
		{"Return-Path", "<" + l.Customer + ">"},
		{"Message-ID", l.MessageID},
		{"Date", l.At.Format(time.RFC1123Z)},
		{"MIME-Version", "1.0"},
	}
	if l.InReplyTo != "" {
		headers = append(headers, [2]string{"In-Reply-To", l.InReplyTo}, [2]string{"References", strings.Join(l.References, " ")})
	}
	if l.Automatic {
		headers = append(headers, [2]string{"Auto-Submitted", "auto-replied"}, [2]string{"X-Auto-Response-Suppress", "All"})
	}
	return headers
}

// paragraphs is the text as the HTML that a mail program sends beside it.
func paragraphs(text string) string {
	lines := strings.ReplaceAll(html.EscapeString(strings.TrimSpace(text)), "\n", "<br>")
	return "<div>" + lines + "</div>"
}

// Plain is the address without the name, in lower case; the text itself when it is no address.
func Plain(address string) string {
	parsed, err := netmail.ParseAddress(address)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(address))
	}
	return strings.ToLower(parsed.Address)
}

// DomainOf is what follows the last at sign of an address, in lower case.
func DomainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
