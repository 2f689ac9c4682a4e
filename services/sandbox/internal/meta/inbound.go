package meta

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer write to one of our numbers. It returns a *world.InputError naming what is wrong.
func (a *API) Write(wanted world.Draft) (world.Message, error) {
	if wanted.Original != nil && wanted.To == "" {
		wanted.To = wanted.Original.Business
	}
	if wanted.Button != "" {
		wanted.Body = wanted.Button
	}
	if err := checkDraft(wanted); err != nil {
		return world.Message{}, err
	}
	message := world.Message{
		ID: newID(), Provider: Name, Channel: world.WhatsApp, Customer: wanted.From, Business: wanted.To, Written: true,
		From: wanted.From, To: wanted.To, Body: wanted.Body, Files: wanted.Files, At: world.Now(), State: world.Pending,
	}
	message.ExternalID = message.ID
	if wanted.Original != nil {
		message.InReplyTo = wanted.Original.ID
	}
	a.windows.Open(wanted.To, wanted.From, message.At)
	a.world.Add(message)
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound message", About: message.ExternalID, At: message.At, Waits: a.config.Waits,
		Request: a.signedRequest(a.inboundValue(message, wanted)),
		Ended:   func(err error) { a.ended(message.ID, err) },
	})
	return message, nil
}

// checkDraft tells what is wrong with a message that a customer wants to write. A customer is a number or, hidden behind
// a name, a business-scoped id such as US.1349.
func checkDraft(wanted world.Draft) error {
	hidden := !strings.HasPrefix(wanted.From, "+")
	switch {
	case hidden && (len(wanted.From) < 4 || wanted.From[2] != '.' || strings.ContainsAny(wanted.From, " @/")):
		return &world.InputError{Field: "from", Message: "is neither a phone number such as +14055550123 nor an id such as US.1349"}
	case utf8.RuneCountInString(wanted.Body) > maxText:
		return &world.InputError{Field: "body", Message: "is longer than 4096 characters"}
	case len(wanted.Files) > 1:
		return &world.InputError{Field: "attachments", Message: "holds more than one file: each is a message of its own"}
	case wanted.Button != "" && wanted.Original == nil:
		return &world.InputError{Field: "inReplyTo", Message: "is missing: a button belongs to a message"}
	}
	checked := wanted
	checked.Body = wanted.Body[:min(len(wanted.Body), sms.MaxRunes)]
	if hidden {
		checked.From = "+14055550123" // any number: the id is checked above
	}
	return sms.CheckDraft(checked)
}

func (a *API) inboundValue(message world.Message, wanted world.Draft) map[string]any {
	told := map[string]any{"id": message.ExternalID, "timestamp": strconv.FormatInt(message.At.Unix(), 10)}
	if digits, ok := strings.CutPrefix(message.Customer, "+"); ok {
		told["from"] = digits
	} else {
		told["from_user_id"] = message.Customer
	}
	if wanted.Original != nil {
		told["context"] = map[string]string{"from": strings.TrimPrefix(message.Business, "+"), "id": wanted.Original.ExternalID}
	}
	switch {
	case wanted.Button != "":
		told["type"], told["button"] = "button", map[string]string{"text": wanted.Button, "payload": wanted.Button}
	case len(message.Files) > 0:
		kind := kindOf(message.Files[0].ContentType)
		told["type"], told[kind] = kind, a.fileValue(message)
	default:
		told["type"], told["text"] = "text", map[string]string{"body": message.Body}
	}
	value := a.value(message.Business)
	value["contacts"], value["messages"] = []any{contactOf(message.Customer, false)}, []any{told}
	return value
}

func (a *API) fileValue(message world.Message) map[string]string {
	one := message.Files[0]
	told := map[string]string{"id": a.keep(one), "mime_type": one.ContentType}
	if message.Body != "" {
		told["caption"] = message.Body
	}
	if kindOf(one.ContentType) == "document" {
		told["filename"] = one.Filename
	}
	return told
}

// kindOf is the kind of message that a file makes.
func kindOf(contentType string) string {
	kind, _, _ := strings.Cut(contentType, "/")
	switch kind {
	case "image", "video", "audio":
		return kind
	default:
		return "document"
	}
}
