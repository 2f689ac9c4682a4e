package sendgrid_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/sendgrid"
)

const (
	apiKey     = "SG.conformance.only"
	acceptedID = "14c5d75ce93.dfd.64b469"
	from       = "hello@acme.example"
	customer   = "ana@customer.example"
	hookURL    = "https://hooks.example.test/api/webhooks/sendgrid"
	wireID     = acceptedID + "@ismtpd-555"

	headerSignature = "X-Twilio-Email-Event-Webhook-Signature"
	headerTimestamp = "X-Twilio-Email-Event-Webhook-Timestamp"
)

// keyOf is a pair of keys that is the same for the same name.
func keyOf(name string) (*ecdsa.PrivateKey, string) {
	seed := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	return key, base64.StdEncoding.EncodeToString(der)
}

func publicKey(name string) string {
	_, public := keyOf(name)
	return public
}

func credential(base, public string) channel.Credential {
	return channel.Credential{
		"api_key": apiKey, "webhook_public_key": public, "parse_public_key": public,
		"from_email": "Acme Support <" + from + ">", "base_url": base,
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

// sign signs as the owner of the public key; a key that is none of ours is another's.
func sign(webhook *channel.Webhook, public string) {
	name := "suite"
	if public != publicKey(name) {
		name = "another"
	}
	signAs(webhook, name)
}

func signAs(webhook *channel.Webhook, name string) {
	if webhook.Header == nil {
		webhook.Header = http.Header{}
	}
	key, _ := keyOf(name)
	stamp := strconv.FormatInt(webhook.ReceivedAt.Unix(), 10)
	sum := sha256.Sum256(append([]byte(stamp), webhook.Body...))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	webhook.Header.Set(headerTimestamp, stamp)
	webhook.Header.Set(headerSignature, base64.StdEncoding.EncodeToString(signature))
}

func post(contentType string, body []byte) channel.Webhook {
	return channel.Webhook{
		Method: http.MethodPost, URL: hookURL, Header: http.Header{"Content-Type": {contentType}}, Body: body,
	}
}

func events(list ...map[string]any) channel.Webhook {
	body, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return post("application/json", body)
}

// form is an Inbound Parse post; a field is a name and its content.
func form(fields ...[2]string) channel.Webhook {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	_ = writer.SetBoundary("xYzZY")
	for _, field := range fields {
		_ = writer.WriteField(field[0], field[1])
	}
	_ = writer.Close()
	return post(writer.FormDataContentType(), body.Bytes())
}

// email is a request to send as it is on the wire.
type email struct {
	From             address            `json:"from"`
	ReplyTo          address            `json:"reply_to"`
	Subject          string             `json:"subject"`
	Headers          map[string]string  `json:"headers"`
	Personalizations []personalizations `json:"personalizations"`
	Content          []content          `json:"content"`
	Attachments      []struct {
		Content     string `json:"content"`
		Type        string `json:"type"`
		Filename    string `json:"filename"`
		Disposition string `json:"disposition"`
		ContentID   string `json:"content_id"`
	} `json:"attachments"`
}

type address struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

type personalizations struct {
	To         []address         `json:"to"`
	Cc         []address         `json:"cc"`
	Bcc        []address         `json:"bcc"`
	CustomArgs map[string]string `json:"custom_args"`
}

type content struct {
	Type  string `json:"type"`
	Value string `json:"value"`
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
	to := mail.Personalizations[0]
	attempt, _ := strconv.Atoi(to.CustomArgs["message_attempt"])
	return channeltest.Sent{
		To: to.To[0].Email, Body: mail.Content[0].Value, Attempt: attempt,
		WorkspaceID: to.CustomArgs["workspace_id"], MessageID: to.CustomArgs["message_id"],
		Authorization: request.Header.Get("Authorization"), ReplyTo: mail.ReplyTo.Email,
		InReplyTo: mail.Headers["In-Reply-To"],
	}
}

func refusal(status int, message string, field any) channeltest.Reply {
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "field": field, "help": nil}}})
	return channeltest.Reply{Status: status, Body: string(body)}
}

func status(sent channeltest.Sent, word string) channel.Webhook {
	event := map[string]any{
		"email": sent.To, "timestamp": 1513299569, "smtp-id": "<" + wireID + ">", "event": word,
		"sg_message_id": sent.ID + ".filter0001.16648.5515E0B88.0", "sg_event_id": "event-" + word,
		"workspace_id": sent.WorkspaceID, "message_id": sent.MessageID, "message_attempt": strconv.Itoa(sent.Attempt),
	}
	switch word {
	case "bounce":
		event["type"], event["status"], event["reason"] = "bounce", "5.0.0", "500 unknown recipient"
	case "dropped":
		event["reason"] = "Bounced Address"
	case "deferred":
		event["attempt"] = "5" // the provider's own count
	}
	return events(event)
}

func testCase() channeltest.Case {
	limited := refusal(429, "too many requests", nil)
	limited.Header = map[string]string{"Date": "Tue, 17 Mar 2026 22:30:00 GMT", "X-RateLimit-Reset": "1773786603"}
	return channeltest.Case{
		Provider: sendgrid.New(), Credential: credential, Secret: publicKey("suite"), Message: outbound(),
		Accepted: channeltest.Reply{
			Status: http.StatusAccepted, Header: map[string]string{"X-Message-Id": acceptedID},
		},
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:       refusal(400, "Does not contain a valid address.", "personalizations.0.to.0.email"),
			channel.PermanentConfig: refusal(403, "The from address does not match a verified Sender Identity.", "from"),
			channel.Auth:            refusal(401, "The provided authorization grant is invalid, expired, or revoked", nil),
			channel.RateLimited:     limited,
			channel.UnknownOutcome:  refusal(500, "internal server error", nil),
		},
		RetryAfter: 3 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, text, nil) },
		Read:       read, Sign: sign, Status: status,
		Words: map[string]channel.Status{
			"processed": channel.Sent, "deferred": channel.Sending, "delivered": channel.Delivered,
			"bounce": channel.Bounced, "dropped": channel.Failed, "open": channel.Opened, "click": channel.Clicked,
			"spamreport": channel.Complained,
		},
		UnknownWord: "teleported",
		Inbound:     []channeltest.Inbound{parsedForm(), rawForm()},
		Irrelevant: []channel.Webhook{
			events(map[string]any{"event": "account_status_change", "type": "compliance_suspend"}),
		},
		Unsettled: true,
		Check: channeltest.Check{
			Good: channeltest.Reply{Status: http.StatusOK, Body: `{"scopes":["mail.send","sender_verification_eligible"],` +
				`"results":[{"from_email":"Hello@acme.example","verified":true}]}`},
			WrongKey: refusal(401, "authorization required", nil),
			Limited:  &channeltest.Reply{Status: http.StatusOK, Body: `{"scopes":["stats.read"]}`},
		},
	}
}

const block = "Received: from mail.customer.example\n\tby mx.sendgrid.net\nFrom: ignored@customer.example\n" +
	"Date: Wed, 27 Jul 2016 14:53:05 -0600\nMessage-ID: <new@customer.example>\n" +
	"In-Reply-To: <" + wireID + ">\nReferences: <root@acme.example>\r\n <" + wireID + ">\n" +
	"\t<last@acme.example>\nSubject: Frage\n"

func parsedForm() channeltest.Inbound {
	return channeltest.Inbound{
		Webhook: form(
			[2]string{"headers", block}, [2]string{"from", `"Ana Müller" <Ana@Customer.example>`},
			[2]string{"to", "Somebody <elsewhere@acme.example>, ana@customer.example"},
			[2]string{"cc", `"Boss, The" <Boss@customer.example>, list@acme.example`}, [2]string{"subject", "Frage"},
			[2]string{"text", "Gr\xfc\xdfe"}, [2]string{"html", "<p>Grüße</p>"},
			[2]string{"envelope", `{"to":["Support+c_8f2@acme.example","list@acme.example"],"from":"bounces@customer.example"}`},
			[2]string{"charsets", `{"text":"iso-8859-1","html":"UTF-8","from":"UTF-8"}`},
		),
		Want: channel.Inbound{
			Kind: channel.Email, ExternalID: "d060ca8beb1e5b244f1bf9177eebf27294d7f0e06645e3f4b0001c7bba02d421", From: customer, FromName: "Ana Müller",
			To:      []string{"support+c_8f2@acme.example", "list@acme.example"},
			Subject: "Frage", Body: "Grüße", HTML: "<p>Grüße</p>", EmailMessageID: "new@customer.example",
			InReplyTo: wireID, References: []string{"root@acme.example", wireID, "last@acme.example"},
			Cc: []string{"elsewhere@acme.example", "boss@customer.example"},
		},
	}
}

func rawForm() channeltest.Inbound {
	lines := []string{
		"From: =?iso-8859-1?Q?Ana_M=FCller?= <ana@customer.example>", "To: elsewhere@acme.example",
		"Subject: =?UTF-8?B?RnJhZ2Ugw7xiZXI=?=", "Message-ID:", " <raw@customer.example>", "MIME-Version: 1.0",
		"Auto-Submitted: auto-replied",
		`Content-Type: multipart/mixed; boundary="outer"`, "",
		"--outer", `Content-Type: multipart/alternative; boundary="inner"`, "",
		"--inner", "Content-Type: text/plain; charset=windows-1252", "Content-Transfer-Encoding: quoted-printable", "",
		"Preis: 5 =80", "--inner", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64", "",
		"PHA+UHJlaXM8L3A+", "--inner--", "",
		"--outer", `Content-Type: image/png; name="a.png"`, "Content-ID: <img1>", "Content-Disposition: attachment",
		"Content-Transfer-Encoding: base64", "", "aGVsbG8=", "--outer--", "",
	}
	return channeltest.Inbound{
		Webhook: form(
			[2]string{"email", strings.Join(lines, "\r\n")},
			[2]string{"envelope", `{"to":["support@acme.example"],"from":"bounces@customer.example"}`},
		),
		Want: channel.Inbound{
			Kind: channel.Email, ExternalID: "266358429bc3f34abaf1ab72dab59778ac4eb35cb8381e9d69cbaf3d1eae3cb4", From: customer, FromName: "Ana Müller",
			To: []string{"support@acme.example"}, Subject: "Frage über", Body: "Preis: 5 €", HTML: "<p>Preis</p>",
			EmailMessageID: "raw@customer.example", Cc: []string{"elsewhere@acme.example"}, Automatic: true,
			Media: []channel.Media{{Filename: "a.png", ContentType: "image/png", ContentID: "img1", Content: []byte("hello")}},
		},
	}
}
