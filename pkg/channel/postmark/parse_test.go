package postmark_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func receiptOf(t *testing.T, event map[string]any) channel.Receipt {
	t.Helper()
	delivery, err := connect(t, "").Parse(post(event))
	require.NoError(t, err)
	require.Len(t, delivery.Receipts, 1)
	return delivery.Receipts[0]
}

func TestParse_tells_bounces_apart(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]struct {
		code      string
		retryable bool
	}{
		"HardBounce": {channel.CodeBounced, false}, "SoftBounce": {channel.CodeBounced, true},
		"BadEmailAddress": {channel.CodeInvalidRecipient, false}, "SpamNotification": {channel.CodeFiltered, false},
		"ManuallyDeactivated": {channel.CodeSuppressed, false}, "DMARCPolicy": {channel.CodeConfiguration, true},
		"SpamComplaint": {channel.CodeComplained, false},
	} {
		receipt := receiptOf(t, map[string]any{
			"RecordType": "Bounce", "MessageID": "e-1", "ID": 42, "Type": kind, "Description": "a sentence", "From": "Hello@Acme.example",
		})
		require.Equal(t, want.code, receipt.Failure.Code, kind)
		require.Equal(t, want.retryable, receipt.Failure.Retryable, kind)
		require.Equal(t, kind, receipt.Failure.ProviderCode)
		require.Equal(t, "a sentence", receipt.Failure.Message)
		require.Equal(t, "Bounce/42", receipt.DedupeKey)
		require.Equal(t, from, receipt.From)
	}
	for _, kind := range []string{"AutoResponder", "Subscribe", "AddressChange", "ChallengeVerification", "Unheard"} {
		receipt := receiptOf(t, map[string]any{"RecordType": "Bounce", "MessageID": "e-1", "ID": 42, "Type": kind})
		require.Empty(t, receipt.Status, "it says nothing about the message")
		require.Nil(t, receipt.Failure)
		require.Equal(t, "Bounce/"+kind, receipt.ProviderStatus)
	}
}

func TestParse_keys_what_has_no_id_by_what_happened_when(t *testing.T) {
	t.Parallel()
	click := func(at, link string) string {
		return receiptOf(t, map[string]any{
			"RecordType": "Click", "MessageID": "e-1", "Recipient": customer, "ReceivedAt": at, "OriginalLink": link,
		}).DedupeKey
	}
	const at = "2026-03-17T22:29:54.9070259Z"
	first := click(at, "https://a.example")
	require.Equal(t, first, click(at, "https://a.example"), "the same fact told again")
	require.NotEqual(t, first, click(at, "https://b.example"))
	require.NotEqual(t, first, click("2026-03-17T22:29:54.9070260Z", "https://a.example"))
	withoutID := map[string]any{"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "e-1", "BouncedAt": at}
	require.Contains(t, receiptOf(t, withoutID).DedupeKey, "e-1")
}

func TestParse_takes_metadata_of_any_shape(t *testing.T) {
	t.Parallel()
	for _, theirs := range []any{nil, []int{1}, "text", map[string]any{"message_id": 7}} {
		receipt := receiptOf(t, map[string]any{"RecordType": "Delivery", "MessageID": "e-1", "Metadata": theirs})
		require.Equal(t, channel.Delivered, receipt.Status)
		require.Empty(t, receipt.MessageID)
	}
}

func TestParse_reads_a_message(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 3, 17, 22, 30, 0, 0, time.UTC)
	read := func(t *testing.T, changes map[string]any) (channel.Delivery, error) {
		t.Helper()
		mail := map[string]any{
			"MessageID": "in-1", "From": "ana@customer.example", "OriginalRecipient": "abc@inbound.example",
			"ToFull": []any{map[string]string{"Email": "support@acme.example"}}, "TextBody": "Hi",
		}
		maps.Copy(mail, changes)
		webhook := post(mail)
		webhook.ReceivedAt = received
		return connect(t, "").Parse(webhook)
	}
	one := func(t *testing.T, changes map[string]any) channel.Inbound {
		t.Helper()
		delivery, err := read(t, changes)
		require.NoError(t, err)
		require.Len(t, delivery.Inbound, 1)
		return delivery.Inbound[0]
	}

	t.Run("also when it says what it is", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "Hi", one(t, map[string]any{"RecordType": "Inbound"}).Body)
	})

	t.Run("a hash that forwarding dropped is put back", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"abc@inbound.example", "abc+tok@inbound.example", "support@acme.example"},
			one(t, map[string]any{"MailboxHash": "tok"}).To)
	})

	t.Run("a date nobody believes is the time of arrival", func(t *testing.T) {
		t.Parallel()
		for _, date := range []string{"", "soon", "Tue, 17 Mar 2026 22:31:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000"} {
			require.Equal(t, received, one(t, map[string]any{"Date": date}).OccurredAt, date)
		}
	})

	t.Run("a file that is no base64 is named and not brought", func(t *testing.T) {
		t.Parallel()
		mail := one(t, map[string]any{"Attachments": []any{map[string]string{"Name": "a.png", "Content": "%%%"}}})
		require.Equal(t, []channel.Media{{Filename: "a.png"}}, mail.Media)
	})

	t.Run("without id, sender or recipient it is unparsable", func(t *testing.T) {
		t.Parallel()
		for _, changes := range []map[string]any{
			{"MessageID": ""}, {"From": ""}, {"OriginalRecipient": "", "ToFull": nil}, {"Headers": "none"},
		} {
			_, err := read(t, changes)
			require.ErrorIs(t, err, channel.ErrUnparsable, "%v", changes)
		}
	})
}

func TestParse_refuses_a_receipt_without_a_message(t *testing.T) {
	t.Parallel()
	webhook := status(channeltest.Sent{}, "Delivery")
	_, err := connect(t, "").Parse(webhook)
	require.ErrorIs(t, err, channel.ErrUnparsable)
}
