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

func FuzzParse(f *testing.F) {
	connection, err := postmark.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	c := testCase()
	f.Add(c.Inbound[0].Webhook.Body)
	f.Add([]byte(`{"RecordType":"SubscriptionChange","Recipient":"a@b.example","SuppressSending":true,"ChangedAt":"x","Metadata":{"recipient":"x"}}`))
	for word := range c.Words {
		f.Add(c.Status(channeltest.Sent{ID: "e-1", To: customer, WorkspaceID: "w-1", MessageID: "m-1", Attempt: 1}, word).Body)
	}
	f.Add([]byte(`{"MessageID":"x","From":"<>","OriginalRecipient":"a@b","MailboxHash":"+","ToFull":[{},null],"Headers":[null]}`))
	f.Add([]byte(`{"RecordType":"Bounce","MessageID":"x","ID":"7","Metadata":[1,2]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		now := time.Unix(1_700_000_000, 0)
		delivery, err := connection.Parse(channel.Webhook{Method: http.MethodPost, Body: body, ReceivedAt: now})
		if err != nil {
			require.ErrorIs(t, err, channel.ErrUnparsable)
			return
		}
		require.LessOrEqual(t, len(delivery.Inbound)+len(delivery.Receipts), 1)
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) > 0)
			require.False(t, inbound.OccurredAt.After(now))
		}
		for _, receipt := range delivery.Receipts {
			require.True(t, receipt.ExternalID != "" && receipt.DedupeKey != "" && receipt.Attempt >= 0)
		}
	})
}

func FuzzVerify(f *testing.F) {
	connection, err := postmark.New().Connect(credential("", secret), nil)
	require.NoError(f, err)
	f.Add("Basic cG9zdG1hcmstd2ViaG9vazpub3Bl", "hook", "nope")
	f.Add("Basic Og==", "", "")
	f.Add("basic aG9vazo=", "hook:", ":")
	f.Fuzz(func(t *testing.T, authorization, user, password string) {
		webhook := channel.Webhook{Method: http.MethodPost, Header: http.Header{}}
		webhook.Header["Authorization"] = []string{authorization}
		require.ErrorIs(t, connection.Verify(webhook), channel.ErrBadSignature)
		sign(&webhook, user+":"+password)
		if err := connection.Verify(webhook); strings.Join([]string{user, password}, ":") != secret {
			require.ErrorIs(t, err, channel.ErrBadSignature)
		}
		sign(&webhook, secret)
		require.NoError(t, connection.Verify(webhook))
	})
}
