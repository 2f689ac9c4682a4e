package meta_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/meta"
)

const (
	account    = "102290129340398"
	phoneID    = "106540352242922"
	acceptedID = "wamid.HBgLMTQwNTU1NTAxMjMVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA"
	secret     = "conformance_only_app_secret"
	token      = "conformance_only_access_token"
	number     = "+14055550199"
	customer   = "+14055550123"
	scoped     = "US.13491208655302741918"
	hookURL    = "https://hooks.example.test/api/webhooks/meta"
)

func credential(base, appSecret string) channel.Credential {
	return channel.Credential{
		"access_token": token, "app_secret": appSecret, "verify_token": appSecret, "business_account_id": account,
		"whatsapp_number": number, "phone_number_id": phoneID, "base_url": base,
	}
}

func outbound() channel.Outbound {
	return channel.Outbound{
		WorkspaceID: "w-1", MessageID: "m-1", ConversationID: "c-1", Kind: channel.WhatsApp, Attempt: 2,
		From: number, To: customer, Body: "Your order has shipped & is on its way: €5",
	}
}

// sign is the vendor's side.
func sign(webhook *channel.Webhook, key string) {
	if webhook.Header == nil {
		webhook.Header = http.Header{}
	}
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write(webhook.Body)
	webhook.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
}

func post(body string) channel.Webhook {
	return channel.Webhook{Method: http.MethodPost, URL: hookURL, Header: http.Header{}, Body: []byte(body)}
}

// hook is a webhook with one value.
func hook(field, rest string) channel.Webhook {
	return post(`{"object":"whatsapp_business_account","entry":[{"id":"` + account + `","changes":[{"field":"` + field + `","value":{
		"messaging_product":"whatsapp","metadata":{"display_phone_number":"14055550199","phone_number_id":"` + phoneID + `"},` + rest + `}}]}]}`)
}

// sentMessage is the body of a send as the vendor reads it.
type sentMessage struct {
	To       string `json:"to"`
	Opaque   string `json:"biz_opaque_callback_data"`
	Type     string `json:"type"`
	Template any    `json:"template"`
	Text     struct {
		Body string `json:"body"`
	} `json:"text"`
	Recipient string            `json:"recipient"`
	Image     map[string]string `json:"image"`
	Document  map[string]string `json:"document"`
	Audio     map[string]string `json:"audio"`
	Context   map[string]string `json:"context"`
}

func read(request *http.Request, body []byte) channeltest.Sent {
	var message sentMessage
	_ = json.Unmarshal(body, &message)
	var receipt channel.Receipt
	channel.ParseCallbackQuery("?"+message.Opaque, &receipt)
	return channeltest.Sent{
		To: message.To, Body: message.Text.Body, WorkspaceID: receipt.WorkspaceID, MessageID: receipt.MessageID,
		Attempt: receipt.Attempt, Authorization: request.Header.Get("Authorization"), StatusURL: message.Opaque,
	}
}

func refusal(status, code int, message string) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"error": map[string]any{
		"message": "(#" + strconv.Itoa(code) + ") Title", "type": "OAuthException", "code": code,
		"error_data": map[string]string{"messaging_product": "whatsapp", "details": message}, "fbtrace_id": "A1",
	}})
	return channeltest.Reply{Status: status, Body: string(body)}
}

// numbers is the answer to both questions of a check.
const numbers = `{"data":[{"id":"` + phoneID + `","display_phone_number":"+1 405-555-0199","verified_name":"Example"}],"paging":{"cursors":{"after":"x"}}}`

func testCase() channeltest.Case {
	limited := refusal(400, 130429, "Message failed to send because there were too many messages")
	limited.Header = map[string]string{"Retry-After": "7"}
	denied := refusal(403, 200, "Permissions error")
	return channeltest.Case{
		Provider: meta.New(), Credential: credential, Secret: secret, Message: outbound(),
		Accepted: channeltest.Reply{
			Status: http.StatusOK,
			Body: `{"messaging_product":"whatsapp","contacts":[{"input":"` + customer + `","wa_id":"14055550123"}],"messages":[{"id":"` +
				acceptedID + `","message_status":"accepted"}]}`,
		},
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:       refusal(400, 131026, "Message undeliverable"),
			channel.PermanentConfig: refusal(403, 131031, "Account locked"),
			channel.Auth:            refusal(401, 190, "Session has expired"),
			channel.RateLimited:     limited,
			channel.Quota:           refusal(400, 131048, "Spam rate limit hit"),
			channel.OptedOut:        refusal(400, 131050, "User has stopped marketing messages"),
			channel.WindowClosed:    refusal(400, 131047, "More than 24 hours have passed"),
			channel.Retryable:       refusal(500, 131016, "Service overloaded"),
		},
		RetryAfter: 7 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, 100, text) },
		Read:       read, Sign: sign,
		Status: func(sent channeltest.Sent, word string) channel.Webhook {
			return hook("messages", `"contacts":[{"wa_id":"14055550123"}],"statuses":[{"id":"`+sent.ID+`","status":"`+word+
				`","timestamp":"1773786600","recipient_id":"14055550123","biz_opaque_callback_data":"`+sent.StatusURL+
				`","errors":[{"code":131026,"title":"Message undeliverable"}]}]`)
		},
		Words: map[string]channel.Status{
			"sent": channel.Sent, "delivered": channel.Delivered, "read": channel.Read, "played": channel.Read, "failed": channel.Failed,
		},
		UnknownWord: "teleported",
		Inbound:     inbounds(),
		Irrelevant:  irrelevant(),
		Unsettled:   true,
		Check: channeltest.Check{
			Good:     channeltest.Reply{Status: http.StatusOK, Body: numbers},
			WrongKey: refusal(401, 190, "Session has expired"),
			Limited:  &denied,
		},
	}
}

func irrelevant() []channel.Webhook {
	return []channel.Webhook{
		hook("messages", `"errors":[{"code":1}]`),
		hook("message_template_status_update", `"event":"APPROVED","message_template_id":1`),
		post(`{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},"message":{"mid":"m","text":"hi"}}]}]}`),
		post(`[{"object":"instagram","entry":[{"id":"1","messaging":[]}]}]`),
		post(`{"object":"something_new"}`),
	}
}

// wrote is a webhook with one message and what must be read out of it.
func wrote(want channel.Inbound, contact, rest string) channeltest.Inbound {
	message := `{"from":"14055550123","id":"wamid.in","timestamp":"1773786600",` + rest + `}`
	if strings.Contains(contact, "user_id") {
		message = `{"from_user_id":"` + scoped + `","id":"wamid.in","timestamp":"1773786600",` + rest + `}`
	}
	want.Kind, want.ExternalID, want.Account, want.FromName = channel.WhatsApp, "wamid.in", account, "Ana"
	want.OccurredAt = time.Date(2026, 3, 17, 22, 30, 0, 0, time.UTC)
	want.To = []string{number}
	if want.From == "" {
		want.From = customer
	}
	return channeltest.Inbound{
		Webhook: hook("messages", `"contacts":[{"profile":{"name":"Ana"},`+contact+`}],"messages":[`+message+`]`), Want: want,
	}
}

func inbounds() []channeltest.Inbound {
	const known = `"wa_id":"14055550123"`
	media := func(id, contentType, filename string) []channel.Media {
		return []channel.Media{{URL: "https://graph.facebook.com/" + id, ContentType: contentType, Filename: filename}}
	}
	return []channeltest.Inbound{
		wrote(channel.Inbound{Body: "Grüße 👋"}, known, `"type":"text","text":{"body":"Gr\u00fc\u00dfe \ud83d\udc4b"}`),
		wrote(channel.Inbound{Body: "yes", ReplyToExternalID: "wamid.q"}, known,
			`"context":{"from":"14055550199","id":"wamid.q"},"type":"text","text":{"body":"yes"}`),
		wrote(channel.Inbound{Body: "Look", Media: media("2754859441498128", "image/jpeg", "")}, known,
			`"type":"image","image":{"caption":"Look","mime_type":"image/jpeg","sha256":"x","id":"2754859441498128"}`),
		wrote(channel.Inbound{Media: media("9", "application/pdf", "bill.pdf")}, known,
			`"type":"document","document":{"mime_type":"application/pdf","filename":"bill.pdf","id":"9"}`),
		wrote(channel.Inbound{Media: media("8", "audio/ogg; codecs=opus", "")}, known,
			`"type":"audio","audio":{"mime_type":"audio/ogg; codecs=opus","id":8,"voice":true}`),
		wrote(channel.Inbound{Body: "👍", ReplyToExternalID: "wamid.r"}, known,
			`"type":"reaction","reaction":{"message_id":"wamid.r","emoji":"👍"}`),
		wrote(channel.Inbound{Body: "No"}, known, `"type":"button","button":{"text":"No","payload":"no-payload"}`),
		wrote(channel.Inbound{Body: "Tuesday"}, known,
			`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"2","title":"Tuesday","description":"at nine"}}`),
		wrote(channel.Inbound{Body: "Location: Office, 52.52,13.4"}, known,
			`"type":"location","location":{"latitude":52.52,"longitude":13.4,"name":"Office"}`),
		wrote(channel.Inbound{Body: "Contact: Bo Example, +1 405 555 0188"}, known,
			`"type":"contacts","contacts":[{"name":{"formatted_name":"Bo Example"},"phones":[{"phone":"+1 405 555 0188"}]}]`),
		wrote(channel.Inbound{Body: `A message of the type "hologram", which cannot be shown here.`}, known, `"type":"hologram","hologram":{"x":1}`),
		wrote(channel.Inbound{From: scoped, Body: "by name"}, `"user_id":"`+scoped+`"`, `"type":"text","text":{"body":"by name"}`),
		wrote(channel.Inbound{From: scoped, Aliases: []string{customer}, Body: "both"}, known+`,"user_id":"`+scoped+`"`,
			`"type":"text","text":{"body":"both"}`),
	}
}
