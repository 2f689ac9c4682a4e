package sendgrid_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sendgrid/sendgrid-go/helpers/eventwebhook"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/sendgrid"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	channeltest.Run(t, testCase())
}

func TestVectors(t *testing.T) {
	t.Parallel()
	channeltest.Vectors(t, "testdata/vectors", testCase())
}

func connect(t *testing.T, base string) channel.Connection {
	t.Helper()
	connection, err := sendgrid.New().Connect(credential(base, publicKey("suite")), nil)
	require.NoError(t, err)
	return connection
}

func fileOf(name, contentType, contentID, content string) channel.File {
	return channel.File{
		Filename: name, ContentType: contentType, ContentID: contentID, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	sendOne := func(t *testing.T, prefix string, message channel.Outbound) (channeltest.Request, email) {
		t.Helper()
		at := channeltest.Answering(t, testCase().Accepted)
		_, err := connect(t, at.URL+prefix).Send(t.Context(), message)
		require.NoError(t, err)
		return at.Requests()[0], readEmail(at.Requests()[0].Content)
	}

	t.Run("posts to the API under any base", func(t *testing.T) {
		t.Parallel()
		for _, prefix := range []string{"", "/", "/sendgrid", "/sendgrid/"} {
			request, _ := sendOne(t, prefix, outbound())
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/v3/mail/send", request.URL.Path)
			require.Equal(t, http.MethodPost, request.Method)
			require.Equal(t, "Bearer "+apiKey, request.Header.Get("Authorization"))
			require.Equal(t, "application/json", request.Header.Get("Content-Type"))
		}
	})

	t.Run("threads, and lets replies come back", func(t *testing.T) {
		t.Parallel()
		_, mail := sendOne(t, "", outbound())
		require.Equal(t, "<parent@customer.example>", mail.Headers["In-Reply-To"])
		require.Equal(t, "<root@customer.example> <parent@customer.example>", mail.Headers["References"])
		require.Equal(t, "hello+abc@acme.example", mail.ReplyTo.Email)
		require.Equal(t, address{Email: from, Name: "Acme Support"}, mail.From)
		require.Equal(t, []content{{"text/plain", "Thanks — on its way"}, {"text/html", "<p>Thanks</p>"}}, mail.Content)
	})

	t.Run("copies go to each address once, and not to the recipient again", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Cc = []string{"Boss <boss@customer.example>", customer, "boss@customer.example"}
		message.Bcc = []string{"archive@acme.example", "boss@customer.example"}
		_, mail := sendOne(t, "", message)
		require.Equal(t, []address{{Email: "boss@customer.example"}}, mail.Personalizations[0].Cc)
		require.Equal(t, []address{{Email: "archive@acme.example"}}, mail.Personalizations[0].Bcc)
	})

	t.Run("files go along, a picture of the HTML in its place", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Body, message.HTML = "", ""
		message.Files = []channel.File{
			fileOf("list.csv", "text/csv", "", "a;b"), fileOf("logo.png", "image/png", "logo@acme", "picture"),
		}
		_, mail := sendOne(t, "", message)
		require.Equal(t, []content{{"text/plain", " "}}, mail.Content, "the API takes none without a text")
		require.Len(t, mail.Attachments, 2)
		require.Equal(t, "attachment", mail.Attachments[0].Disposition)
		require.Equal(t, "inline", mail.Attachments[1].Disposition)
		require.Equal(t, "logo@acme", mail.Attachments[1].ContentID)
		plain, err := base64.StdEncoding.DecodeString(mail.Attachments[1].Content)
		require.NoError(t, err)
		require.Equal(t, "picture", string(plain))
	})

	t.Run("a file past the limit is refused before the call", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Files = []channel.File{fileOf("film.mp4", "video/mp4", "", strings.Repeat("x", 22<<20))}
		at := channeltest.Answering(t, testCase().Accepted)
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.Permanent, channel.ClassOf(err))
		require.Equal(t, channel.CodeFileRefused, channel.FailureOf(err).Code)
		require.Empty(t, at.Requests())
	})

	t.Run("what a program wrote says so", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Automatic = true
		_, mail := sendOne(t, "", message)
		require.Equal(t, "auto-replied", mail.Headers["Auto-Submitted"])
	})

	t.Run("a message without subject, text or thread is sent", func(t *testing.T) {
		t.Parallel()
		_, mail := sendOne(t, "", channel.Outbound{From: "other@acme.example", To: customer, HTML: "<p>Hi</p>"})
		require.Equal(t, "(no subject)", mail.Subject)
		require.Equal(t, address{Email: "other@acme.example"}, mail.From)
		require.Equal(t, []content{{"text/html", "<p>Hi</p>"}}, mail.Content)
		require.Empty(t, mail.Headers)
		require.Empty(t, mail.ReplyTo)
	})

	t.Run("no text ends its header early", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Subject, message.FromName = "Hi\r\nBcc: x@example.com", "A\n\"B\" <x@example.com>"
		message.InReplyTo = "a@b.example>\r\nBcc: x@example.com"
		_, mail := sendOne(t, "", message)
		for _, text := range []string{mail.Subject, mail.From.Name, mail.Headers["In-Reply-To"]} {
			require.NotContains(t, text, "\n")
			require.NotContains(t, text, "\r")
		}
	})

	t.Run("the answer to a trial run is no proof", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, channeltest.Reply{Status: http.StatusOK})
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	})
}

func TestConnect(t *testing.T) {
	t.Parallel()
	pkix := func(t *testing.T, key any) string {
		t.Helper()
		der, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err)
		return base64.StdEncoding.EncodeToString(der)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, key := range map[string]string{
		"an RSA key": pkix(t, &rsaKey.PublicKey), "an Ed25519 key": pkix(t, edKey), "no base64": "%%%",
		"no key": base64.StdEncoding.EncodeToString([]byte("key")), "half a key": publicKey("suite")[:60],
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			for _, field := range []string{"webhook_public_key", "parse_public_key"} {
				with := credential("", publicKey("suite"))
				with[field] = key
				_, err := sendgrid.New().Connect(with, nil)
				require.ErrorIs(t, err, channel.ErrInvalidCredential)
				require.ErrorContains(t, err, field)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	connectWith := func(t *testing.T, event, parse string) channel.Connection {
		t.Helper()
		with := credential("", publicKey("suite"))
		with["webhook_public_key"], with["parse_public_key"] = event, parse
		connection, err := sendgrid.New().Connect(with, nil)
		require.NoError(t, err)
		return connection
	}
	signed := func(webhook channel.Webhook, name string) channel.Webhook {
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		webhook.Header = webhook.Header.Clone()
		signAs(&webhook, name)
		return webhook
	}
	event, letter := status(channeltest.Sent{ID: "e-1"}, "open"), parsedForm().Webhook

	t.Run("events and inbound e-mail have a key each", func(t *testing.T) {
		t.Parallel()
		connection := connectWith(t, publicKey("event"), publicKey("parse"))
		require.NoError(t, connection.Verify(signed(event, "event")))
		require.NoError(t, connection.Verify(signed(letter, "parse")))
		require.ErrorIs(t, connection.Verify(signed(event, "parse")), channel.ErrBadSignature)
		require.ErrorIs(t, connection.Verify(signed(letter, "event")), channel.ErrBadSignature)
	})

	t.Run("without its key no inbound e-mail is proved", func(t *testing.T) {
		t.Parallel()
		connection := connectWith(t, publicKey("suite"), "")
		require.NoError(t, connection.Verify(signed(event, "suite")))
		require.ErrorIs(t, connection.Verify(signed(letter, "suite")), channel.ErrBadSignature)
		require.ErrorIs(t, connection.Verify(letter), channel.ErrBadSignature)
	})

	t.Run("no part of the body passes for the time, or the other way round", func(t *testing.T) {
		t.Parallel()
		connection := connect(t, "")
		for cut := range 12 {
			webhook := signed(letter, "suite")
			all := webhook.Header.Get(headerTimestamp) + string(webhook.Body)
			webhook.Header.Set(headerTimestamp, all[:cut])
			webhook.Body = []byte(all[cut:])
			err := connection.Verify(webhook)
			require.Equal(t, cut == 10, err == nil, cut)
		}
	})

	t.Run("another boundary reads no other form out of what was signed", func(t *testing.T) {
		t.Parallel()
		webhook := signed(form([2]string{"text", "--evil\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\nx@y.example"}), "suite")
		connection := connect(t, "")
		require.NoError(t, connection.Verify(webhook))
		webhook.Header.Set("Content-Type", "multipart/form-data; boundary=evil")
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})
}

// TestVerify_agrees_with_the_vendor plays the vendor's validator beside ours.
func TestVerify_agrees_with_the_vendor(t *testing.T) {
	t.Parallel()
	key, err := eventwebhook.ConvertPublicKeyBase64ToECDSA(publicKey("suite"))
	require.NoError(t, err)
	for name, spoil := range map[string]func(*channel.Webhook){
		"genuine": func(*channel.Webhook) {}, "another body": func(w *channel.Webhook) { w.Body = append(w.Body, ' ') },
		"another time": func(w *channel.Webhook) { w.Header.Set(headerTimestamp, "1700000001") },
		"another key":  func(w *channel.Webhook) { signAs(w, "another") },
		"half a signature": func(w *channel.Webhook) {
			w.Header.Set(headerSignature, w.Header.Get(headerSignature)[:40])
		},
	} {
		webhook := status(channeltest.Sent{ID: "e-1"}, "open")
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		signAs(&webhook, "suite")
		spoil(&webhook)
		theirs, _ := eventwebhook.VerifySignature(key, webhook.Body, webhook.Header.Get(headerSignature), webhook.Header.Get(headerTimestamp))
		require.Equal(t, name == "genuine", theirs, name)
		require.Equal(t, theirs, connect(t, "").Verify(webhook) == nil, name)
	}
}

func TestParseEvents(t *testing.T) {
	t.Parallel()
	parse := func(t *testing.T, list ...map[string]any) []channel.Receipt {
		t.Helper()
		delivery, err := connect(t, "").Parse(events(list...))
		require.NoError(t, err)
		return delivery.Receipts
	}

	t.Run("many events of several workspaces", func(t *testing.T) {
		t.Parallel()
		receipts := parse(t,
			map[string]any{"event": "delivered", "sg_message_id": "a.filter1", "workspace_id": "w-1", "message_id": "m-1"},
			map[string]any{"event": "unsubscribe", "workspace_id": "w-1"},
			map[string]any{"event": "bounce", "sg_message_id": "b.recvd-1", "workspace_id": "w-2", "message_id": "m-2"},
		)
		require.Len(t, receipts, 2)
		require.Equal(t, []string{"w-1", "m-1", "a"}, []string{receipts[0].WorkspaceID, receipts[0].MessageID, receipts[0].ExternalID})
		require.Equal(t, []string{"w-2", "m-2", "b"}, []string{receipts[1].WorkspaceID, receipts[1].MessageID, receipts[1].ExternalID})
	})

	t.Run("each event carries its own part of the webhook and no other's", func(t *testing.T) {
		t.Parallel()
		delivery, err := connect(t, "").Parse(events(
			map[string]any{"event": "open", "sg_message_id": "a"}, map[string]any{"event": "click", "sg_message_id": "b"}))
		require.NoError(t, err)
		require.JSONEq(t, `{"event":"open","sg_message_id":"a"}`, string(delivery.Receipts[0].Part))
		require.JSONEq(t, `{"event":"click","sg_message_id":"b"}`, string(delivery.Receipts[1].Part))
	})

	t.Run("finds the id of the send wherever it is", func(t *testing.T) {
		t.Parallel()
		for want, event := range map[string]map[string]any{
			"a.b.c":   {"sg_message_id": "a.b.c.filter0001.16648.5515E0B88.0"},
			"d_e":     {"sg_message_id": "d_e.recvd-canary-5f54b5d587", "smtp-id": "<other@x>"},
			"f.g":     {"sg_message_id": "f.g.new-format.1", "smtp-id": "<f.g@geopod-ismtpd-1>"},
			"h":       {"smtp-id": "<h@geopod-ismtpd-1>"},
			"i.j":     {"sg_message_id": "i.j"},
			"event-k": {"sg_event_id": "k"},
		} {
			event["event"] = "delivered"
			require.Equal(t, want, parse(t, event)[0].ExternalID)
		}
	})

	t.Run("the provider's own count of attempts is not ours", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, parse(t, map[string]any{"event": "deferred", "attempt": "5"})[0].Attempt)
		require.Equal(t, 3, parse(t, map[string]any{"event": "deferred", "attempt": "5", "message_attempt": 3})[0].Attempt)
	})

	t.Run("tells bounces and drops apart", func(t *testing.T) {
		t.Parallel()
		hard := parse(t, map[string]any{"event": "bounce", "type": "bounce", "status": "5.0.0", "reason": "no"})[0].Failure
		require.Equal(t, channel.CodeBounced, hard.Code)
		require.Equal(t, "5.0.0", hard.ProviderCode)
		require.False(t, hard.Retryable)
		require.True(t, parse(t, map[string]any{"event": "bounce", "type": "blocked"})[0].Failure.Retryable)
		for reason, code := range map[string]string{
			"Bounced Address": channel.CodeSuppressed, "Unsubscribed Address": channel.CodeOptedOut,
			"Spam Reporting Address": channel.CodeSuppressed, "Invalid": channel.CodeInvalidRecipient,
			"Recipient List over Package Quota": channel.CodeQuotaExceeded, "": channel.CodeProviderFailed,
		} {
			require.Equal(t, code, parse(t, map[string]any{"event": "dropped", "reason": reason})[0].Failure.Code)
		}
	})

	t.Run("a machine that opens is named", func(t *testing.T) {
		t.Parallel()
		opened := parse(t, map[string]any{"event": "open", "sg_machine_open": true})[0]
		require.Equal(t, channel.Opened, opened.Status)
		require.Equal(t, "open/machine", opened.ProviderStatus)
	})
}

func TestParseEvents_tells_what_becomes_of_addresses(t *testing.T) {
	t.Parallel()
	told := func(t *testing.T, event map[string]any) []channel.Suppression {
		t.Helper()
		event["email"], event["workspace_id"], event["sg_event_id"] = "Ana@Customer.example", "w-1", "e-1"
		webhook := events(event, map[string]any{"event": "open"})
		delivery, err := connect(t, "").Parse(webhook)
		require.NoError(t, err)
		for _, suppression := range delivery.Suppressions {
			require.Equal(t, customer, suppression.Address)
			require.Equal(t, "w-1", suppression.WorkspaceID)
			require.NotEmpty(t, suppression.DedupeKey)
			require.NotEmpty(t, suppression.Reason)
			require.NotContains(t, string(suppression.Part), `"open"`, "another event is another's")
		}
		return delivery.Suppressions
	}
	for name, tc := range map[string]struct {
		event    map[string]any
		source   string
		optedOut bool
	}{
		"unsubscribe":       {map[string]any{"event": "unsubscribe"}, channel.SourceUnsubscribe, true},
		"group unsubscribe": {map[string]any{"event": "group_unsubscribe", "asm_group_id": 1}, channel.SourceUnsubscribe, true},
		"group resubscribe": {map[string]any{"event": "group_resubscribe", "asm_group_id": 1}, channel.SourceUnsubscribe, false},
		"dropped, bounced":  {map[string]any{"event": "dropped", "reason": "Bounced Address"}, channel.SourceBounce, true},
		"dropped, spam":     {map[string]any{"event": "dropped", "reason": "Spam Reporting Address"}, channel.SourceComplaint, true},
		"dropped, left":     {map[string]any{"event": "dropped", "reason": "Unsubscribed Address"}, channel.SourceUnsubscribe, true},
		"dropped, invalid":  {map[string]any{"event": "dropped", "reason": "Invalid"}, channel.SourceBounce, true},
		"bounce":            {map[string]any{"event": "bounce", "type": "bounce"}, channel.SourceBounce, true},
		"complaint":         {map[string]any{"event": "spamreport"}, channel.SourceComplaint, true},
	} {
		suppressions := told(t, tc.event)
		require.Len(t, suppressions, 1, name)
		require.Equal(t, tc.source, suppressions[0].Source, name)
		require.Equal(t, tc.optedOut, suppressions[0].OptedOut, name)
	}
	for _, event := range []map[string]any{
		{"event": "dropped", "reason": "Spam Content"}, {"event": "bounce", "type": "blocked"}, {"event": "click"}, {"event": "deferred"},
	} {
		require.Empty(t, told(t, event), "it is news of the message alone")
	}
}

func TestParseEvents_of_a_copy_move_nothing(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), outbound())
	require.NoError(t, err)
	mark := readEmail(at.Requests()[0].Content).Personalizations[0].CustomArgs["message_recipient"]
	require.NotContains(t, mark, "customer")
	parse := func(email, word string) channel.Delivery {
		delivery, err := connect(t, "").Parse(events(map[string]any{
			"event": word, "email": email, "sg_message_id": "a.filter", "message_recipient": mark, "type": "bounce",
		}))
		require.NoError(t, err)
		return delivery
	}
	require.Equal(t, channel.Bounced, parse("ANA@customer.example", "bounce").Receipts[0].Status)
	copied := parse("boss@customer.example", "bounce")
	require.Empty(t, copied.Receipts[0].Status)
	require.Nil(t, copied.Receipts[0].Failure)
	require.Equal(t, "bounce/bounce", copied.Receipts[0].ProviderStatus)
	require.Equal(t, "boss@customer.example", copied.Suppressions[0].Address)
	require.Equal(t, channel.SourceBounce, copied.Suppressions[0].Source)
	require.Equal(t, channel.SourceComplaint, parse("boss@customer.example", "spamreport").Suppressions[0].Source)
	require.Empty(t, parse("boss@customer.example", "delivered").Suppressions)
}

func TestParseInbound(t *testing.T) {
	t.Parallel()
	parse := func(t *testing.T, webhook channel.Webhook) channel.Inbound {
		t.Helper()
		delivery, err := connect(t, "").Parse(webhook)
		require.NoError(t, err)
		require.Len(t, delivery.Inbound, 1)
		return delivery.Inbound[0]
	}
	envelope := [2]string{"envelope", `{"to":["support@acme.example"],"from":"ana@customer.example"}`}

	t.Run("lists the files of a form that does not describe them", func(t *testing.T) {
		t.Parallel()
		body, err := os.ReadFile("testdata/vectors/sendgrid/payload/parse_no_attachment_info.body")
		require.NoError(t, err)
		inbound := parse(t, post("multipart/form-data; boundary=xYzZY", body))
		require.Len(t, inbound.Media, 2)
		require.True(t, bytes.HasPrefix(inbound.Media[0].Content, []byte("\x89PNG")))
		inbound.Media[0].Content = nil
		require.Equal(t, []channel.Media{
			{Filename: "pixel.png", ContentType: "image/png", ContentID: "ii_139db99fdb5c3704"},
			{Filename: "notes ü.txt", ContentType: "text/plain", Content: []byte("hello\n")},
		}, inbound.Media)
		require.Equal(t, []string{"support+c_8f2@inbound.example.com"}, inbound.To)
		require.Equal(t, customer, inbound.From)
		require.Equal(t, "Ana María", inbound.FromName)
		require.Equal(t, []string{"first@app.example.com", wireID}, inbound.References)
	})

	t.Run("the same e-mail again is the same, for another recipient it is another", func(t *testing.T) {
		t.Parallel()
		first := parse(t, parsedForm().Webhook)
		require.Equal(t, first.ExternalID, parse(t, parsedForm().Webhook).ExternalID)
		other := parsedForm().Webhook
		other.Body = []byte(strings.ReplaceAll(string(other.Body), "list@acme.example", "team@acme.example"))
		require.NotEqual(t, first.ExternalID, parse(t, other).ExternalID)
		one := parse(t, form(envelope, [2]string{"from", customer}, [2]string{"text", "one"}))
		two := parse(t, form(envelope, [2]string{"from", customer}, [2]string{"text", "two"}))
		require.NotEqual(t, one.ExternalID, two.ExternalID, "without a Message-ID the text tells them apart")
	})

	t.Run("reads a name that is not quoted as it should be", func(t *testing.T) {
		t.Parallel()
		inbound := parse(t, form(envelope, [2]string{"from", "Müller, Ana <Ana@customer.example>"}))
		require.Equal(t, customer, inbound.From)
		require.Equal(t, "Müller, Ana", inbound.FromName)
	})

	t.Run("a mail without a return path is automatic", func(t *testing.T) {
		t.Parallel()
		bounce := parse(t, form([2]string{"envelope", `{"to":["support@acme.example"],"from":""}`}, [2]string{"from", customer}, [2]string{"text", "x"}))
		require.True(t, bounce.Automatic)
		require.False(t, parse(t, form(envelope, [2]string{"from", customer}, [2]string{"text", "x"})).Automatic)
	})

	t.Run("a mail of too many parts is refused whole", func(t *testing.T) {
		t.Parallel()
		raw := "Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\ny\r\n", 3000)
		_, err := connect(t, "").Parse(form(envelope, [2]string{"email", raw}))
		require.ErrorIs(t, err, channel.ErrUnparsable)
	})

	t.Run("the time is the provider's", func(t *testing.T) {
		t.Parallel()
		webhook := parsedForm().Webhook
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		signAs(&webhook, "suite")
		webhook.ReceivedAt = time.Unix(1_700_009_999, 0)
		require.Equal(t, int64(1_700_000_000), parse(t, webhook).OccurredAt.Unix())
	})

	t.Run("what is no e-mail is refused", func(t *testing.T) {
		t.Parallel()
		for name, webhook := range map[string]channel.Webhook{
			"no recipient": form([2]string{"from", customer}), "no sender": form([2]string{"to", from}),
			"no field": form(), "no boundary": post("multipart/form-data", []byte("--\r\n")),
			"nothing":      post("multipart/form-data; boundary=x", nil),
			"half a form":  post("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb")),
			"an empty raw": form([2]string{"email", ""}),
		} {
			_, err := connect(t, "").Parse(webhook)
			require.ErrorIs(t, err, channel.ErrUnparsable, name)
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, answers map[string]channeltest.Reply) channel.CheckResult {
		t.Helper()
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			reply, ok := answers[request.URL.Path]
			if !ok {
				reply = refusal(403, "access forbidden", nil)
			}
			w.WriteHeader(reply.Status)
			_, _ = w.Write([]byte(reply.Body))
		})
		result, err := connect(t, at.URL).Check(t.Context())
		require.NoError(t, err)
		require.True(t, result.KeyValid)
		return result
	}
	scopes := channeltest.Reply{Status: 200, Body: `{"scopes":["mail.send"]}`}

	t.Run("a key that may only send says nothing of the sender", func(t *testing.T) {
		t.Parallel()
		result := check(t, map[string]channeltest.Reply{"/v3/scopes": scopes})
		require.Nil(t, result.SenderVerified)
		require.True(t, result.CanSend)
	})

	t.Run("a verified domain is as good as a verified sender", func(t *testing.T) {
		t.Parallel()
		result := check(t, map[string]channeltest.Reply{
			"/v3/scopes": scopes, "/v3/verified_senders": {Status: 200, Body: `{"results":[]}`},
			"/v3/whitelabel/domains": {Status: 200, Body: `[{"domain":"acme.example","valid":true}]`},
		})
		require.True(t, *result.SenderVerified)
	})

	t.Run("a sender that is neither may not send", func(t *testing.T) {
		t.Parallel()
		result := check(t, map[string]channeltest.Reply{
			"/v3/scopes":             scopes,
			"/v3/verified_senders":   {Status: 200, Body: `{"results":[{"from_email":"hello@acme.example","verified":false}]}`},
			"/v3/whitelabel/domains": {Status: 200, Body: `[{"domain":"acme.example","valid":false}]`},
		})
		require.False(t, *result.SenderVerified)
		require.False(t, result.CanSend)
	})
}
