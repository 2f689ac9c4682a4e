package postmark_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/postmark"
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
	connection, err := postmark.New().Connect(credential(base, secret), nil)
	require.NoError(t, err)
	return connection
}

func TestConnect_refuses_a_user_that_basic_authentication_cannot_carry(t *testing.T) {
	t.Parallel()
	wrong := credential("", secret)
	wrong["webhook_user"] = "a:b"
	_, err := postmark.New().Connect(wrong, nil)
	require.ErrorIs(t, err, channel.ErrInvalidCredential)
	require.ErrorContains(t, err, "webhook_user")
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

	t.Run("posts to the API under any base, with the headers it asks for", func(t *testing.T) {
		t.Parallel()
		for _, prefix := range []string{"", "/", "/postmark", "/postmark/"} {
			request, _ := sendOne(t, prefix, outbound())
			require.Equal(t, http.MethodPost, request.Method)
			require.Equal(t, strings.TrimSuffix(prefix, "/")+"/email", request.URL.Path)
			require.Equal(t, token, request.Header.Get("X-Postmark-Server-Token"))
			require.Equal(t, "application/json", request.Header.Get("Accept"))
			require.Equal(t, "application/json", request.Header.Get("Content-Type"))
			require.Positive(t, request.ContentLength, "the body is not sent in chunks")
		}
	})

	t.Run("threads, and lets replies come back", func(t *testing.T) {
		t.Parallel()
		_, mail := sendOne(t, "", outbound())
		require.Equal(t, "<parent@customer.example>", mail.header("In-Reply-To"))
		require.Equal(t, "<root@customer.example> <parent@customer.example>", mail.header("References"))
		require.Equal(t, "hello+abc@acme.example", mail.ReplyTo)
		require.Equal(t, "<p>Thanks</p>", mail.HTMLBody)
		require.Equal(t, `"Acme Support" <hello@acme.example>`, mail.From)
	})

	t.Run("goes to the stream of the credential", func(t *testing.T) {
		t.Parallel()
		_, mail := sendOne(t, "", outbound())
		require.Equal(t, "outbound", mail.MessageStream)
		at, own := channeltest.Answering(t, testCase().Accepted), credential("", secret)
		own["base_url"], own["message_stream"] = at.URL, "support"
		connection, err := postmark.New().Connect(own, nil)
		require.NoError(t, err)
		_, err = connection.Send(t.Context(), outbound())
		require.NoError(t, err)
		require.Equal(t, "support", readEmail(at.Requests()[0].Content).MessageStream)
	})

	t.Run("tells the Message-ID on the wire", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		accepted, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.NoError(t, err)
		require.Equal(t, acceptedID+"@mtasv.net", accepted.EmailMessageID)
	})

	t.Run("no text ends its header early", func(t *testing.T) {
		t.Parallel()
		message := outbound()
		message.Subject, message.FromName = "Hi\r\nBcc: x@example.com", "A\n\"B\" <x@example.com>"
		message.InReplyTo = "a@b.example>\r\nBcc: x@example.com"
		_, mail := sendOne(t, "", message)
		for _, text := range []string{mail.Subject, mail.From, mail.header("In-Reply-To")} {
			require.NotContains(t, text, "\n")
			require.NotContains(t, text, "\r")
		}
		require.Equal(t, `"A \"B\" <x@example.com>" <hello@acme.example>`, mail.From)
	})
}

func TestSend_classes_by_the_error_code(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]channel.Class{
		10: channel.Auth, 100: channel.Retryable, 300: channel.Permanent, 400: channel.PermanentConfig,
		401: channel.PermanentConfig, 402: channel.Permanent, 403: channel.Permanent, 405: channel.PermanentConfig,
		406: channel.Suppressed, 409: channel.Permanent, 410: channel.Permanent, 411: channel.Permanent,
		412: channel.PermanentConfig, 413: channel.PermanentConfig, 429: channel.RateLimited,
		1235: channel.PermanentConfig, 9999: channel.Permanent,
	} {
		at := channeltest.Answering(t, refusal(422, code, "no"))
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, want, channel.ClassOf(err), code)
	}
	for _, answer := range []channeltest.Reply{
		refusal(500, 300, "the message may be out"), refusal(200, 9999, "neither taken nor refused"),
		{Status: 200, Body: `{"ErrorCode":0,"Message":"OK"}`},
		{Status: 500, Body: `{"Message":"no code"}`},
	} {
		at := channeltest.Answering(t, answer)
		_, err := connect(t, at.URL).Send(t.Context(), outbound())
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err), answer.Body)
	}
}

func TestFind_asks_for_the_message_by_our_id(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, list())
	finder, ok := connect(t, at.URL).(channel.Finder)
	require.True(t, ok)
	_, err := finder.Find(t.Context(), outbound(), time.Now())
	require.ErrorIs(t, err, channel.ErrNotFound)
	request := at.Requests()[0]
	require.Equal(t, "/messages/outbound", request.URL.Path)
	require.Equal(t, "m-1", request.URL.Query().Get("metadata_message_id"))
	require.Equal(t, "outbound", request.URL.Query().Get("messagestream"))
	require.NotEmpty(t, request.URL.Query().Get("count"))
	require.Equal(t, "0", request.URL.Query().Get("offset"))
}

func TestCheck_says_what_the_server_cannot_do(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, reply(200, map[string]any{"ID": 23, "Name": "Staging", "DeliveryType": "Sandbox"}))
	result, err := connect(t, at.URL).Check(t.Context())
	require.NoError(t, err)
	require.True(t, result.KeyValid)
	require.False(t, result.CanSend)
	require.False(t, result.CanReceive)
	require.Contains(t, result.Detail, "Staging")
	require.Equal(t, "/server", at.Requests()[0].URL.Path)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string]string{
		"a longer password": secret + "x", "a shorter password": secret[:len(secret)-1], "another user": "Hook:a password of the suite",
		"no password": "hook:", "no user": ":a password of the suite", "neither": ":",
	} {
		webhook := post(nil)
		sign(&webhook, pair)
		require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature, name)
	}
	require.Equal(t, http.StatusUnauthorized, postmark.New().Describe().Replies.BadSignature.Status,
		"a 403 would end the provider's attempts for good")
}
