package resend

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// The types of the events.
const (
	eventSent       = "email.sent"
	eventDelayed    = "email.delivery_delayed"
	eventDelivered  = "email.delivered"
	eventBounced    = "email.bounced"
	eventComplained = "email.complained"
	eventOpened     = "email.opened"
	eventClicked    = "email.clicked"
	eventSuppressed = "email.suppressed"
	eventReceived   = "email.received"
)

var errBadSecret = errors.New(`the webhook secret is not "whsec_" and base64`)

// plan is what will become of the mail to one of its recipients, and puts the address on the list that is to get no more.
func (a *API) plan(recipient string, created time.Time) []step {
	names := map[mailbox.Fate][]string{
		mailbox.Delivered: {eventSent, eventDelivered}, mailbox.Deferred: {eventSent, eventDelayed, eventDelivered},
		mailbox.Bounced: {eventSent, eventBounced}, mailbox.SoftBounced: {eventSent, eventBounced},
		mailbox.Complained: {eventSent, eventDelivered, eventComplained},
	}[mailbox.FateOf(recipient)]
	if _, suppressed := a.suppressions.Find(recipient); suppressed {
		names = []string{eventSuppressed}
	}
	steps, at := make([]step, 0, len(names)), created
	for _, name := range names {
		at = at.Add(mailbox.Vary(a.config.Step))
		steps = append(steps, step{event: name, recipient: recipient, at: at})
		a.suppress(name, recipient)
	}
	return steps
}

// suppress keeps the list as the provider does.
func (a *API) suppress(name, recipient string) {
	switch {
	case name == eventBounced && mailbox.FateOf(recipient) != mailbox.SoftBounced:
		a.suppressions.Add(recipient, mailbox.ByBounce)
	case name == eventComplained:
		a.suppressions.Add(recipient, mailbox.ByComplaint)
	}
}

func (a *API) events(sent mail, steps []step) []callback.Callback {
	callbacks := make([]callback.Callback, 0, len(steps))
	for _, reached := range steps {
		data := map[string]any{
			"created_at": formatTime(sent.created), "email_id": sent.id, "message_id": sent.messageID,
			"from": sent.from, "to": []string{reached.recipient}, "subject": sent.subject,
		}
		if len(sent.tags) > 0 {
			data["tags"] = tagObject(sent.tags)
		}
		maps.Copy(data, particulars(reached))
		callbacks = append(callbacks, a.event(reached.event, sent.id, data, reached.at))
	}
	return callbacks
}

// particulars are the fields that only some events have.
func particulars(of step) map[string]any {
	switch of.event {
	case eventBounced:
		bounce := map[string]string{
			"type": "Permanent", "subType": "General",
			"message": "The recipient's mail server permanently rejected the mail: there is no such mailbox.",
		}
		if mailbox.FateOf(of.recipient) == mailbox.SoftBounced {
			bounce = map[string]string{"type": "Transient", "subType": "MailboxFull", "message": "The recipient's mailbox is full."}
		}
		return map[string]any{"bounce": bounce}
	case eventSuppressed:
		return map[string]any{"suppressed": map[string]string{
			"type": "OnAccountSuppressionList", "message": "The recipient is on the account's list of suppressed addresses.",
		}}
	case eventClicked:
		return map[string]any{"click": map[string]string{
			"link": "https://www.example.com/", "ipAddress": "192.0.2.7", "userAgent": "Mozilla/5.0", "timestamp": formatTime(of.at),
		}}
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
	name := map[world.Action]string{
		world.Open: eventOpened, world.Click: eventClicked, world.Complain: eventComplained, world.Bounce: eventBounced,
	}[action]
	if name == "" {
		return &world.InputError{Field: "action", Message: "is nothing that this provider tells of"}
	}
	next := step{event: name, recipient: message.Customer, at: world.Now()}
	a.suppress(name, message.Customer)
	a.sent.Update(sent.id, func(kept mail) mail {
		kept.steps = append(slices.Clone(kept.steps), next)
		return kept
	})
	a.callbacks.Deliver(a.events(sent, []step{next})...)
	return nil
}

func tagObject(tags []tag) map[string]string {
	object := make(map[string]string, len(tags))
	for _, t := range tags {
		object[t.Name] = t.Value
	}
	return object
}

// event is one webhook. Its id stays the same over all attempts; timestamp and signature are those of the attempt.
func (a *API) event(name, about string, data map[string]any, at time.Time) callback.Callback {
	id := "msg_" + rand.Text()
	return callback.Callback{
		Provider: Name, Name: name, About: about, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal(map[string]any{
				"type": name, "created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "data": data,
			})
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			timestamp := strconv.FormatInt(time.Now().Unix(), 10)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Svix-Id", id)
			request.Header.Set("Svix-Timestamp", timestamp)
			request.Header.Set("Svix-Signature", Sign(a.secret, id, timestamp, body))
			return request, nil
		},
	}
}

// Sign signs a webhook in the manner of Svix: HMAC-SHA256 over id, timestamp and body, joined by dots.
func Sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func decodeSecret(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) == 0 {
		return nil, errBadSecret
	}
	return key, nil
}
