package twilio

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer text one of our numbers. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) { return a.receive(draft, false) }

func (a *API) receive(draft world.Draft, chat bool) (world.Message, error) {
	if draft.Original != nil && draft.To == "" {
		draft.To = draft.Original.Business
	}
	draft.Body = cmp.Or(draft.Button, draft.Body)
	if err := sms.CheckDraft(draft); err != nil {
		return world.Message{}, err
	}
	now := world.Now()
	text := record{
		sid: newSID(len(draft.Files) > 0), from: draft.From, to: draft.To, body: draft.Body, files: draft.Files, inbound: true,
		created: now, chat: chat, steps: []step{{status: statusReceived, at: now}},
	}
	if draft.Original != nil {
		text.answered = draft.Original.ExternalID
	}
	if chat {
		a.windows.Open(text.to, text.from, now)
	}
	a.records.Add(text.sid, text, text.size())
	message := text.message()
	a.world.Add(message)
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound text", About: text.sid, At: now, Waits: a.config.Waits,
		Request: a.signedRequest(a.config.Webhook.URL(), a.inboundForm(text, draft.Button)), Check: sms.CheckAnswer,
		Ended: func(err error) { a.ended(text.sid, err) },
	})
	return message, nil
}

func (a *API) inboundForm(text record, button string) url.Values {
	form := url.Values{
		"MessageSid": {text.sid}, "SmsSid": {text.sid}, "SmsMessageSid": {text.sid}, "AccountSid": {a.config.Account},
		"SmsStatus": {statusReceived}, "ApiVersion": {version},
		"From": {text.wire(text.from)}, "To": {text.wire(text.to)}, "Body": {text.body},
		"NumMedia": {text.numMedia()}, "NumSegments": {strconv.Itoa(sms.Segments(text.body))},
	}
	for i, file := range text.files {
		number := strconv.Itoa(i)
		form.Set("MediaUrl"+number, a.publicURL()+"/twilio"+a.path("/Messages/"+text.sid+"/Media/"+mediaID(i)))
		form.Set("MediaContentType"+number, file.ContentType)
	}
	if text.chat {
		a.addChat(form, text, button)
		return form
	}
	for _, side := range []string{"From", "To"} {
		for _, part := range []string{"City", "State", "Zip", "Country"} {
			form.Set(side+part, "") // known for few numbers, sent for all
		}
	}
	return form
}

// addChat adds what only messages of WhatsApp have.
func (a *API) addChat(form url.Values, text record, button string) {
	form.Set("ProfileName", "Customer "+text.from[len(text.from)-4:])
	form.Set("WaId", strings.TrimPrefix(text.from, "+"))
	form.Set("MessageType", "text")
	if button != "" {
		form.Set("MessageType", "button")
		form.Set("ButtonText", button)
		form.Set("ButtonPayload", button)
	}
	if text.answered != "" {
		form.Set("OriginalRepliedMessageSid", text.answered)
		form.Set("OriginalRepliedMessageSender", text.wire(text.to))
	}
}

func (a *API) ended(sid string, err error) {
	if err != nil {
		a.world.SetState(sid, world.Lost, err.Error())
		return
	}
	a.world.SetState(sid, world.Taken, "")
}
