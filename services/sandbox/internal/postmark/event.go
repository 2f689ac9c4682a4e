package postmark

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// The kinds of webhooks, and the types of bounces.
const (
	recordDelivery     = "Delivery"
	recordBounce       = "Bounce"
	recordComplaint    = "SpamComplaint"
	recordOpen         = "Open"
	recordClick        = "Click"
	recordSubscription = "SubscriptionChange"

	typeHard      = "HardBounce"
	typeSoft      = "SoftBounce"
	typeTransient = "Transient"
)

// happening is what becomes of a mail: a record and, of a bounce, its type.
type happening struct{ record, kind string }

// events are the webhooks about the mail to one of its recipients. There is none for "sent": the answer says that.
func (a *API) events(sent mail, recipient string) []callback.Callback {
	var callbacks []callback.Callback
	at := sent.created
	for _, next := range map[mailbox.Fate][]happening{
		mailbox.Delivered:   {{recordDelivery, ""}},
		mailbox.Deferred:    {{recordBounce, typeTransient}, {recordDelivery, ""}},
		mailbox.Bounced:     {{recordBounce, typeHard}},
		mailbox.SoftBounced: {{recordBounce, typeSoft}},
		mailbox.Complained:  {{recordDelivery, ""}, {recordComplaint, ""}},
	}[mailbox.FateOf(recipient)] {
		at = at.Add(mailbox.Vary(a.config.Step))
		callbacks = append(callbacks, a.happens(next, sent, recipient, at)...)
	}
	return callbacks
}

// happens keeps what becomes of a mail and tells of it, and of the address that is written to no more for it.
func (a *API) happens(next happening, sent mail, recipient string, at time.Time) []callback.Callback {
	fields := particulars(next, recipient, at)
	number := 1 + rand.Int64N(1<<40) //nolint:gosec // an id is no secret
	if next.record == recordBounce || next.record == recordComplaint {
		fields["ID"], fields["From"], fields["Subject"] = number, plain(sent.from), sent.Subject
		a.bounces.Add(strconv.FormatInt(number, 10), bounce{at: at, fields: a.told(next.record, sent, fields)}, 1)
	}
	a.sent.Update(sent.id, func(kept mail) mail {
		kept.history = append(kept.history, historyEntry{happening: next, recipient: recipient, at: at})
		return kept
	})
	told := []callback.Callback{a.callback(next.record, a.told(next.record, sent, fields), at)}
	reason := map[happening]mailbox.Reason{
		{recordBounce, typeHard}: mailbox.ByBounce, {recordComplaint, ""}: mailbox.ByComplaint,
	}[next]
	if reason != "" && a.suppressions.Add(recipient, reason) {
		told = append(told, a.subscription(sent, recipient, reason, "Recipient", true, at))
	}
	return told
}

// particulars are the fields that only some records have.
func particulars(of happening, recipient string, at time.Time) map[string]any {
	bounced := func(code int, kind, name, description, details string) map[string]any {
		return map[string]any{
			"Type": kind, "TypeCode": code, "Name": name, "Email": recipient, "BouncedAt": formatTime(at),
			"Description": description, "Details": details, "Inactive": kind == typeHard || of.record == recordComplaint,
			"CanActivate": kind == typeHard, "DumpAvailable": false,
		}
	}
	switch of {
	case happening{recordBounce, typeHard}:
		return bounced(1, typeHard, "Hard bounce",
			"The server was unable to deliver your message (ex: unknown user, mailbox not found).",
			"smtp;550 5.1.1 There is no such mailbox.")
	case happening{recordBounce, typeSoft}:
		return bounced(4096, typeSoft, "Soft bounce", "Unable to temporarily deliver message (i.e. mailbox full).",
			"smtp;452 4.2.2 The mailbox is full.")
	case happening{recordBounce, typeTransient}:
		return bounced(2, typeTransient, "Message delayed", "The server could not temporarily deliver your message.",
			"smtp;451 4.7.1 Try again later.")
	case happening{recordComplaint, ""}:
		return bounced(512, recordComplaint, "Spam complaint", "The subscriber explicitly marked this message as spam.", "")
	case happening{recordOpen, ""}:
		return map[string]any{"Recipient": recipient, "ReceivedAt": formatTime(at), "FirstOpen": true, "UserAgent": "Mozilla/5.0"}
	case happening{recordClick, ""}:
		return map[string]any{
			"Recipient": recipient, "ReceivedAt": formatTime(at), "OriginalLink": "https://www.example.com/", "ClickLocation": "HTML",
		}
	default:
		return map[string]any{"Recipient": recipient, "DeliveredAt": formatTime(at), "Details": "smtp;250 2.0.0 OK"}
	}
}

// told is the payload of a webhook about a mail.
func (a *API) told(record string, sent mail, fields map[string]any) map[string]any {
	payload := map[string]any{
		"RecordType": record, "ServerID": serverID, "MessageStream": stream, "MessageID": sent.id, "Tag": sent.Tag,
		"Metadata": sent.metadata(),
	}
	maps.Copy(payload, fields)
	return payload
}

// subscription is the news that an address is written to no more, or again.
func (a *API) subscription(
	sent mail, recipient string, reason mailbox.Reason, origin string, suppressed bool, at time.Time,
) callback.Callback {
	fields := map[string]any{
		"Recipient": recipient, "Origin": origin, "SuppressSending": suppressed, "ChangedAt": formatTime(at),
		"SuppressionReason": nil,
	}
	if suppressed {
		fields["SuppressionReason"] = wordOf(reason)
	}
	return a.callback(recordSubscription, a.told(recordSubscription, sent, fields), at)
}

func wordOf(reason mailbox.Reason) string {
	switch reason { //nolint:exhaustive // the others were decided by somebody
	case mailbox.ByBounce:
		return typeHard
	case mailbox.ByComplaint:
		return recordComplaint
	default:
		return "ManualSuppression"
	}
}

// callback posts the payload with user and password, the same at every attempt.
func (a *API) callback(name string, payload map[string]any, at time.Time) callback.Callback {
	about, _ := payload["MessageID"].(string)
	return callback.Callback{
		Provider: Name, Name: name, About: about, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal(payload)
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.SetBasicAuth(a.config.User, a.config.Password)
			return request, nil
		},
	}
}

// Act tells what the owner of a mailbox did to a mail that arrived.
func (a *API) Act(message world.Message, action world.Action) error {
	sent, ok := a.sent.Get(message.ExternalID)
	if !ok {
		return &world.InputError{Field: "id", Message: "is of a mail that the provider has forgotten"}
	}
	now := time.Now().UTC()
	if action == world.Unsubscribe {
		if a.suppressions.Add(message.Customer, mailbox.ByUnsubscribe) {
			a.callbacks.Deliver(a.subscription(sent, message.Customer, mailbox.ByUnsubscribe, "Recipient", true, now))
		}
		return nil
	}
	next := map[world.Action]happening{
		world.Open: {recordOpen, ""}, world.Click: {recordClick, ""}, world.Complain: {recordComplaint, ""},
		world.Bounce: {recordBounce, typeHard},
	}[action]
	a.callbacks.Deliver(a.happens(next, sent, message.Customer, now)...)
	return nil
}
