package resend_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
	"github.com/galaxyco-ai/conversations/pkg/channel/resend"
)

func FuzzParse(f *testing.F) {
	connection, err := resend.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	c := testCase()
	f.Add(c.Inbound[0].Webhook.Body)
	for word := range c.Words {
		f.Add(c.Status(channeltest.Sent{ID: "e-1", To: customer, WorkspaceID: "w-1", MessageID: "m-1", Attempt: 1}, word).Body)
	}
	f.Add([]byte(`{"type":"email.received","data":{"email_id":"x","from":"<>","to":["",null]}}`))
	f.Add([]byte(`{"type":"email.sent","data":{"email_id":"x","tags":[1,2]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		delivery, err := connection.Parse(channel.Webhook{Method: "POST", Body: body, ReceivedAt: time.Unix(1_700_000_000, 0)})
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.LessOrEqual(t, len(delivery.Inbound)+len(delivery.Receipts), 1)
		for _, suppression := range delivery.Suppressions {
			require.True(t, suppression.Address != "" && suppression.Source != "" && suppression.DedupeKey != "")
		}
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) > 0)
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "" && receipt.Attempt >= 0)
		}
	})
}

// fixed answers every request with the same body.
type fixed []byte

func (f fixed) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: request, Body: io.NopCloser(bytes.NewReader(f)),
	}, nil
}

// FuzzAnswers reads a received e-mail, its files and the provider's lists.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"text":"a","html":"b","headers":{"In-Reply-To":"<a@b>","references":["<r@b>\r\n <a@b>"],"x":7},"attachments":[{"id":"x"}]}`))
	f.Add([]byte(`{"has_more":true,"data":[{"id":"x","filename":"../a","content_type":"a;b","download_url":"::","from":"a@b.example","to":["c@d.example"],"last_event":"bounced","created_at":"2026-03-17 22:29:01.95173+00"}]}`))
	f.Add([]byte(`{"data":[null,{"id":"y","from":"","to":null}],"attachments":[null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		connection, err := resend.New().Connect(credential("", secret), &http.Client{Transport: fixed(body)})
		require.NoError(t, err)
		completer, ok := connection.(channel.Completer)
		require.True(t, ok)
		inbound := channel.Inbound{ExternalID: "in-1"}
		if err := completer.Complete(t.Context(), &inbound); err == nil {
			for _, file := range inbound.Media {
				require.NotContains(t, file.Filename, "/")
			}
		}
		lister, ok := connection.(channel.Lister)
		require.True(t, ok)
		for _, cursor := range []string{"", "received:"} {
			page, err := lister.List(t.Context(), time.Unix(1_700_000_000, 0), cursor)
			if err != nil {
				require.NotEqual(t, channel.UnknownOutcome, channel.ClassOf(err))
				continue
			}
			for _, receipt := range page.Receipts {
				require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "")
			}
			for _, inbound := range page.Inbound {
				require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) > 0)
			}
		}
	})
}

func FuzzVerify(f *testing.F) {
	connection, err := resend.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	f.Add([]byte(`{"test": 2432232314}`), "msg_1", "1700000000", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	f.Add([]byte(""), "", "-1", "v1, v1,v1,=  v2,")
	f.Fuzz(func(t *testing.T, body []byte, id, stamp, signature string) {
		webhook := channel.Webhook{Method: "POST", Body: body, Header: http.Header{}, ReceivedAt: time.Unix(1_700_000_000, 0)}
		webhook.Header.Set("svix-id", id)
		webhook.Header.Set("svix-timestamp", stamp)
		webhook.Header.Set("svix-signature", signature)
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		sign(&webhook, secret)
		require.NoError(t, connection.Verify(webhook))
	})
}
