package signalwire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer text one of our numbers. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	if draft.Original != nil && draft.To == "" {
		draft.To = draft.Original.Business
	}
	if err := checkDraft(draft); err != nil {
		return world.Message{}, err
	}
	now := world.Now()
	text := record{
		sid: uuid.NewString(), from: draft.From, to: draft.To, body: draft.Body, inbound: true, created: now,
		steps: []step{{status: "received", at: now}},
	}
	a.records.Add(text.sid, text, text.size())
	message := text.message()
	a.world.Add(message)
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound text", At: now, Waits: a.config.Waits,
		Request: a.signedRequest(a.config.WebhookURL, a.inboundForm(text)), Check: checkXML,
		Ended: func(err error) { a.ended(text.sid, err) },
	})
	return message, nil
}

func checkDraft(draft world.Draft) error {
	switch {
	case !ValidNumber(draft.From):
		return &world.InputError{Field: "from", Message: "is not a phone number such as +14055550123"}
	case owned(draft.From):
		return &world.InputError{Field: "from", Message: "is one of our own numbers: a customer has another"}
	case !ValidNumber(draft.To):
		return &world.InputError{Field: "to", Message: "is not a phone number such as +15002000001"}
	case !owned(draft.To):
		return &world.InputError{Field: "to", Message: "is not a number of the sandbox: those begin with " + ownPrefix}
	case draft.Body == "":
		return &world.InputError{Field: "body", Message: "is empty"}
	case utf8.RuneCountInString(draft.Body) > maxRunes:
		return &world.InputError{Field: "body", Message: "is longer than 1600 characters"}
	case draft.Subject != "":
		return &world.InputError{Field: "subject", Message: "is for e-mail only"}
	default:
		return nil
	}
}

func (a *API) inboundForm(text record) url.Values {
	return url.Values{
		"MessageSid": {text.sid}, "SmsSid": {text.sid}, "AccountSid": {a.config.Project},
		"MessageStatus": {"received"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
		"From": {text.from}, "To": {text.to}, "Body": {text.body},
		"NumMedia": {"0"}, "NumSegments": {strconv.Itoa(segments(text.body))},
	}
}

func (a *API) ended(sid string, err error) {
	if err != nil {
		a.world.SetState(sid, world.Lost, err.Error())
		return
	}
	a.world.SetState(sid, world.Taken, "")
}

var errNoResponse = errors.New("the root of the answer is not <Response>")

// checkXML reads the answer to an inbound text as the provider does: well-formed XML whose root is Response.
func checkXML(body []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the answer as XML: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
	if root != "Response" {
		return errNoResponse
	}
	return nil
}
