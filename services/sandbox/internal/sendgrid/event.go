package sendgrid

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// The words of the events.
const (
	wordProcessed   = "processed"
	wordDeferred    = "deferred"
	wordDelivered   = "delivered"
	wordBounce      = "bounce"
	wordBlocked     = "blocked" // told as a bounce of the type blocked
	wordDropped     = "dropped"
	wordOpen        = "open"
	wordClick       = "click"
	wordComplaint   = "spamreport"
	wordUnsubscribe = "unsubscribe"
)

// told is one mail to one recipient, of which the events tell.
type told struct {
	id, recipient string
	args          map[string]string
}

// events is what will become of the mail, and puts those on the list who are to get no more.
func (a *API) events(of told, now time.Time) []callback.Callback {
	if held, suppressed := a.suppressions.Find(of.recipient); suppressed {
		dropped := a.event(wordDropped, of, now.Add(mailbox.Vary(a.config.Step)), map[string]any{
			"reason": map[mailbox.Reason]string{
				mailbox.ByBounce: "Bounced Address", mailbox.ByComplaint: "Spam Reporting Address",
				mailbox.ByUnsubscribe: "Unsubscribed Address", mailbox.ByHand: "Unsubscribed Address",
			}[held.Reason],
		})
		return []callback.Callback{dropped}
	}
	words := map[mailbox.Fate][]string{
		mailbox.Delivered: {wordDelivered}, mailbox.Deferred: {wordDeferred, wordDelivered}, mailbox.Bounced: {wordBounce},
		mailbox.SoftBounced: {wordBlocked}, mailbox.Complained: {wordDelivered, wordComplaint},
	}[mailbox.FateOf(of.recipient)]
	callbacks := []callback.Callback{}
	for _, word := range append([]string{wordProcessed}, words...) {
		now = now.Add(mailbox.Vary(a.config.Step))
		callbacks = append(callbacks, a.event(word, of, now, nil))
		a.suppress(word, of.recipient)
	}
	return callbacks
}

// suppress keeps the list as the provider does.
func (a *API) suppress(word, recipient string) {
	reason := map[string]mailbox.Reason{
		wordBounce: mailbox.ByBounce, wordComplaint: mailbox.ByComplaint, wordUnsubscribe: mailbox.ByUnsubscribe,
	}[word]
	if reason != "" {
		a.suppressions.Add(recipient, reason)
	}
}

// event is one webhook: a list of one event. Its id stays the same over all attempts.
func (a *API) event(word string, of told, at time.Time, more map[string]any) callback.Callback {
	fields := map[string]any{}
	for key, value := range of.args {
		fields[key] = value
	}
	maps.Copy(fields, map[string]any{
		"email": of.recipient, "timestamp": at.Unix(), "event": word, "smtp-id": wireID(of.id),
		"sg_message_id": of.id + ".filterdrecv-sandbox-1-0.0", "sg_event_id": rand.Text(),
	})
	maps.Copy(fields, particulars(word))
	maps.Copy(fields, more)
	return callback.Callback{
		Provider: Name, Name: word, About: of.id, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal([]any{fields})
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			body = append(body, "\r\n"...)
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", "application/json")
			return request, sign(request, a.eventKey, body)
		},
	}
}

// particulars are the fields that only some words have.
func particulars(word string) map[string]any {
	switch word {
	case wordBounce:
		return map[string]any{"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 There is no such mailbox."}
	case wordBlocked:
		return map[string]any{"event": wordBounce, "type": "blocked", "status": "4.2.2", "reason": "452 4.2.2 The mailbox is full."}
	case wordDeferred:
		return map[string]any{"response": "451 4.7.1 Try again later.", "attempt": "1"}
	case wordDelivered:
		return map[string]any{"response": "250 OK"}
	case wordOpen, wordClick:
		return map[string]any{"useragent": "Mozilla/5.0", "ip": "192.0.2.7", "sg_machine_open": false}
	default:
		return nil
	}
}

// Act tells what the owner of a mailbox did to a mail that arrived.
func (a *API) Act(message world.Message, action world.Action) error {
	sent, ok := a.sent.Get(message.ExternalID)
	if !ok {
		return &world.InputError{Field: "id", Message: "is of a mail that the provider has forgotten"}
	}
	word := map[world.Action]string{
		world.Open: wordOpen, world.Click: wordClick, world.Complain: wordComplaint, world.Unsubscribe: wordUnsubscribe,
		world.Bounce: wordBounce,
	}[action]
	more := map[string]any{}
	if action == world.Click {
		more["url"] = "https://www.example.com/"
	}
	of := told{id: message.ExternalID, recipient: message.Customer, args: sent.args[message.Customer]}
	a.suppress(word, message.Customer)
	a.callbacks.Deliver(a.event(word, of, time.Now(), more))
	return nil
}
