package signalwire_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/signalwire"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
)

const (
	project    = "b3877c40-da60-4998-90ad-b792e98472af"
	acceptedID = "0a059168-ead0-41af-9d1f-343dae832527"
	secret     = "PSK_conformance_only"
	token      = "PT_conformance_only"
	number     = "+15559876543"
	customer   = "+15551234567"
	statusURL  = "https://hooks.example.test/api/webhooks/signalwire?attempt=2&messageId=m-1&workspaceId=w-1"
)

func credential(base, signingKey string) channel.Credential {
	return channel.Credential{
		"project_id": project, "token": token, "signing_key": signingKey, "space_url": base, "phone_number": number,
	}
}

func outbound() channel.Outbound {
	return channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.SMS, Attempt: 2,
		From: number, To: customer, Body: "Your order has shipped & is on its way: €5", StatusURL: statusURL,
	}
}

func form(pairs ...string) []byte { return telephonytest.Form(pairs...) }

func sum(key string, parts ...string) []byte {
	mac := hmac.New(sha1.New, []byte(key))
	for _, part := range parts {
		_, _ = mac.Write([]byte(part))
	}
	return mac.Sum(nil)
}

// sign is the vendor's side, written for tests from url.ParseQuery.
func sign(webhook *channel.Webhook, key string) {
	if webhook.Header == nil {
		webhook.Header = http.Header{}
	}
	if strings.HasPrefix(string(webhook.Body), "{") {
		webhook.Header.Set("X-SignalWire-Signature", hex.EncodeToString(sum(key, webhook.URL, string(webhook.Body))))
		return
	}
	values, err := url.ParseQuery(string(webhook.Body))
	if err != nil {
		panic(err)
	}
	parts := []string{webhook.URL}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			parts = append(parts, name+value)
		}
	}
	webhook.Header.Set("X-SignalWire-Signature", base64.StdEncoding.EncodeToString(sum(key, parts...)))
}

func post(at string, body []byte) channel.Webhook { return telephonytest.Post(at, body) }

func read(request *http.Request, body []byte) channeltest.Sent {
	values, _ := url.ParseQuery(string(body))
	receipt := channel.Receipt{}
	channel.ParseCallbackQuery(values.Get("StatusCallback"), &receipt)
	return channeltest.Sent{
		To: values.Get("To"), Body: values.Get("Body"), StatusURL: values.Get("StatusCallback"),
		WorkspaceID: receipt.WorkspaceID, MessageID: receipt.MessageID, Attempt: receipt.Attempt,
		Authorization: request.Header.Get("Authorization"),
	}
}

func entry(id, body string, created time.Time) map[string]any {
	return map[string]any{
		"sid": id, "body": body, "from": number, "to": customer, "direction": "outbound-api", "status": "delivered",
		"date_created": created.Format(time.RFC1123Z), "num_segments": 1, "num_media": 0, "price": 0.005, "error_code": nil,
	}
}

func list(entries ...map[string]any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"messages": entries, "next_page_uri": nil})
	return channeltest.Reply{Status: http.StatusOK, Body: string(body)}
}

func refusal(status int, code, message string) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"code": json.RawMessage(code), "message": message, "status": status})
	return channeltest.Reply{Status: status, Body: string(body)}
}

func testCase() channeltest.Case {
	limited := refusal(429, "20429", "Too many requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	return channeltest.Case{
		Provider: signalwire.New(), Credential: credential, Secret: secret, Message: outbound(),
		Accepted: channeltest.Reply{
			Status: http.StatusCreated,
			Body:   `{"sid":"` + acceptedID + `","status":"queued","num_segments":1,"num_media":0,"price":null,"error_code":null}`,
		},
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:       refusal(400, "21211", "To is not a valid phone number"),
			channel.PermanentConfig: refusal(400, "21606", "The From number is not yours"),
			channel.Auth:            {Status: 401, Body: `{"error":"Unauthorized"}`},
			channel.RateLimited:     limited,
			channel.Quota:           refusal(422, "30027", "Daily limit of the campaign reached"),
			channel.OptedOut:        refusal(422, "21610", "The recipient has opted out"),
		},
		RetryAfter: 7 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, "21602", text) },
		Read:       read, Sign: sign, SignsURL: true,
		Status: func(sent channeltest.Sent, word string) channel.Webhook {
			return post(sent.StatusURL, form("MessageStatus", word, "MessageSid", sent.ID, "AccountSid", project,
				"From", number, "To", sent.To, "Body", sent.Body, "ErrorCode", "30003"))
		},
		Words: map[string]channel.Status{
			"queued": channel.Queued, "sending": channel.Sending, "sent": channel.Sent, "delivered": channel.Delivered,
			"undelivered": channel.Undelivered, "failed": channel.Failed, "read": channel.Read, "initiated": channel.Sending,
		},
		UnknownWord: "teleported",
		Inbound:     inbounds(),
		Irrelevant: []channel.Webhook{
			post(hookURL, form("ConferenceSid", "c-1", "StatusCallbackEvent", "conference-start")),
			post(hookURL, []byte(`{"call":{"call_id":"c-1","type":"phone"},"vars":{}}`)),
			post(hookURL, []byte(`{"event":"call.state","params":{"call_id":"c-1"}}`)),
			post(hookURL, form("MessageSid", "m-2", "SmsStatus", "receiving", "From", customer, "To", number)),
		},
		Calls: callCase(),
		Find: &channeltest.Find{
			Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
				return list(entry("other", "Another text", created), entry(externalID, message.Body, created))
			},
			Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
				inbound := entry("in", message.Body, created)
				inbound["direction"] = "inbound"
				theirs := entry("theirs", message.Body, created)
				theirs["status_callback"] = strings.ReplaceAll(statusURL, "m-1", "m-9")
				return list(entry("other", "Another text", created), inbound, theirs)
			},
		},
		Check: channeltest.Check{
			Good: channeltest.Reply{
				Status: http.StatusOK,
				Body:   `{"incoming_phone_numbers":[{"phone_number":"` + number + `","capabilities":{"sms":true,"voice":true}}]}`,
			},
			WrongKey: refusal(401, "20003", "Authentication failed"),
		},
	}
}

const hookURL = "https://hooks.example.test/api/webhooks/signalwire"

func inbounds() []channeltest.Inbound {
	return []channeltest.Inbound{
		{
			Webhook: post(hookURL, form("MessageSid", "in-1", "AccountSid", project, "From", customer, "To", number,
				"Body", "Grüße 👋 & danke", "NumMedia", "2",
				"MediaUrl0", "https://files.example.test/a.jpg", "MediaContentType0", "image/jpeg",
				"MediaUrl1", "https://files.example.test/b.pdf", "MediaContentType1", "application/pdf")),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "in-1", Account: project, From: customer, To: []string{number},
				Body: "Grüße 👋 & danke",
				Media: []channel.Media{
					{URL: "https://files.example.test/a.jpg", ContentType: "image/jpeg"},
					{URL: "https://files.example.test/b.pdf", ContentType: "application/pdf"},
				},
			},
		},
		{
			Webhook: post(hookURL, form("SmsSid", "in-2", "SmsStatus", "received", "From", "32665", "To", number, "Body", "Code 1")),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "in-2", From: "32665", To: []string{number}, Body: "Code 1",
			},
		},
		{
			Webhook: channel.Webhook{
				Method: http.MethodGet, Header: http.Header{},
				URL: hookURL + "?" + string(form("MessageSid", "in-3", "From", customer, "To", number, "Body", "by GET")),
			},
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "in-3", From: customer, To: []string{number}, Body: "by GET",
			},
		},
		{
			Webhook: post(hookURL, []byte(`{"id":"in-4","project_id":"`+project+`","status":"received","from":"`+customer+
				`","to":"`+number+`","body":"REST","timestamp":"2026-03-17T22:26:57Z"}`)),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "in-4", Account: project, From: customer, To: []string{number}, Body: "REST",
				OccurredAt: time.Date(2026, 3, 17, 22, 26, 57, 0, time.UTC),
			},
		},
	}
}
