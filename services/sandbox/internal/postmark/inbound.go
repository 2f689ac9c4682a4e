package postmark

import (
	"cmp"
	"html"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const maxText = 1 << 20

// Write lets a customer write a mail to one of our addresses. An answer goes to the original's Reply-To and names the
// original in In-Reply-To and References. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	draft = answering(draft)
	from, to, err := checkDraft(draft)
	if err != nil {
		return world.Message{}, err
	}
	id := uuid.NewString()
	message := world.Message{
		ID: id, ExternalID: id, Provider: Name, Channel: world.Email, Written: true,
		Customer: plain(from), Business: plain(to), From: draft.From, To: draft.To,
		MessageID: "<" + id + "@" + domainOf(from.Address) + ">",
		Subject:   draft.Subject, Body: draft.Body, At: world.Now(), State: world.Pending,
		HTML: "<div>" + strings.ReplaceAll(html.EscapeString(strings.TrimSpace(draft.Body)), "\n", "<br>") + "</div>",
	}
	if draft.Original != nil && draft.Original.MessageID != "" {
		message.InReplyTo = draft.Original.MessageID
		message.References = append(append([]string{}, draft.Original.References...), draft.Original.MessageID)
	}
	a.world.Add(message)
	a.announce(message, from, to)
	return message, nil
}

// announce posts the mail whole: body, headers and all.
func (a *API) announce(message world.Message, from, to *netmail.Address) {
	local, _, _ := strings.Cut(to.Address, "@")
	_, hash, _ := strings.Cut(local, "+")
	headers := []header{{"Message-ID", message.MessageID}, {"MIME-Version", "1.0"}}
	if message.InReplyTo != "" {
		headers = append(headers, header{"In-Reply-To", message.InReplyTo},
			header{"References", strings.Join(message.References, " ")})
	}
	address := func(of *netmail.Address, hash string) map[string]string {
		return map[string]string{"Email": of.Address, "Name": of.Name, "MailboxHash": hash}
	}
	posted := a.callback("Inbound", map[string]any{
		"From": from.Address, "FromName": from.Name, "FromFull": address(from, ""), "MessageStream": "inbound",
		"To": to.String(), "ToFull": []any{address(to, hash)}, "Cc": "", "CcFull": []any{}, "Bcc": "", "BccFull": []any{},
		"OriginalRecipient": to.Address, "MailboxHash": hash, "ReplyTo": "", "Tag": "", "Subject": message.Subject,
		"MessageID": message.ID, "Date": message.At.Format("Mon, 2 Jan 2006 15:04:05 -0700"),
		"TextBody": message.Body, "HtmlBody": message.HTML, "StrippedTextReply": "", "Headers": headers,
		"Attachments": []any{},
	}, message.At)
	posted.Ended = func(err error) {
		if err != nil {
			a.world.SetState(message.ID, world.Lost, err.Error())
			return
		}
		a.world.SetState(message.ID, world.Taken, "")
	}
	a.callbacks.Deliver(posted)
}

// answering fills what a mail program fills.
func answering(draft world.Draft) world.Draft {
	if draft.Original == nil {
		return draft
	}
	draft.To = cmp.Or(draft.Original.ReplyTo, draft.Original.From)
	if draft.Subject == "" {
		draft.Subject = draft.Original.Subject
		if !strings.HasPrefix(strings.ToLower(draft.Subject), "re:") {
			draft.Subject = "Re: " + draft.Subject
		}
	}
	return draft
}

func checkDraft(draft world.Draft) (from, to *netmail.Address, err error) {
	from, fromErr := netmail.ParseAddress(draft.From)
	to, toErr := netmail.ParseAddress(draft.To)
	var wrong *world.InputError
	switch {
	case fromErr != nil:
		wrong = &world.InputError{Field: "from", Message: "is not an e-mail address such as name@example.com"}
	case domainOf(from.Address) == Domain:
		wrong = &world.InputError{Field: "from", Message: "is one of our own addresses: a customer has another"}
	case toErr != nil:
		wrong = &world.InputError{Field: "to", Message: "is not an e-mail address such as workspace-1@" + Domain}
	case domainOf(to.Address) != Domain:
		wrong = &world.InputError{Field: "to", Message: "is not an address of the sandbox: those end in @" + Domain}
	case strings.TrimSpace(draft.Body) == "":
		wrong = &world.InputError{Field: "body", Message: "is empty"}
	case len(draft.Body) > maxText:
		wrong = &world.InputError{Field: "body", Message: "is longer than 1 MiB"}
	case len(draft.Subject) > 998 || strings.ContainsAny(draft.Subject, "\r\n"):
		wrong = &world.InputError{Field: "subject", Message: "is longer than 998 characters or has several lines"}
	default:
		return from, to, nil
	}
	return nil, nil, wrong
}
