package sendgrid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func TestParseEvents(t *testing.T) {
	t.Parallel()
	parse := func(t *testing.T, list ...map[string]any) []channel.Receipt {
		t.Helper()
		delivery, err := connect(t, "").Parse(events(list...))
		require.NoError(t, err)
		return delivery.Receipts
	}

	t.Run("many events of several workspaces", func(t *testing.T) {
		t.Parallel()
		receipts := parse(t,
			map[string]any{"event": "delivered", "sg_message_id": "a.filter1", "workspace_id": "w-1", "message_id": "m-1"},
			map[string]any{"event": "unsubscribe", "workspace_id": "w-1"},
			map[string]any{"event": "bounce", "sg_message_id": "b.recvd-1", "workspace_id": "w-2", "message_id": "m-2"},
		)
		require.Len(t, receipts, 2)
		require.Equal(t, []string{"w-1", "m-1", "a"}, []string{receipts[0].WorkspaceID, receipts[0].MessageID, receipts[0].ExternalID})
		require.Equal(t, []string{"w-2", "m-2", "b"}, []string{receipts[1].WorkspaceID, receipts[1].MessageID, receipts[1].ExternalID})
	})

	t.Run("each event carries its own part of the webhook and no other's", func(t *testing.T) {
		t.Parallel()
		delivery, err := connect(t, "").Parse(events(
			map[string]any{"event": "open", "sg_message_id": "a"}, map[string]any{"event": "click", "sg_message_id": "b"}))
		require.NoError(t, err)
		require.JSONEq(t, `{"event":"open","sg_message_id":"a"}`, string(delivery.Receipts[0].Part))
		require.JSONEq(t, `{"event":"click","sg_message_id":"b"}`, string(delivery.Receipts[1].Part))
	})

	t.Run("finds the id of the send wherever it is", func(t *testing.T) {
		t.Parallel()
		for want, event := range map[string]map[string]any{
			"a.b.c":   {"sg_message_id": "a.b.c.filter0001.16648.5515E0B88.0"},
			"d_e":     {"sg_message_id": "d_e.recvd-canary-5f54b5d587", "smtp-id": "<other@x>"},
			"f.g":     {"sg_message_id": "f.g.new-format.1", "smtp-id": "<f.g@geopod-ismtpd-1>"},
			"h":       {"smtp-id": "<h@geopod-ismtpd-1>"},
			"i.j":     {"sg_message_id": "i.j"},
			"event-k": {"sg_event_id": "k"},
		} {
			event["event"] = "delivered"
			require.Equal(t, want, parse(t, event)[0].ExternalID)
		}
	})

	t.Run("the provider's own count of attempts is not ours", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, parse(t, map[string]any{"event": "deferred", "attempt": "5"})[0].Attempt)
		require.Equal(t, 3, parse(t, map[string]any{"event": "deferred", "attempt": "5", "message_attempt": 3})[0].Attempt)
	})

	t.Run("tells bounces and drops apart", func(t *testing.T) {
		t.Parallel()
		hard := parse(t, map[string]any{"event": "bounce", "type": "bounce", "status": "5.0.0", "reason": "no"})[0].Failure
		require.Equal(t, channel.CodeBounced, hard.Code)
		require.Equal(t, "5.0.0", hard.ProviderCode)
		require.False(t, hard.Retryable)
		require.True(t, parse(t, map[string]any{"event": "bounce", "type": "blocked"})[0].Failure.Retryable)
		for reason, code := range map[string]string{
			"Bounced Address": channel.CodeSuppressed, "Unsubscribed Address": channel.CodeOptedOut,
			"Spam Reporting Address": channel.CodeSuppressed, "Invalid": channel.CodeInvalidRecipient,
			"Recipient List over Package Quota": channel.CodeQuotaExceeded, "": channel.CodeProviderFailed,
		} {
			require.Equal(t, code, parse(t, map[string]any{"event": "dropped", "reason": reason})[0].Failure.Code)
		}
	})

	t.Run("a machine that opens is named", func(t *testing.T) {
		t.Parallel()
		opened := parse(t, map[string]any{"event": "open", "sg_machine_open": true})[0]
		require.Equal(t, channel.Opened, opened.Status)
		require.Equal(t, "open/machine", opened.ProviderStatus)
	})
}

func TestParseEvents_tells_what_becomes_of_addresses(t *testing.T) {
	t.Parallel()
	told := func(t *testing.T, event map[string]any) []channel.Suppression {
		t.Helper()
		event["email"], event["workspace_id"], event["sg_event_id"] = "Ana@Customer.example", "w-1", "e-1"
		webhook := events(event, map[string]any{"event": "open"})
		delivery, err := connect(t, "").Parse(webhook)
		require.NoError(t, err)
		for _, suppression := range delivery.Suppressions {
			require.Equal(t, customer, suppression.Address)
			require.Equal(t, "w-1", suppression.WorkspaceID)
			require.NotEmpty(t, suppression.DedupeKey)
			require.NotEmpty(t, suppression.Reason)
			require.NotContains(t, string(suppression.Part), `"open"`, "another event is another's")
		}
		return delivery.Suppressions
	}
	for name, tc := range map[string]struct {
		event    map[string]any
		source   string
		optedOut bool
	}{
		"unsubscribe":       {map[string]any{"event": "unsubscribe"}, channel.SourceUnsubscribe, true},
		"group unsubscribe": {map[string]any{"event": "group_unsubscribe", "asm_group_id": 1}, channel.SourceUnsubscribe, true},
		"group resubscribe": {map[string]any{"event": "group_resubscribe", "asm_group_id": 1}, channel.SourceUnsubscribe, false},
		"dropped, bounced":  {map[string]any{"event": "dropped", "reason": "Bounced Address"}, channel.SourceBounce, true},
		"dropped, spam":     {map[string]any{"event": "dropped", "reason": "Spam Reporting Address"}, channel.SourceComplaint, true},
		"dropped, left":     {map[string]any{"event": "dropped", "reason": "Unsubscribed Address"}, channel.SourceUnsubscribe, true},
		"dropped, invalid":  {map[string]any{"event": "dropped", "reason": "Invalid"}, channel.SourceBounce, true},
		"bounce":            {map[string]any{"event": "bounce", "type": "bounce"}, channel.SourceBounce, true},
		"complaint":         {map[string]any{"event": "spamreport"}, channel.SourceComplaint, true},
	} {
		suppressions := told(t, tc.event)
		require.Len(t, suppressions, 1, name)
		require.Equal(t, tc.source, suppressions[0].Source, name)
		require.Equal(t, tc.optedOut, suppressions[0].OptedOut, name)
	}
	for _, event := range []map[string]any{
		{"event": "dropped", "reason": "Spam Content"}, {"event": "bounce", "type": "blocked"}, {"event": "click"}, {"event": "deferred"},
	} {
		require.Empty(t, told(t, event), "it is news of the message alone")
	}
}

func TestParseEvents_of_a_copy_move_nothing(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), outbound())
	require.NoError(t, err)
	mark := readEmail(at.Requests()[0].Content).Personalizations[0].CustomArgs["message_recipient"]
	require.NotContains(t, mark, "customer")
	parse := func(email, word string) channel.Delivery {
		delivery, err := connect(t, "").Parse(events(map[string]any{
			"event": word, "email": email, "sg_message_id": "a.filter", "message_recipient": mark, "type": "bounce",
		}))
		require.NoError(t, err)
		return delivery
	}
	require.Equal(t, channel.Bounced, parse("ANA@customer.example", "bounce").Receipts[0].Status)
	copied := parse("boss@customer.example", "bounce")
	require.Empty(t, copied.Receipts[0].Status)
	require.Nil(t, copied.Receipts[0].Failure)
	require.Equal(t, "bounce/bounce", copied.Receipts[0].ProviderStatus)
	require.Equal(t, "boss@customer.example", copied.Suppressions[0].Address)
	require.Equal(t, channel.SourceBounce, copied.Suppressions[0].Source)
	require.Equal(t, channel.SourceComplaint, parse("boss@customer.example", "spamreport").Suppressions[0].Source)
	require.Empty(t, parse("boss@customer.example", "delivered").Suppressions)
}
