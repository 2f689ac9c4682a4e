package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
)

// tell posts an event about an object as it is now.
func (a *API) tell(name string, about object) {
	id, at := "evt_"+rand.Text(), time.Now()
	a.callbacks.Deliver(callback.Callback{
		Provider: Name, Name: name, About: about.text("id"), At: at, Waits: a.config.Waits,
		Request: func(ctx context.Context) (*http.Request, error) {
			body, err := json.Marshal(map[string]any{
				"id": id, "object": "event", "type": name, "created": at.Unix(), "api_version": "2026-03-25.dahlia", "livemode": false,
				"data": map[string]any{"object": about},
			})
			if err != nil {
				return nil, fmt.Errorf("encoding the event: %w", err)
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
			if err != nil {
				return nil, fmt.Errorf("making the request: %w", err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Stripe-Signature", Sign(a.config.WebhookSecret, time.Now(), body))
			return request, nil
		},
	})
}

// Sign signs a webhook: HMAC-SHA256 over the time and the body, joined by a dot.
func Sign(secret string, at time.Time, body []byte) string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "t=" + timestamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
