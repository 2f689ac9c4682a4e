package sendgrid

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
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

// events is what will become of the mail.
func (a *API) events(id, recipient string, args map[string]string, now time.Time) []callback.Callback {
	words := []string{"processed", "delivered"}
	switch {
	case strings.Contains(recipient, markBounce):
		words[1] = "bounce"
	case strings.Contains(recipient, markComplain):
		words = append(words, "spamreport")
	}
	callbacks := make([]callback.Callback, 0, len(words))
	for _, word := range words {
		now = now.Add(vary(a.config.Step))
		callbacks = append(callbacks, a.event(word, id, recipient, args, now))
	}
	return callbacks
}

// vary is a duration between a half and one and a half of the mean.
func vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(mathrand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}

// event is one webhook: a list of one event. Its id stays the same over all attempts.
func (a *API) event(word, id, recipient string, args map[string]string, at time.Time) callback.Callback {
	told := map[string]any{}
	for key, value := range args {
		told[key] = value
	}
	maps.Copy(told, map[string]any{
		"email": recipient, "timestamp": at.Unix(), "event": word, "smtp-id": wireID(id),
		"sg_message_id": id + ".filterdrecv-sandbox-1-0.0", "sg_event_id": rand.Text(),
	})
	switch word {
	case "bounce":
		told["type"], told["status"], told["reason"] = "bounce", "5.1.1", "550 5.1.1 There is no such mailbox."
	case "delivered":
		told["response"] = "250 OK"
	}
	return callback.Callback{
		Provider: Name, Name: word, At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal([]any{told})
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			body = append(body, "\r\n"...)
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.WebhookURL, bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", "application/json")
			return request, sign(request, a.eventKey, body)
		},
	}
}
