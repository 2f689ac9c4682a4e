package sendgrid_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

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
