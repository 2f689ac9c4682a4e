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
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
)

// What an address contains to make a mail take a bad end.
const (
	markBounce   = "bounce"
	markComplain = "complain"
)

var errBadSecret = errors.New(`the webhook secret is not "whsec_" and base64`)

// plan is what will become of the mail.
func (a *API) plan(sent mail) []step {
	names := []string{"email.sent", "email.delivered"}
	all := strings.ToLower(strings.Join(sent.to, " "))
	switch {
	case strings.Contains(all, markBounce):
		names[1] = "email.bounced"
	case strings.Contains(all, markComplain):
		names = append(names, "email.complained")
	}
	steps, at := make([]step, 0, len(names)), sent.created
	for _, name := range names {
		at = at.Add(vary(a.config.Step))
		steps = append(steps, step{event: name, at: at})
	}
	return steps
}

// vary is a duration between a half and one and a half of the mean.
func vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(mathrand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}

func (a *API) events(sent mail) []callback.Callback {
	callbacks := make([]callback.Callback, 0, len(sent.steps))
	for _, reached := range sent.steps {
		data := map[string]any{
			"created_at": formatTime(sent.created), "email_id": sent.id, "message_id": sent.messageID,
			"from": sent.from, "to": list(sent.to), "subject": sent.subject,
		}
		if len(sent.tags) > 0 {
			data["tags"] = tagObject(sent.tags)
		}
		if reached.event == "email.bounced" {
			data["bounce"] = map[string]string{
				"type": "Permanent", "subType": "General",
				"message": "The recipient's mail server permanently rejected the mail: there is no such mailbox.",
			}
		}
		callbacks = append(callbacks, a.event(reached.event, data, reached.at))
	}
	return callbacks
}

func tagObject(tags []tag) map[string]string {
	object := make(map[string]string, len(tags))
	for _, t := range tags {
		object[t.Name] = t.Value
	}
	return object
}

// event is one webhook. Its id stays the same over all attempts; timestamp and signature are those of the attempt.
func (a *API) event(name string, data map[string]any, at time.Time) callback.Callback {
	id := "msg_" + rand.Text()
	return callback.Callback{
		Provider: Name, Name: name, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal(map[string]any{
				"type": name, "created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "data": data,
			})
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.WebhookURL, bytes.NewReader(body))
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
