package meta

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Sign signs a callback: the hex of HMAC-SHA256 over its body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// signedRequest makes the request of each attempt of one callback.
func (a *API) signedRequest(value map[string]any) func(context.Context) (*http.Request, error) {
	body, failed := json.Marshal(map[string]any{
		"object": "whatsapp_business_account",
		"entry": []any{map[string]any{
			"id": a.config.Account, "changes": []any{map[string]any{"field": "messages", "value": value}},
		}},
	})
	return func(ctx context.Context) (*http.Request, error) {
		if failed != nil {
			return nil, fmt.Errorf("writing the callback: %w", failed)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.config.Webhook.URL(), bytes.NewReader(body))
		if err != nil {
			return nil, fmt.Errorf("making the request: %w", err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Hub-Signature-256", Sign(a.config.AppSecret, body))
		return request, nil
	}
}

func (a *API) value(number string) map[string]any {
	return map[string]any{
		"messaging_product": "whatsapp",
		"metadata":          map[string]string{"display_phone_number": number[1:], "phone_number_id": idOf(number)},
	}
}

// contactOf is a customer as the vendor names them: by the number, or by the business-scoped id of who keeps it hidden.
func contactOf(customer string, answered bool) map[string]any {
	contact := map[string]any{}
	if answered {
		contact["input"] = customer
	} else {
		contact["profile"] = map[string]string{"name": nameOf(customer)}
	}
	if digits, ok := strings.CutPrefix(customer, "+"); ok {
		contact["wa_id"] = digits
	} else {
		contact["user_id"] = customer
	}
	return contact
}

// nameOf is what a customer calls himself: something short that differs.
func nameOf(customer string) string { return "Customer " + customer[max(0, len(customer)-4):] }

func (a *API) statusValue(kept record, reached status) map[string]any {
	told := map[string]any{
		"id": kept.id, "status": reached.word, "timestamp": strconv.FormatInt(reached.at.Unix(), 10),
		"recipient_id": strings.TrimPrefix(kept.customer, "+"),
	}
	if !strings.HasPrefix(kept.customer, "+") {
		delete(told, "recipient_id")
		told["recipient_user_id"] = kept.customer
	}
	if kept.ours != "" {
		told["biz_opaque_callback_data"] = kept.ours
	}
	if reached.code != 0 {
		known := failures()[reached.code]
		told["errors"] = []any{map[string]any{
			"code": reached.code, "title": known.title, "message": known.title, "error_data": map[string]string{"details": known.details},
		}}
	} else {
		told["conversation"] = map[string]any{"id": "c" + idOf(kept.number), "origin": map[string]string{"type": "service"}}
		told["pricing"] = map[string]any{"billable": true, "pricing_model": "PMP", "category": "service"}
	}
	value := a.value(kept.number)
	value["statuses"] = []any{told}
	return value
}

// Act tells that a customer has opened a message.
func (a *API) Act(message world.Message, action world.Action) error {
	if action != world.Open {
		return &world.InputError{Field: "action", Message: "is nothing that this provider tells of"}
	}
	kept, ok := a.records.Get(message.ExternalID)
	if ok && a.world.SetRead(message.ID) {
		a.tell(kept, status{word: "read", at: world.Now()})
	}
	return nil
}
