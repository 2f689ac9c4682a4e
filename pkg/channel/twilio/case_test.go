package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony/telephonytest"
	"github.com/galaxyco-ai/conversations/pkg/channel/twilio"
)

const (
	account    = "AC00000000000000000000000000000001"
	acceptedID = "SM11111111111111111111111111111111"
	secret     = "conformance_only_auth_token"
	number     = "+14055550199"
	customer   = "+14055550123"
	hookURL    = "https://hooks.example.test/api/webhooks/twilio"
	statusURL  = hookURL + "?attempt=2&messageId=m-1&workspaceId=w-1"
)

func credential(base, token string) channel.Credential {
	return channel.Credential{"account_sid": account, "auth_token": token, "phone_number": number, "base_url": base}
}

func outbound() channel.Outbound {
	return channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.SMS, Attempt: 2,
		From: number, To: customer, Body: "Your order has shipped & is on its way: €5", StatusURL: statusURL,
	}
}

func form(pairs ...string) []byte { return telephonytest.Form(pairs...) }

func sum(key, text string) string {
	mac := hmac.New(sha1.New, []byte(key))
	_, _ = mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// sign is the vendor's side, written for tests from url.ParseQuery.
func sign(webhook *channel.Webhook, key string) {
	if webhook.Header == nil {
		webhook.Header = http.Header{}
	}
	values, err := url.ParseQuery(string(webhook.Body))
	if err != nil {
		panic(err)
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(values[name]))) {
			text.WriteString(name + value)
		}
	}
	webhook.Header.Set("X-Twilio-Signature", sum(key, webhook.URL+text.String()))
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
		"date_created": created.UTC().Format(time.RFC1123Z), "date_sent": nil, "num_segments": "1", "num_media": "0",
		"price": nil, "error_code": nil,
	}
}

func list(entries ...map[string]any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"messages": entries, "next_page_uri": nil})
	return channeltest.Reply{Status: http.StatusOK, Body: string(body)}
}

func refusal(status int, code, message string) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{
		"code": json.RawMessage(code), "message": message, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + code,
	})
	return channeltest.Reply{Status: status, Body: string(body)}
}

// owned is the answer to both questions of a check.
const owned = `{"sid":"` + account + `","status":"active",
	"incoming_phone_numbers":[{"phone_number":"` + number + `","capabilities":{"sms":true,"mms":true,"voice":true}}]}`

func testCase() channeltest.Case {
	limited := refusal(429, "20429", "Too Many Requests")
	limited.Header = map[string]string{"Retry-After": "7"}
	return channeltest.Case{
		Provider: twilio.New(), Credential: credential, Secret: secret, Message: outbound(),
		Accepted: channeltest.Reply{
			Status: http.StatusCreated,
			Body:   `{"sid":"` + acceptedID + `","status":"queued","num_segments":"2","num_media":"0","price":null,"error_code":null}`,
		},
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:        refusal(400, "21211", "Invalid 'To' Phone Number"),
			channel.PermanentConfig:  refusal(400, "21606", "The From phone number is not yours"),
			channel.Auth:             refusal(401, "20003", "Authenticate"),
			channel.AuthScopeLimited: refusal(403, "70051", "Authorization Failed"),
			channel.RateLimited:      limited,
			channel.Quota:            refusal(400, "30023", "Daily cap reached"),
			channel.OptedOut:         refusal(400, "21610", "Attempt to send to unsubscribed recipient"),
			channel.WindowClosed:     refusal(400, "63016", "Outside the allowed window"),
		},
		RetryAfter: 7 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, "21602", text) },
		Read:       read, Sign: sign, SignsURL: true,
		Status: func(sent channeltest.Sent, word string) channel.Webhook {
			return post(sent.StatusURL, form("SmsSid", sent.ID, "SmsStatus", word, "MessageStatus", word, "To", sent.To,
				"MessageSid", sent.ID, "AccountSid", account, "From", number, "ApiVersion", "2010-04-01", "ErrorCode", "30003"))
		},
		Words: map[string]channel.Status{
			"accepted": channel.Queued, "scheduled": channel.Queued, "queued": channel.Queued, "sending": channel.Sending,
			"sent": channel.Sent, "delivered": channel.Delivered, "partially_delivered": channel.Delivered, "read": channel.Read,
			"undelivered": channel.Undelivered, "failed": channel.Failed, "canceled": channel.Failed,
		},
		UnknownWord: "teleported",
		Inbound:     inbounds(),
		Irrelevant:  irrelevant(),
		Calls:       callCase(),
		Find: &channeltest.Find{
			Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
				return list(entry("other", "Another text", created), entry(externalID, message.Body, created))
			},
			Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
				inbound := entry("in", message.Body, created)
				inbound["direction"] = "inbound"
				elsewhere := entry("elsewhere", message.Body, created)
				elsewhere["to"] = "+14055550124"
				return list(entry("other", "Another text", created), inbound, elsewhere)
			},
		},
		Check: channeltest.Check{
			Good:     channeltest.Reply{Status: http.StatusOK, Body: owned},
			WrongKey: refusal(401, "20003", "Authenticate"),
		},
	}
}

func inbounds() []channeltest.Inbound {
	return []channeltest.Inbound{
		{
			Webhook: post(hookURL, form("MessageSid", "MM1", "SmsSid", "MM1", "SmsMessageSid", "MM1", "AccountSid", account,
				"SmsStatus", "received", "From", customer, "To", number, "Body", " Grüße 👋 & danke\n", "NumMedia", "2",
				"MediaUrl0", "https://files.example.test/a", "MediaContentType0", "image/jpeg",
				"MediaUrl1", "https://files.example.test/b", "MediaContentType1", "application/pdf")),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "MM1", Account: account, From: customer, To: []string{number},
				Body: " Grüße 👋 & danke\n",
				Media: []channel.Media{
					{URL: "https://files.example.test/a", ContentType: "image/jpeg"},
					{URL: "https://files.example.test/b", ContentType: "application/pdf"},
				},
			},
		},
		{
			Webhook: post(hookURL, form("SmsSid", "SM2", "From", "32665", "To", number, "Body", "Code 1")),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "SM2", From: "32665", To: []string{number}, Body: "Code 1",
			},
		},
		{
			Webhook: post(hookURL, form("MessageSid", "SM6", "From", customer, "To", number, "Body", "Stop", "OptOutType", "STOP")),
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "SM6", From: customer, To: []string{number}, Body: "Stop", OptOut: "STOP",
			},
		},
		{
			Webhook: channel.Webhook{
				Method: http.MethodGet, Header: http.Header{},
				URL: hookURL + "?" + string(form("MessageSid", "SM3", "From", customer, "To", number, "Body", "it's by GET")),
			},
			Want: channel.Inbound{
				Kind: channel.SMS, ExternalID: "SM3", From: customer, To: []string{number}, Body: "it's by GET",
			},
		},
	}
}

func irrelevant() []channel.Webhook {
	return []channel.Webhook{
		post(hookURL, form("ConferenceSid", "CF1", "AccountSid", account, "StatusCallbackEvent", "conference-start")),
		post(hookURL, form("MessageSid", "MM4", "SmsStatus", "receiving", "From", customer, "To", number)),
	}
}
