package resend_test

import (
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
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) > 0)
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "" && receipt.Attempt >= 0)
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
