package postmark_test

import (
	"encoding/json"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/postmark"
)

const (
	token      = "c0f3a7b2-token-of-the-suite"
	secret     = "hook:a password of the suite"
	acceptedID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"
	from       = "hello@acme.example"
	customer   = "ana@customer.example"
	hookURL    = "https://hooks.example.test/api/webhooks/postmark"
)

func credential(base, userPassword string) channel.Credential {
	user, password, _ := strings.Cut(userPassword, ":")
	return channel.Credential{
		"server_token": token, "webhook_user": user, "webhook_password": password,
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

func sign(webhook *channel.Webhook, userPassword string) {
	request := http.Request{Header: webhook.Header}
	if request.Header == nil {
		request.Header = http.Header{}
	}
	user, password, _ := strings.Cut(userPassword, ":")
	request.SetBasicAuth(user, password)
	webhook.Header = request.Header
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
	From, To, Subject, TextBody, ReplyTo, MessageStream string
	HTMLBody                                            string `json:"HtmlBody"`
	Headers                                             []struct{ Name, Value string }
	Metadata                                            map[string]string
	Cc, Bcc                                             string
	Attachments                                         []struct{ Name, Content, ContentType, ContentID string }
}

func (e email) header(name string) string {
	for _, header := range e.Headers {
		if header.Name == name {
			return header.Value
		}
	}
	return ""
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
	attempt, _ := strconv.Atoi(mail.Metadata["attempt"])
	return channeltest.Sent{
		To: mail.To, Body: mail.TextBody, WorkspaceID: mail.Metadata["workspace_id"],
		MessageID: mail.Metadata["message_id"], Attempt: attempt,
		Authorization: request.Header.Get("X-Postmark-Server-Token"),
		ReplyTo:       mail.ReplyTo, InReplyTo: mail.header("In-Reply-To"),
	}
}

func reply(status int, body map[string]any) channeltest.Reply {
	written, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return channeltest.Reply{Status: status, Body: string(written)}
}

func refusal(status, code int, message string) channeltest.Reply {
	return reply(status, map[string]any{"ErrorCode": code, "Message": message})
}

// ids are the metadata of a message as they come back.
func ids(sent channeltest.Sent) map[string]string {
	return map[string]string{
		"workspace_id": sent.WorkspaceID, "message_id": sent.MessageID, "attempt": strconv.Itoa(sent.Attempt),
	}
}

// status is the webhook of a record, or of a type of bounce behind a slash.
func status(sent channeltest.Sent, word string) channel.Webhook {
	record, bounce, _ := strings.Cut(word, "/")
	event := map[string]any{
		"RecordType": record, "MessageID": sent.ID, "ServerID": 23, "MessageStream": "outbound", "Metadata": ids(sent),
	}
	at := map[string]string{"Delivery": "DeliveredAt", "Open": "ReceivedAt", "Click": "ReceivedAt"}[record]
	if at == "" {
		event["ID"], event["Type"], event["Email"], event["From"] = crc32.ChecksumIEEE([]byte(word)), bounce, sent.To, from
		event["Details"], at = "smtp;550 no such user", "BouncedAt"
	} else {
		event["Recipient"] = sent.To
	}
	event[at] = "2026-03-17T22:29:54.9070259Z"
	return post(event)
}

func known(message channel.Outbound, id string, created time.Time) map[string]any {
	return map[string]any{
		"MessageID": id, "Status": "Sent", "ReceivedAt": created.Format(time.RFC3339Nano), "MessageStream": "outbound",
		"Metadata": ids(channeltest.Sent{WorkspaceID: message.WorkspaceID, MessageID: message.MessageID, Attempt: message.Attempt}),
	}
}

func list(messages ...map[string]any) channeltest.Reply {
	return reply(http.StatusOK, map[string]any{"TotalCount": len(messages), "Messages": append([]map[string]any{}, messages...)})
}

func testCase() channeltest.Case {
	limited := refusal(429, 429, "Rate limit exceeded")
	limited.Header = map[string]string{"Retry-After": "3"}
	return channeltest.Case{
		Provider: postmark.New(), Credential: credential, Secret: secret, Message: outbound(),
		Accepted: reply(http.StatusOK, map[string]any{
			"To": customer, "SubmittedAt": "2026-03-17T22:29:54.9070259Z", "MessageID": acceptedID, "ErrorCode": 0, "Message": "OK",
		}),
		AcceptedID: acceptedID,
		Refusals: map[channel.Class]channeltest.Reply{
			channel.Permanent:       refusal(422, 300, "Invalid 'To' address"),
			channel.PermanentConfig: refusal(422, 400, "The 'From' address you supplied is not a Sender Signature"),
			channel.Auth:            refusal(401, 10, "Bad or missing Server API token"),
			channel.Suppressed:      refusal(422, 406, "You tried to send to a recipient that has been marked as inactive."),
			channel.RateLimited:     limited,
			channel.Retryable:       refusal(503, 100, "Maintenance"),
		},
		RetryAfter: 3 * time.Second,
		Refusal:    func(text string) channeltest.Reply { return refusal(400, 300, text) },
		Read:       read, Sign: sign, SharedPassword: true, Status: status,
		Words: map[string]channel.Status{
			"Delivery": channel.Delivered, "Open": channel.Opened, "Click": channel.Clicked,
			"SpamComplaint": channel.Complained, "Bounce/HardBounce": channel.Bounced, "Bounce/SoftBounce": channel.Bounced,
			"Bounce/BadEmailAddress": channel.Bounced, "Bounce/SpamNotification": channel.Bounced,
			"Bounce/Blocked": channel.Bounced, "Bounce/DMARCPolicy": channel.Bounced,
			"Bounce/ManuallyDeactivated": channel.Bounced,
			"Bounce/Transient":           channel.Sending, "Bounce/DnsError": channel.Sending,
		},
		UnknownWord: "Teleported",
		Inbound:     []channeltest.Inbound{inbound()},
		Find: &channeltest.Find{
			Known: func(message channel.Outbound, externalID string, created time.Time) channeltest.Reply {
				earlier := message
				earlier.Attempt--
				return list(known(earlier, "earlier", created), known(message, externalID, created))
			},
			Others: func(message channel.Outbound, created time.Time) channeltest.Reply {
				attempt, workspace, other := message, message, message
				attempt.Attempt++
				workspace.WorkspaceID, other.MessageID = "w-2", "m-2"
				return list(known(attempt, "a", created), known(workspace, "b", created), known(other, "c", created))
			},
		},
		Check: channeltest.Check{
			Good: reply(http.StatusOK, map[string]any{
				"ID": 23, "Name": "Production", "DeliveryType": "Live", "InboundHookUrl": hookURL,
			}),
			WrongKey: refusal(401, 10, "Bad or missing Server API token"),
		},
	}
}

func inbound() channeltest.Inbound {
	return channeltest.Inbound{
		Webhook: post(map[string]any{
			"From": "Ana@Customer.example", "FromName": "Ana Müller", "MessageStream": "inbound",
			"FromFull": map[string]any{"Email": "Ana@Customer.example", "Name": "Ana Müller", "MailboxHash": ""},
			"ToFull":   []any{map[string]any{"Email": "support@acme.example", "Name": "Support"}},
			"CcFull": []any{
				map[string]any{"Email": "Boss@customer.example"}, map[string]any{"Email": "ana@customer.example"},
			},
			"OriginalRecipient": "Support+c_8f2@acme.example", "MailboxHash": "c_8f2",
			"Subject": "Frage", "MessageID": "in-1", "Date": "Tue, 17 Mar 2026 23:29:01 +0100",
			"TextBody": "Ja.\n\nOn Tuesday you wrote:\n> Or?", "HtmlBody": "<p>Ja.</p>", "StrippedTextReply": "Ja.",
			"Headers": []any{
				map[string]string{"Name": "Auto-Submitted", "Value": "auto-replied"},
				map[string]string{"Name": "Message-Id", "Value": "<abc@customer.example>"},
				map[string]string{"Name": "In-Reply-To", "Value": "<" + acceptedID + "@mtasv.net>"},
				map[string]string{"Name": "References", "Value": "<root@acme.example>\r\n <" + acceptedID + "@mtasv.net>"},
			},
			"Attachments": []any{map[string]any{
				"Name": "a.txt", "Content": "aGVsbG8=", "ContentType": "text/plain", "ContentLength": 5, "ContentID": "cid:img1@x",
			}},
		}),
		Want: channel.Inbound{
			Kind: channel.Email, ExternalID: "in-1", From: customer, FromName: "Ana Müller",
			To: []string{"support+c_8f2@acme.example", "support@acme.example", "boss@customer.example", customer},
			Cc: []string{"support@acme.example", "boss@customer.example"}, ReplyBody: "Ja.", Automatic: true,
			Subject: "Frage", Body: "Ja.\n\nOn Tuesday you wrote:\n> Or?", HTML: "<p>Ja.</p>",
			EmailMessageID: "abc@customer.example", InReplyTo: acceptedID + "@mtasv.net",
			References: []string{"root@acme.example", acceptedID + "@mtasv.net"},
			Media:      []channel.Media{{Filename: "a.txt", ContentType: "text/plain", ContentID: "img1@x", Content: []byte("hello")}},
			OccurredAt: time.Date(2026, 3, 17, 22, 29, 1, 0, time.UTC),
		},
	}
}
