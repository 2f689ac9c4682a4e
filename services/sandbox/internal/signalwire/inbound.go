package signalwire

import (
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Write lets a customer text one of our numbers. It returns a *world.InputError naming what is wrong.
func (a *API) Write(draft world.Draft) (world.Message, error) {
	if draft.Original != nil && draft.To == "" {
		draft.To = draft.Original.Business
	}
	if err := sms.CheckDraft(draft); err != nil {
		return world.Message{}, err
	}
	now := world.Now()
	text := record{
		sid: uuid.NewString(), from: draft.From, to: draft.To, body: draft.Body, files: draft.Files, inbound: true, created: now,
		steps: []step{{status: "received", at: now}},
	}
	a.records.Add(text.sid, text, text.size())
	message := text.message()
	a.world.Add(message)
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: "inbound text", About: text.sid, At: now, Waits: a.config.Waits,
		Request: a.signedRequest(a.config.Webhook.URL(), a.inboundForm(text)), Check: sms.CheckAnswer,
		Ended: func(err error) { a.ended(text.sid, err) },
	})
	return message, nil
}

func (a *API) inboundForm(text record) url.Values {
	form := InboundForm(a.config.Project, text.sid, text.from, text.to, text.body)
	form.Set("NumMedia", strconv.Itoa(text.numMedia()))
	for i, file := range text.files {
		number := strconv.Itoa(i)
		form.Set("MediaUrl"+number, a.publicURL()+"/signalwire"+a.path("/Messages/"+text.sid+"/Media/"+number))
		form.Set("MediaContentType"+number, file.ContentType)
	}
	return form
}

// InboundForm is what a text without files that a customer wrote is told with.
func InboundForm(project, sid, from, to, body string) url.Values {
	return url.Values{
		"MessageSid": {sid}, "SmsSid": {sid}, "AccountSid": {project},
		"MessageStatus": {"received"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
		"From": {from}, "To": {to}, "Body": {body},
		"NumMedia": {"0"}, "NumSegments": {strconv.Itoa(sms.Segments(body))},
	}
}

func (a *API) ended(sid string, err error) {
	if err != nil {
		a.world.SetState(sid, world.Lost, err.Error())
		return
	}
	a.world.SetState(sid, world.Taken, "")
}
