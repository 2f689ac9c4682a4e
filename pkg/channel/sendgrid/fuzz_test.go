package sendgrid_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/sendgrid"
)

func fuzzed(f *testing.F) channel.Connection {
	f.Helper()
	connection, err := sendgrid.New().Connect(credential("", publicKey("suite")), nil)
	require.NoError(f, err)
	return connection
}

func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob("testdata/vectors/sendgrid/" + pattern)
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
}

func FuzzParseEvents(f *testing.F) {
	connection := fuzzed(f)
	seeds(f, "*/event*")
	for word := range testCase().Words {
		f.Add(status(channeltest.Sent{ID: "e-1", WorkspaceID: "w-1", MessageID: "m-1", Attempt: 1}, word).Body)
	}
	f.Add([]byte(`[{"event":"open","timestamp":1e999,"sg_machine_open":[],"smtp-id":7,"message_attempt":-1},null,{"event":true}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		webhook := post("application/json", body)
		webhook.ReceivedAt = time.Unix(1_700_000_000, 0)
		delivery, err := connection.Parse(webhook)
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.Empty(t, delivery.Inbound)
		for _, suppression := range delivery.Suppressions {
			require.True(t, suppression.Address != "" && suppression.Source != "" && suppression.DedupeKey != "")
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "" && receipt.Attempt >= 0)
			require.LessOrEqual(t, receipt.OccurredAt.Year(), 9999)
		}
	})
}

func requireSound(t *testing.T, delivery channel.Delivery, err error) {
	t.Helper()
	if err != nil {
		require.ErrorIs(t, err, channel.ErrUnparsable)
		return
	}
	require.Empty(t, delivery.Receipts)
	require.Len(t, delivery.Inbound, 1)
	inbound := delivery.Inbound[0]
	require.True(t, inbound.From != "" && len(inbound.To) > 0)
	require.Len(t, inbound.ExternalID, 64)
	texts := append([]string{
		inbound.Subject, inbound.Body, inbound.HTML, inbound.From, inbound.FromName, inbound.EmailMessageID, inbound.InReplyTo,
	}, slices.Concat(inbound.To, inbound.Cc, inbound.References)...)
	for _, file := range inbound.Media {
		texts = append(texts, file.Filename, file.ContentType, file.ContentID)
	}
	for _, text := range texts {
		require.True(t, utf8.ValidString(text), "%q", text)
	}
}

func FuzzParseForm(f *testing.F) {
	connection := fuzzed(f)
	seeds(f, "*/parse*")
	f.Add(parsedForm().Webhook.Body)
	f.Add(rawForm().Webhook.Body)
	f.Add(form([2]string{"envelope", `{"to":[""]}`}, [2]string{"charsets", `{"text":"utf-16"}`}, [2]string{"text", "\xff\xfe\x00"},
		[2]string{"headers", " folded\n: \nReferences: <<>>\n\ta"}, [2]string{"from", "a <b"}).Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		delivery, err := connection.Parse(post("multipart/form-data; boundary=xYzZY", body))
		requireSound(t, delivery, err)
	})
}

// FuzzParseLetter feeds e-mail as a stranger writes it into the raw form and into the parsed one.
func FuzzParseLetter(f *testing.F) {
	connection := fuzzed(f)
	f.Add([]byte("From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n--x\nContent-Type: multipart/x; boundary=x\n\n--x--"), "x", "utf-8")
	f.Add([]byte("Subject: =?utf-7?B?x?=\r\nContent-Transfer-Encoding: base64\r\n\r\n===="), "<>", "iso-2022-jp")
	f.Add([]byte("Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfea"), "=?x?q?y?=", "replacement")
	f.Fuzz(func(t *testing.T, raw []byte, from, charset string) {
		envelope := [2]string{"envelope", `{"to":["support@acme.example"],"from":"ana@customer.example"}`}
		sender := [2]string{"from", from}
		delivery, err := connection.Parse(form(envelope, sender, [2]string{"email", string(raw)}))
		requireSound(t, delivery, err)
		charsets := [2]string{"charsets", `{"text":` + strconv.QuoteToASCII(charset) + `}`}
		delivery, err = connection.Parse(form(envelope, sender, charsets,
			[2]string{"headers", string(raw)}, [2]string{"text", string(raw)}))
		requireSound(t, delivery, err)
	})
}

func FuzzVerify(f *testing.F) {
	connection := fuzzed(f)
	f.Add([]byte("[{}]\r\n"), "application/json", "1700000000", "MEUCIGHQVtGj")
	f.Add([]byte("--x\r\n"), "multipart/form-data; boundary=x", "-1", "%%")
	f.Add([]byte(""), ";;", "99999999999", base64.StdEncoding.EncodeToString([]byte{0x30, 0x06, 2, 1, 0, 2, 1, 0}))
	f.Fuzz(func(t *testing.T, body []byte, contentType, stamp, signature string) {
		webhook := channel.Webhook{Body: body, Header: http.Header{}, ReceivedAt: time.Unix(1_700_000_000, 0)}
		webhook.Header.Set("Content-Type", contentType)
		webhook.Header.Set(headerTimestamp, stamp)
		webhook.Header.Set(headerSignature, signature)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
	})
}
