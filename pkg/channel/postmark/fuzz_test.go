package postmark_test

import (
	"bytes"
	"io"
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
		for _, suppression := range delivery.Suppressions {
			require.True(t, suppression.Address != "" && suppression.Source != "" && suppression.DedupeKey != "")
		}
		for _, inbound := range delivery.Inbound {
			require.True(t, inbound.ExternalID != "" && inbound.From != "" && len(inbound.To) > 0)
			require.False(t, inbound.OccurredAt.After(now))
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

// FuzzAnswers reads the provider's lists, and what it says of one message.
func FuzzAnswers(f *testing.F) {
	c := testCase()
	f.Add([]byte(c.Find.Known(outbound(), acceptedID, time.Unix(1_700_000_000, 0)).Body))
	f.Add([]byte(`{"Bounces":[{"ID":1,"Type":"HardBounce","MessageID":"x","BouncedAt":"2026-03-17T22:29:54Z"},null]}`))
	f.Add([]byte(`{"InboundMessages":[{"MessageID":"../x","Date":"soon"}],"MessageID":"a","From":"a@b.example","OriginalRecipient":"c@d.example"}`))
	f.Add([]byte(`{"Messages":[{"MessageID":"m-1"}],"MessageEvents":[{"Type":"Bounced","Details":{}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		connection, err := postmark.New().Connect(credential("", secret), &http.Client{Transport: fixed(body)})
		require.NoError(t, err)
		lister, ok := connection.(channel.Lister)
		require.True(t, ok)
		since := time.Unix(1_700_000_000, 0)
		for _, cursor := range []string{"", "bounces:0", "inbound:0"} {
			page, err := lister.List(t.Context(), since, cursor)
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
		finder, ok := connection.(channel.Finder)
		require.True(t, ok)
		_, _ = finder.Find(t.Context(), outbound(), since)
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
