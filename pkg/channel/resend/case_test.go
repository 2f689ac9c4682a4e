package resend_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	sdk "github.com/resend/resend-go/v2"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/resend"
)

const (
	apiKey     = "re_conformance_only"
	secret     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	acceptedID = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"
	from       = "hello@acme.example"
	customer   = "ana@customer.example"
	hookURL    = "https://hooks.example.test/api/webhooks/resend"
	wireID     = "0102018dd2f1-56761188@us-east-1.amazonses.com"
)

func credential(base, signing string) channel.Credential {
	return channel.Credential{
		"api_key": apiKey, "webhook_secret": signing, "from_email": "Acme Support <" + from + ">", "base_url": base,
	}
}

func outbound() channel.Outbound {
	return channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.Email, Attempt: 2,
		From: from, To: customer, Subject: "Re: Your order", Body: "Thanks — on its way", HTML: "<p>Thanks</p>",
		ReplyTo: "hello+abc@acme.example", InReplyTo: "parent@customer.example",
		References: []string{"root@customer.example", "<parent@customer.example>"},
	}
}

// sign uses the signature vendor's own library, as the cross-check of ours.
func sign(webhook *channel.Webhook, signing string) {
	if webhook.Header == nil {
		webhook.Header = http.Header{}
	}
	validator, err := svix.NewWebhook(signing)
	if err != nil {
		panic(err)
	}
	id := fmt.Sprintf("msg_%x", sha256.Sum256(webhook.Body))
	signature, err := validator.Sign(id, webhook.ReceivedAt, webhook.Body)
	if err != nil {
		panic(err)
	}
	webhook.Header.Set("svix-id", id)
	webhook.Header.Set("svix-timestamp", strconv.FormatInt(webhook.ReceivedAt.Unix(), 10))
	webhook.Header.Set("svix-signature", signature)
}

func post(payload any) channel.Webhook {
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	return channel.Webhook{Method: http.MethodPost, URL: hookURL, Header: http.Header{}, Body: body}
}

// email is a request to send as it is on the wire.
type email struct {
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	ReplyTo string            `json:"reply_to"`
	Headers map[string]string `json:"headers"`
	Tags    []sdk.Tag         `json:"tags"`
	CC      []string          `json:"cc"`
	BCC     []string          `json:"bcc"`

	Attachments []struct {
		Filename    string `json:"filename"`
		Content     string `json:"content"`
		ContentType string `json:"content_type"`
		ContentID   string `json:"content_id"`
	} `json:"attachments"`
}

func readEmail(body []byte) email {
	var read email
	if err := json.Unmarshal(body, &read); err != nil {
		panic(err)
	}
	return read
}

func read(request *http.Request, body []byte) channeltest.Sent {
	mail := readEmail(body)
	tags := map[string]string{}
	for _, tag := range mail.Tags {
		tags[tag.Name] = tag.Value
	}
	attempt, _ := strconv.Atoi(tags["attempt"])
	return channeltest.Sent{
		To: strings.Join(mail.To, ","), Body: mail.Text, WorkspaceID: tags["workspace_id"], MessageID: tags["message_id"],
		Attempt: attempt, IdempotencyKey: request.Header.Get("Idempotency-Key"),
		Authorization: request.Header.Get("Authorization"), ReplyTo: mail.ReplyTo, InReplyTo: mail.Headers["In-Reply-To"],
	}
}

func refusal(status int, errorName, message string) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"statusCode": status, "name": errorName, "message": message})
	return channeltest.Reply{Status: status, Body: string(body)}
}

func event(kind string, data map[string]any) channel.Webhook {
	return post(map[string]any{"type": kind, "created_at": "2024-02-22T23:41:12.126Z", "data": data})
}

func testCase() channeltest.Case {
	limited := refusal(429, "rate_limit_exceeded", "Too many requests")
	limited.Header = map[string]string{"Retry-After": "3"}
	restricted := refusal(401, "restricted_api_key", "This API key is restricted to only send emails.")
	return channeltest.Case{
		Provider: resend.New(), Credential: credential, Secret: secret, Message: outbound(),
		Accepted:   channeltest.Reply{Status: http.StatusOK, Body: `{"id":"` + acceptedID + `"}`},
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:        refusal(422, "missing_required_field", "The to field is missing"),
			channel.PermanentConfig:  refusal(403, "validation_error", "The domain is not verified"),
			channel.Auth:             refusal(403, "invalid_api_key", "API key is invalid"),
			channel.AuthScopeLimited: restricted,
			channel.RateLimited:      limited,
			channel.Quota:            refusal(429, "daily_quota_exceeded", "You have reached your daily quota"),
			channel.Retryable:        refusal(409, "concurrent_idempotent_requests", "In progress"),
		},
		RetryAfter: 3 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, "validation_error", text) },
		Read:       read, Sign: sign, Tolerance: 5 * time.Minute,
		Status: func(sent channeltest.Sent, word string) channel.Webhook {
			return event("email."+word, map[string]any{
				"email_id": sent.ID, "message_id": "<" + wireID + ">", "from": from, "to": []string{sent.To},
				"tags": map[string]any{
					"workspace_id": sent.WorkspaceID, "message_id": sent.MessageID, "attempt": strconv.Itoa(sent.Attempt),
				},
				"bounce": map[string]any{"type": "Permanent", "subType": "General", "message": "no such user"},
				"failed": map[string]any{"reason": "reached_daily_quota"},
			})
		},
		Words: map[string]channel.Status{
			"scheduled": channel.Queued, "sent": channel.Sent, "delivery_delayed": channel.Sending,
			"delivered": channel.Delivered, "bounced": channel.Bounced, "complained": channel.Complained,
			"opened": channel.Opened, "clicked": channel.Clicked, "failed": channel.Failed,
		},
		UnknownWord: "teleported",
		Inbound: []channeltest.Inbound{{
			Webhook: event("email.received", map[string]any{
				"email_id": "in-1", "created_at": "2024-02-22T23:41:11.894719+00:00", "from": `"Ana Müller" <Ana@Customer.example>`,
				"to": []string{"Support <support@acme.example>", "list@acme.example"}, "cc": []string{"boss@customer.example"},
				"received_for": []string{"support+c_8f2@acme.example"}, "message_id": "<abc@customer.example>", "subject": "Frage",
				"attachments": []any{map[string]any{"id": "a-1", "filename": "a.png", "content_type": "image/png", "content_id": "img1"}},
			}),
			Want: channel.Inbound{
				Kind: channel.Email, ExternalID: "in-1", From: customer, FromName: "Ana Müller",
				To:      []string{"support+c_8f2@acme.example", "support@acme.example", "list@acme.example"},
				Cc:      []string{"support@acme.example", "list@acme.example", "boss@customer.example"},
				Subject: "Frage", EmailMessageID: "abc@customer.example",
				Media:      []channel.Media{{Filename: "a.png", ContentType: "image/png", ContentID: "img1"}},
				OccurredAt: time.Date(2024, 2, 22, 23, 41, 11, 894719000, time.UTC),
			},
		}},
		Irrelevant: []channel.Webhook{
			event("domain.updated", map[string]any{"id": "d-1", "name": "acme.example"}),
			event("contact.created", map[string]any{"id": "c-1"}),
		},
		Check: channeltest.Check{
			Good: channeltest.Reply{
				Status: http.StatusOK, Body: `{"data":[{"id":"d-1","name":"acme.example","status":"verified"}]}`,
			},
			WrongKey: refusal(403, "invalid_api_key", "API key is invalid"),
			Limited:  &restricted,
		},
	}
}
