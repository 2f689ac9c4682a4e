package sendgrid_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

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
