package postmark

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
)

// What an address contains to make a mail take a bad end.
const (
	markBounce   = "bounce"
	markComplain = "complain"
)

// events are the webhooks about the mail to one of its recipients. There is none for "sent": the answer says that.
func (a *API) events(sent mail, recipient string) []callback.Callback {
	at := sent.created.Add(vary(a.config.Step))
	delivery := func() callback.Callback {
		return a.event("Delivery", sent, at, map[string]any{
			"Recipient": recipient, "DeliveredAt": formatTime(at), "Details": "smtp;250 2.0.0 OK",
		})
	}
	switch {
	case strings.Contains(recipient, markBounce):
		return []callback.Callback{a.event("Bounce", sent, at, map[string]any{
			"Type": "HardBounce", "TypeCode": 1, "Name": "Hard bounce", "Email": recipient, "BouncedAt": formatTime(at),
			"Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
			"Details":     "smtp;550 5.1.1 There is no such mailbox.", "Inactive": true, "CanActivate": true,
		})}
	case strings.Contains(recipient, markComplain):
		first := delivery()
		later := at.Add(vary(a.config.Step))
		return []callback.Callback{first, a.event("SpamComplaint", sent, later, map[string]any{
			"Type": "SpamComplaint", "TypeCode": 512, "Name": "Spam complaint", "Email": recipient,
			"BouncedAt": formatTime(later), "Description": "The subscriber explicitly marked this message as spam.",
			"Inactive": true, "CanActivate": false,
		})}
	default:
		return []callback.Callback{delivery()}
	}
}

// event is one webhook about a mail.
func (a *API) event(record string, sent mail, at time.Time, fields map[string]any) callback.Callback {
	payload := map[string]any{
		"RecordType": record, "ServerID": serverID, "MessageStream": stream, "MessageID": sent.id, "Tag": sent.Tag,
		"Metadata": sent.metadata(),
	}
	maps.Copy(payload, fields)
	if record != "Delivery" {
		payload["ID"], payload["From"], payload["Subject"] = 1+rand.Int64N(1<<40), plain(sent.from), sent.Subject //nolint:gosec // an id is no secret
	}
	return a.callback(record, payload, at)
}

// callback posts the payload with user and password, the same at every attempt.
func (a *API) callback(name string, payload map[string]any, at time.Time) callback.Callback {
	return callback.Callback{
		Provider: Name, Name: name, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal(payload)
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.WebhookURL, bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.SetBasicAuth(a.config.User, a.config.Password)
			return request, nil
		},
	}
}

// vary is a duration between a half and one and a half of the mean.
func vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}
