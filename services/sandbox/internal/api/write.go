package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

type draft struct {
	Channel   string `json:"channel"`
	From      string `json:"from"`
	To        string `json:"to"`
	Subject   string `json:"subject"`
	Body      string `json:"body"`
	InReplyTo string `json:"inReplyTo"`
	// Provider is who carries the message, where several serve the channel; empty is the first of them.
	Provider    string   `json:"provider"`
	Attachments []upload `json:"attachments"`
	// HTML is how an e-mail looks; without it it is the body in paragraphs.
	HTML string `json:"html"`
	// Cc is who else an e-mail goes to. Quote puts the original below it; Automatic makes it the answer of a program.
	Cc        []string `json:"cc"`
	Quote     bool     `json:"quote"`
	Automatic bool     `json:"automatic"`
	// Button is the button of the original that the customer presses.
	Button string `json:"button"`
}

// write lets a customer write.
func (a *API) write(w http.ResponseWriter, r *http.Request) {
	var wanted draft
	if !decodeUpTo(w, r, &wanted, maxMessage) {
		return
	}
	files, wrong := filesOf(wanted.Attachments)
	if wrong != "" {
		invalid(w, "attachments", wrong)
		return
	}
	if a.carrierOf(wanted.Channel, "") == nil {
		invalid(w, "channel", "is none of sms, whatsapp and email")
		return
	}
	original, ok := a.original(wanted)
	if !ok {
		invalid(w, "inReplyTo", "is no message that this customer received on this channel")
		return
	}
	if original != nil && wanted.Provider == "" {
		wanted.Provider = original.Provider // an answer goes back the way the original came
	}
	if wanted.HTML != "" && wanted.Channel != "email" {
		invalid(w, "html", "is for e-mail only")
		return
	}
	carrier := a.carrierOf(wanted.Channel, wanted.Provider)
	if carrier == nil {
		invalid(w, "provider", "does not serve this channel")
		return
	}
	message, err := carrier.Write(world.Draft{
		From: strings.TrimSpace(wanted.From), To: strings.TrimSpace(wanted.To),
		Subject: wanted.Subject, Body: wanted.Body, Original: original, Files: files,
		HTML: wanted.HTML, Cc: wanted.Cc, Quote: wanted.Quote, Automatic: wanted.Automatic, Button: wanted.Button,
	})
	if wrong, is := errors.AsType[*world.InputError](err); is {
		invalid(w, wrong.Field, wrong.Message)
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "", err.Error())
		return
	}
	answer(w, http.StatusAccepted, itemOf(message))
}

func invalid(w http.ResponseWriter, field, message string) {
	refuse(w, http.StatusUnprocessableEntity, "invalid_field", field, "The field "+field+" "+message+".")
}

func (a *API) carrierOf(channel, provider string) Carrier {
	for _, carrier := range a.carriers {
		if carrier.Channel() == channel && (provider == "" || carrier.Name() == provider) {
			return carrier
		}
	}
	return nil
}

// original finds the message a draft answers; ok is false when it names one the customer did not receive.
func (a *API) original(wanted draft) (original *world.Message, ok bool) {
	if wanted.InReplyTo == "" {
		return nil, true
	}
	found, known := a.world.Message(wanted.InReplyTo)
	if !known || found.Written || found.Channel != wanted.Channel || found.Customer != normalize(wanted.From) {
		return nil, false
	}
	return &found, true
}

// html serves the HTML of a mail for a frame, the pictures it brought in their places: it may not run scripts, load
// anything from elsewhere or be framed there.
func (a *API) html(w http.ResponseWriter, r *http.Request) {
	found, ok := a.world.Message(r.PathValue("id"))
	if !ok || found.HTML == "" {
		refuse(w, http.StatusNotFound, "not_found", "", "There is no such mail, or it has no HTML.")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox allow-same-origin")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write([]byte(withPictures(found))) //nolint:gosec // a mail is HTML; the policy above runs nothing of it
}

// withPictures is the HTML of a mail with the addresses of its own pictures.
func withPictures(m world.Message) string {
	var pairs []string
	for i, one := range m.Files {
		if one.ContentID != "" {
			pairs = append(pairs, "cid:"+one.ContentID, attachmentsOf(m)[i].URL)
		}
	}
	return strings.NewReplacer(pairs...).Replace(m.HTML)
}
