package resend_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/resend"
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
	connection, err := resend.New().Connect(credential(base, secret), nil)
	require.NoError(t, err)
	return connection
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
		for _, prefix := range []string{"", "/", "/resend", "/resend/"} {
			request, _ := sendOne(t, prefix, outbound())
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/emails", request.URL.Path)
			require.NotEmpty(t, request.UserAgent())
			require.Equal(t, "Bearer "+apiKey, request.Header.Get("Authorization"))
		}
	})

	t.Run("threads, and lets replies come back", func(t *testing.T) {
		t.Parallel()
		_, mail := sendOne(t, "", outbound())
		require.Equal(t, "<parent@customer.example>", mail.Headers["In-Reply-To"])
		require.Equal(t, "<root@customer.example> <parent@customer.example>", mail.Headers["References"])
		require.Equal(t, "hello+abc@acme.example", mail.ReplyTo)
		require.Equal(t, "<p>Thanks</p>", mail.HTML)
		require.Equal(t, `"Acme Support" <hello@acme.example>`, mail.From)
	})

	t.Run("the key is the same for the same attempt and new for a retry", func(t *testing.T) {
		t.Parallel()
		first, _ := sendOne(t, "", outbound())
		again, _ := sendOne(t, "", outbound())
		retry := outbound()
		retry.Attempt++
		second, _ := sendOne(t, "", retry)
		key := first.Header.Get("Idempotency-Key")
		require.NotEmpty(t, key)
		require.Equal(t, key, again.Header.Get("Idempotency-Key"))
		require.NotEqual(t, key, second.Header.Get("Idempotency-Key"))
		require.Equal(t, first.Content, again.Content, "the same key with another body would be refused")
	})

	t.Run("a message without a subject is sent", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Subject = ""
		_, mail := sendOne(t, "", message)
		require.Equal(t, "(no subject)", mail.Subject)
	})

	t.Run("no text ends its header early", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Subject, message.FromName = "Hi\r\nBcc: x@example.com", "A\n\"B\" <x@example.com>"
		message.InReplyTo = "a@b.example>\r\nBcc: x@example.com"
		_, mail := sendOne(t, "", message)
		for _, text := range []string{mail.Subject, mail.From, mail.Headers["In-Reply-To"]} {
			require.NotContains(t, text, "\n")
			require.NotContains(t, text, "\r")
		}
		require.Equal(t, `"A \"B\" <x@example.com>" <hello@acme.example>`, mail.From)
	})

	t.Run("an answer that is not 429 keeps its name, which the SDK drops", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, refusal(422, "invalid_from_address", "Invalid from"))
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.PermanentConfig, channel.ClassOf(err))
		require.ErrorContains(t, err, "invalid_from_address")
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()

	t.Run("agrees with the vendor's library where that is right", func(t *testing.T) {
		t.Parallel()
		webhook := post(map[string]any{"type": "email.sent"})
		webhook.ReceivedAt = time.Now()
		sign(&webhook, secret)
		validator, err := svix.NewWebhook(secret)
		require.NoError(t, err)
		require.NoError(t, validator.Verify(webhook.Body, webhook.Header))
		require.NoError(t, connect(t, "").Verify(webhook))
		webhook.Body = append(webhook.Body, ' ')
		require.Error(t, validator.Verify(webhook.Body, webhook.Header))
		require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature)
	})

	t.Run("takes no empty or broken key", func(t *testing.T) {
		t.Parallel()
		for _, signing := range []string{"", "whsec_", "whsec_%%%", "not base64!"} {
			_, err := resend.New().Connect(credential("", signing), nil)
			require.ErrorIs(t, err, channel.ErrInvalidCredential, signing)
			require.ErrorContains(t, err, "webhook_secret")
		}
	})

	t.Run("does not mix the headers of two names", func(t *testing.T) {
		t.Parallel()
		webhook := post(map[string]any{"type": "email.sent"})
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		sign(&webhook, secret)
		webhook.Header.Set("webhook-signature", webhook.Header.Get("svix-signature"))
		webhook.Header.Del("svix-signature")
		require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature)
	})

	t.Run("takes a time as a number alone", func(t *testing.T) {
		t.Parallel()
		for _, stamp := range []string{"1700000000.5", "0x6553f100", "soon", "99999999999999999999", "-9223372036854775808"} {
			webhook := post(map[string]any{"type": "email.sent"})
			webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
			sign(&webhook, secret)
			webhook.Header.Set("svix-timestamp", stamp)
			require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature, stamp)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	failureOf := func(t *testing.T, kind string, extra map[string]any) *channel.Failure {
		t.Helper()
		data := map[string]any{"email_id": "e-1", "message_id": "<" + wireID + ">", "tags": []any{map[string]string{"name": "message_id", "value": "m-7"}}}
		maps.Copy(data, extra)
		delivery, err := connect(t, "").Parse(event(kind, data))
		require.NoError(t, err)
		require.Equal(t, wireID, delivery.Receipts[0].EmailMessageID)
		require.Equal(t, "m-7", delivery.Receipts[0].MessageID, "tags may be a list")
		return delivery.Receipts[0].Failure
	}

	t.Run("tells bounces apart", func(t *testing.T) {
		t.Parallel()
		permanent := failureOf(t, "email.bounced", map[string]any{"bounce": map[string]any{"type": "Permanent", "subType": "General", "message": "no"}})
		require.Equal(t, channel.CodeBounced, permanent.Code)
		require.Equal(t, "Permanent/General", permanent.ProviderCode)
		require.False(t, permanent.Retryable)
		transient := failureOf(t, "email.bounced", map[string]any{"bounce": map[string]any{"type": "Transient", "subType": "MailboxFull"}})
		require.True(t, transient.Retryable)
		suppressed := failureOf(t, "email.bounced", map[string]any{"bounce": map[string]any{"type": "Permanent", "subType": "Suppressed"}})
		require.Equal(t, channel.CodeSuppressed, suppressed.Code)
	})

	t.Run("keeps the reason of a failure and of a suppression", func(t *testing.T) {
		t.Parallel()
		failed := failureOf(t, "email.failed", map[string]any{"failed": map[string]any{"reason": "reached_daily_quota"}})
		require.Equal(t, "reached_daily_quota", failed.ProviderCode)
		require.Equal(t, channel.CodeQuotaExceeded, failed.Code)
		require.NotContains(t, failed.Message, "_", "a code is no sentence")
		require.NotEmpty(t, failed.Message)
		suppressed := failureOf(t, "email.suppressed", map[string]any{"suppressed": map[string]any{"type": "OnAccountSuppressionList", "message": "on the list"}})
		require.Equal(t, channel.CodeSuppressed, suppressed.Code)
		require.Equal(t, "on the list", suppressed.Message)
	})
}

func TestComplete(t *testing.T) {
	t.Parallel()
	complete := func(t *testing.T, answers map[string]channeltest.Reply) (channel.Inbound, error) {
		t.Helper()
		at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
			reply, ok := answers[request.URL.Path]
			if !ok {
				reply = refusal(404, "not_found", "not found")
			}
			w.WriteHeader(reply.Status)
			_, _ = w.Write([]byte(reply.Body))
		})
		completer, ok := connect(t, at.URL).(channel.Completer)
		require.True(t, ok)
		inbound := channel.Inbound{ExternalID: "in-1", Subject: "Frage", Media: []channel.Media{{Filename: "a.png"}}}
		err := completer.Complete(t.Context(), &inbound)
		return inbound, err
	}
	const body = `{"text":"Thanks","html":"<p>Thanks</p>","message_id":"<new@customer.example>",
		"headers":{"In-Reply-To":"<a@b.example>","references":["<r@b.example>\r\n <a@b.example>"]},"attachments":[{"id":"x","filename":"a.png"}]}`

	t.Run("fills body, threading and the files' addresses", func(t *testing.T) {
		t.Parallel()
		inbound, err := complete(t, map[string]channeltest.Reply{
			"/emails/receiving/in-1": {Status: 200, Body: body},
			"/emails/receiving/in-1/attachments": {
				Status: 200, Body: `{"data":[{"id":"x","filename":"a.png","content_type":"image/png","download_url":"https://files.example/a"}]}`,
			},
		})
		require.NoError(t, err)
		require.Equal(t, "Thanks", inbound.Body)
		require.Equal(t, "<p>Thanks</p>", inbound.HTML)
		require.Equal(t, "a@b.example", inbound.InReplyTo)
		require.Equal(t, []string{"r@b.example", "a@b.example"}, inbound.References)
		require.Equal(t, "new@customer.example", inbound.EmailMessageID)
		require.Equal(t, []channel.Media{{URL: "https://files.example/a", Filename: "a.png", ContentType: "image/png"}}, inbound.Media)
	})

	t.Run("keeps the names of files that have no address", func(t *testing.T) {
		t.Parallel()
		inbound, err := complete(t, map[string]channeltest.Reply{"/emails/receiving/in-1": {Status: 200, Body: body}})
		require.NoError(t, err)
		require.Equal(t, []channel.Media{{Filename: "a.png"}}, inbound.Media)
	})

	t.Run("an unreadable answer is a reason to ask again", func(t *testing.T) {
		t.Parallel()
		for _, reply := range []channeltest.Reply{{Status: 500}, {Status: 200, Body: "<html>"}} {
			_, err := complete(t, map[string]channeltest.Reply{"/emails/receiving/in-1": reply})
			require.Equal(t, channel.Retryable, channel.ClassOf(err))
		}
		_, err := complete(t, nil)
		require.Equal(t, channel.Permanent, channel.ClassOf(err))
	})
}
