package meta

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	maxText    = 4096
	maxCaption = 1024
	maxOpaque  = 512
)

// draft is the body of a send: one of its parts is set, by its type.
type draft struct {
	Product   string `json:"messaging_product"`
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Type      string `json:"type"`
	Opaque    string `json:"biz_opaque_callback_data"`
	Context   struct {
		MessageID string `json:"message_id"`
	} `json:"context"`
	Text *struct {
		Body string `json:"body"`
	} `json:"text"`
	Template *used `json:"template"`
	Image    *file `json:"image"`
	Video    *file `json:"video"`
	Audio    *file `json:"audio"`
	Document *file `json:"document"`
	Sticker  *file `json:"sticker"`
	// Status and MessageID mark a message of the customer as read.
	Status    string `json:"status"`
	MessageID string `json:"message_id"`
}

// file is the file of a message, by its id or its address.
type file struct {
	ID       string `json:"id"`
	Link     string `json:"link"`
	Caption  string `json:"caption"`
	Filename string `json:"filename"`
}

func (d draft) file() *file {
	for _, one := range []*file{d.Image, d.Video, d.Audio, d.Document, d.Sticker} {
		if one != nil {
			return one
		}
	}
	return nil
}

// customer is who the message goes to: a number, or a business-scoped id.
func (d draft) customer() string {
	if d.To == "" {
		return d.Recipient
	}
	return "+" + strings.TrimPrefix(d.To, "+")
}

func (a *API) send(request provider.Call) provider.Answer {
	number, ok := numberOf(request.PathValue("id"))
	if !ok {
		return fail(codeUnknownObject)
	}
	var wanted draft
	if json.Unmarshal(request.Content, &wanted) != nil || wanted.Product != "whatsapp" {
		return failWith(http.StatusBadRequest, codeInvalid, "messaging_product must be whatsapp")
	}
	if wanted.Status == "read" {
		return provider.JSON(http.StatusOK, map[string]bool{"success": true})
	}
	message, code := a.compose(wanted, number)
	if code != 0 {
		answer := fail(code)
		answer.To = wanted.customer()
		return answer
	}
	return a.accept(request, wanted, message)
}

// compose makes the message as the customer sees it, or gives the code that refuses it.
func (a *API) compose(wanted draft, number string) (world.Message, int) {
	message := world.Message{
		ID: newID(), Provider: Name, Channel: world.WhatsApp, Customer: wanted.customer(), Business: number,
		From: number, To: wanted.customer(), InReplyTo: wanted.Context.MessageID, At: world.Now(),
	}
	message.ExternalID = message.ID
	switch {
	case wanted.To == "" && wanted.Recipient == "", wanted.Type == "":
		return message, codeMissing
	case wanted.To != "" && !sms.ValidNumber(message.To), len(wanted.Opaque) > maxOpaque:
		return message, codeInvalid
	case strings.HasSuffix(message.To, sms.SuffixInvalid):
		return message, codeUnreachable
	case strings.HasSuffix(message.To, sms.SuffixOptedOut):
		return message, codeOptedOut
	}
	code := 0
	switch attached := wanted.file(); {
	case wanted.Template != nil:
		message.Template = &world.Template{ID: wanted.Template.Name, Language: wanted.Template.Language.Code}
		message.Body, message.Buttons, code = wanted.Template.fill()
	case attached != nil:
		message.Body = attached.Caption
		if utf8.RuneCountInString(attached.Caption) > maxCaption || (attached.ID == "") == (attached.Link == "") {
			code = codeInvalid
		}
	case wanted.Text == nil || wanted.Text.Body == "":
		code = codeMissing
	case utf8.RuneCountInString(wanted.Text.Body) > maxText:
		code = codeInvalid
	default:
		message.Body = wanted.Text.Body
	}
	return message, code
}

// accept keeps the message, gives it to the customer and schedules its callbacks. What the vendor finds out only later,
// such as a closed window or a file that it cannot fetch, it tells by a callback.
func (a *API) accept(request provider.Call, wanted draft, message world.Message) provider.Answer {
	kept := record{
		id: message.ID, number: message.Business, customer: message.Customer, ours: wanted.Opaque, created: message.At,
	}
	a.records.Add(kept.id, kept, kept.size())
	failed := 0
	switch attached := wanted.file(); {
	case wanted.Template == nil && !a.windows.IsOpen(message.Business, message.Customer, message.At):
		failed = codeWindow
	case strings.HasSuffix(message.To, sms.SuffixUndelivered):
		failed = codeUnreachable
	case attached != nil:
		failed = a.attach(request, &message, *attached)
	}
	if failed == 0 {
		a.world.Add(message)
		a.tell(kept, a.steps(message.At)...)
	} else {
		a.tell(kept, status{word: "failed", at: message.At.Add(vary(a.config.Step)), code: failed})
	}
	answer := provider.JSON(http.StatusOK, map[string]any{
		"messaging_product": "whatsapp", "contacts": []any{contactOf(message.Customer, true)},
		"messages": []any{map[string]string{"id": message.ID, "message_status": "accepted"}},
	})
	answer.MessageID, answer.To = message.ID, message.To
	return answer
}

// attach puts the file into the message; the code says why it cannot.
func (a *API) attach(request provider.Call, message *world.Message, wanted file) int {
	if wanted.ID != "" {
		kept, ok := a.files.Get(wanted.ID)
		if !ok {
			return codeFile
		}
		message.Files = []world.File{kept}
		return 0
	}
	fetched, err := a.fetcher.Fetch(request.Context(), []string{wanted.Link})
	if err != nil {
		return codeFile
	}
	message.Files, message.Media = fetched, wanted.Link
	if len(fetched) > 0 && wanted.Filename != "" {
		message.Files[0].Filename = wanted.Filename
	}
	return 0
}

// status is a state of a message, from a time on.
type status struct {
	word string
	at   time.Time
	code int
}

// steps are the states of a message that arrives. It is read when the customer opens it.
func (a *API) steps(from time.Time) []status {
	sent := from.Add(vary(a.config.Step))
	return []status{{word: "sent", at: sent}, {word: "delivered", at: sent.Add(vary(a.config.Step))}}
}

// vary is a duration between a half and one and a half of the mean.
func vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}

func (a *API) tell(kept record, steps ...status) {
	callbacks := make([]callback.Callback, 0, len(steps))
	for _, reached := range steps {
		callbacks = append(callbacks, callback.Callback{
			Provider: Name, Name: "status " + reached.word, About: kept.id, At: reached.at.Add(vary(a.config.Step / 4)),
			Waits: a.config.Waits, Request: a.signedRequest(a.statusValue(kept, reached)),
		})
	}
	a.callbacks.Deliver(callbacks...)
}
