package postmark_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func fileOf(name, contentType, contentID, content string) channel.File {
	return channel.File{
		Filename: name, ContentType: contentType, ContentID: contentID, Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

func TestSend_takes_copies_files_and_automatic_answers_along(t *testing.T) {
	t.Parallel()
	message := outbound()
	message.Cc = []string{"boss@customer.example", customer}
	message.Bcc = []string{"archive@acme.example", "boss@customer.example"}
	message.Automatic = true
	message.Files = []channel.File{fileOf("list.csv", "", "", "a;b"), fileOf("logo.png", "image/png", "logo@acme", "picture")}
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.NoError(t, err)
	mail := readEmail(at.Requests()[0].Content)
	require.Equal(t, "boss@customer.example", mail.Cc)
	require.Equal(t, "archive@acme.example", mail.Bcc)
	require.Equal(t, "auto-replied", mail.header("Auto-Submitted"))
	require.Len(t, mail.Attachments, 2)
	require.Equal(t, "application/octet-stream", mail.Attachments[0].ContentType)
	require.Empty(t, mail.Attachments[0].ContentID)
	require.Equal(t, "cid:logo@acme", mail.Attachments[1].ContentID)
	plain, err := base64.StdEncoding.DecodeString(mail.Attachments[1].Content)
	require.NoError(t, err)
	require.Equal(t, "picture", string(plain))
}

func TestSend_refuses_what_the_provider_would(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]channel.File{
		"too large": fileOf("film.mp4", "video/mp4", "", strings.Repeat("x", 8<<20)), "a program": fileOf("Setup.EXE", "", "", "x"),
	} {
		message := outbound()
		message.Files = []channel.File{file}
		at := channeltest.Answering(t, testCase().Accepted)
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.Permanent, channel.ClassOf(err), name)
		require.Equal(t, channel.CodeFileRefused, channel.FailureOf(err).Code)
		require.Empty(t, at.Requests())
	}
}

func TestParse_tells_what_becomes_of_addresses(t *testing.T) {
	t.Parallel()
	for reason, tc := range map[string]struct {
		origin, source string
		suppressed     bool
	}{
		"HardBounce": {"Recipient", channel.SourceBounce, true}, "SpamComplaint": {"Recipient", channel.SourceComplaint, true},
		"ManualSuppression": {"Recipient", channel.SourceUnsubscribe, true}, "": {"Customer", channel.SourceProvider, false},
	} {
		event := map[string]any{
			"RecordType": "SubscriptionChange", "MessageID": acceptedID, "Recipient": "Ana@Customer.example", "Origin": tc.origin,
			"SuppressSending": tc.suppressed, "SuppressionReason": reason, "ChangedAt": "2026-03-17T22:29:54Z",
			"Metadata": map[string]string{"workspace_id": "w-1"},
		}
		delivery, err := connect(t, "").Parse(post(event))
		require.NoError(t, err)
		require.Empty(t, delivery.Receipts)
		require.Len(t, delivery.Suppressions, 1)
		told := delivery.Suppressions[0]
		require.Equal(t, []string{customer, "w-1", tc.source}, []string{told.Address, told.WorkspaceID, told.Source})
		require.Equal(t, tc.suppressed, told.OptedOut)
		require.Equal(t, time.Date(2026, 3, 17, 22, 29, 54, 0, time.UTC), told.OccurredAt)
		require.NotEmpty(t, told.DedupeKey)
		require.NotEmpty(t, told.Reason)
	}
	for _, broken := range []map[string]any{
		{"RecordType": "SubscriptionChange", "Recipient": customer},
		{"RecordType": "SubscriptionChange", "SuppressSending": true},
		{"RecordType": "SubscriptionChange", "SuppressSending": "yes", "Recipient": customer},
	} {
		_, err := connect(t, "").Parse(post(broken))
		require.ErrorIs(t, err, channel.ErrUnparsable)
	}
}

func TestParse_of_a_copy_moves_nothing(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), outbound())
	require.NoError(t, err)
	metadata := readEmail(at.Requests()[0].Content).Metadata
	for name, value := range metadata {
		require.LessOrEqual(t, len(name), 20)
		require.LessOrEqual(t, len(value), 80)
	}
	parse := func(email, kind string) channel.Delivery {
		delivery, err := connect(t, "").Parse(post(map[string]any{
			"RecordType": "Bounce", "Type": kind, "ID": 7, "MessageID": "e-1", "Email": email, "Metadata": metadata, "From": from,
		}))
		require.NoError(t, err)
		return delivery
	}
	own := parse("Ana@customer.example", "HardBounce")
	require.Equal(t, channel.Bounced, own.Receipts[0].Status)
	require.Equal(t, customer, own.Suppressions[0].Address)
	copied := parse("boss@customer.example", "HardBounce")
	require.Empty(t, copied.Receipts[0].Status)
	require.Nil(t, copied.Receipts[0].Failure)
	require.Equal(t, "boss@customer.example", copied.Suppressions[0].Address)
	require.Equal(t, channel.SourceBounce, copied.Suppressions[0].Source)
	require.Equal(t, from, copied.Suppressions[0].From)
	require.Empty(t, parse("boss@customer.example", "SoftBounce").Suppressions)
	require.Equal(t, channel.SourceUnsubscribe, parse(customer, "Unsubscribe").Suppressions[0].Source)
}

// listing serves the provider's lists.
func listing(t *testing.T, answers map[string]channeltest.Reply) (channel.Lister, *channeltest.StandIn) {
	t.Helper()
	at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		answer, ok := answers[request.URL.Path]
		if !ok || request.URL.Query().Get("offset") == "50" {
			answer = channeltest.Reply{Status: http.StatusOK, Body: "{}"}
		}
		w.WriteHeader(answer.Status)
		_, _ = io.WriteString(w, answer.Body)
	})
	lister, ok := connect(t, at.URL).(channel.Lister)
	require.True(t, ok)
	return lister, at
}

func TestList_tells_what_the_webhooks_would_have(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	bounce := status(channeltest.Sent{ID: "out-1", To: customer, WorkspaceID: "w-1", MessageID: "m-1", Attempt: 1}, "Bounce/HardBounce")
	mail := string(inbound().Webhook.Body)
	lister, at := listing(t, map[string]channeltest.Reply{
		"/messages/outbound": list(known(outbound(), "out-1", since.Add(time.Minute)), known(outbound(), "old", since.Add(-time.Hour))),
		"/bounces":           {Status: http.StatusOK, Body: `{"Bounces":[` + string(bounce.Body) + `]}`},
		"/messages/inbound": reply(http.StatusOK, map[string]any{"InboundMessages": []any{
			map[string]any{"MessageID": "in-1", "Date": "Tue, 17 Mar 2026 22:29:01 +0000"},
			map[string]any{"MessageID": "in-0", "Date": "2026-03-17T21:29:01.0000000Z"},
		}}),
		"/messages/inbound/in-1/details": {Status: http.StatusOK, Body: mail},
	})
	var all channel.Delivery
	pages := 0
	for cursor, more := "", true; more; pages++ {
		page, err := lister.List(t.Context(), since, cursor)
		require.NoError(t, err)
		all.Receipts, all.Inbound = append(all.Receipts, page.Receipts...), append(all.Inbound, page.Inbound...)
		cursor, more = page.Next, page.Next != ""
		require.Less(t, pages, 10)
	}
	require.Equal(t, 3, pages)
	require.Len(t, all.Receipts, 2)
	require.Equal(t, channel.Sent, all.Receipts[0].Status)
	require.Equal(t, "m-1", all.Receipts[0].MessageID)
	require.Equal(t, channel.Bounced, all.Receipts[1].Status)
	delivery, err := connect(t, "").Parse(bounce)
	require.NoError(t, err)
	require.Equal(t, delivery.Receipts[0].DedupeKey, all.Receipts[1].DedupeKey, "the webhook again is the same fact")
	require.Len(t, all.Inbound, 1)
	require.Equal(t, inbound().Want.Body, all.Inbound[0].Body)
	require.Equal(t, "in-1", all.Inbound[0].ExternalID)
	require.Equal(t, "2026-03-17T17:00:00", at.Requests()[0].URL.Query().Get("fromdate"), "the provider's clock is that of the east coast")
}

func TestList_goes_on_where_a_page_is_full_and_says_what_failed(t *testing.T) {
	t.Parallel()
	full := make([]map[string]any, 50)
	for i := range full {
		full[i] = known(outbound(), "out", time.Now())
	}
	lister, at := listing(t, map[string]channeltest.Reply{"/messages/outbound": list(full...), "/bounces": {Status: 500}})
	page, err := lister.List(t.Context(), time.Now().Add(-time.Hour), "")
	require.NoError(t, err)
	page, err = lister.List(t.Context(), time.Now().Add(-time.Hour), page.Next)
	require.NoError(t, err)
	require.Equal(t, "50", at.Requests()[1].URL.Query().Get("offset"))
	_, err = lister.List(t.Context(), time.Now(), page.Next)
	require.Equal(t, channel.Retryable, channel.ClassOf(err))
	for _, cursor := range []string{"x:1", "outbound:-1", "outbound:x"} {
		_, err = lister.List(t.Context(), time.Now(), cursor)
		require.Equal(t, channel.Permanent, channel.ClassOf(err))
	}
}

func TestFind_tells_what_became_of_the_message(t *testing.T) {
	t.Parallel()
	events := func(list ...map[string]any) channeltest.Reply {
		return reply(http.StatusOK, map[string]any{"MessageID": acceptedID, "MessageEvents": list})
	}
	find := func(t *testing.T, details channeltest.Reply) channel.Found {
		t.Helper()
		lister, _ := listing(t, map[string]channeltest.Reply{
			"/messages/outbound":                            list(known(outbound(), acceptedID, time.Now())),
			"/messages/outbound/" + acceptedID + "/details": details,
		})
		finder, ok := lister.(channel.Finder)
		require.True(t, ok)
		found, err := finder.Find(t.Context(), outbound(), time.Now().Add(-time.Minute))
		require.NoError(t, err)
		return found
	}
	delivered := map[string]any{"Recipient": customer, "Type": "Delivered"}
	require.Equal(t, channel.Sent, find(t, channeltest.Reply{Status: 500}).Status)
	require.Equal(t, channel.Delivered, find(t, events(delivered)).Status)
	require.Equal(t, channel.Opened, find(t, events(map[string]any{"Recipient": customer, "Type": "Opened"}, delivered)).Status)
	require.Equal(t, channel.Delivered, find(t, events(delivered, map[string]any{"Recipient": "boss@customer.example", "Type": "Bounced"})).Status)
	bounced := find(t, events(map[string]any{"Recipient": customer, "Type": "Bounced", "Details": map[string]string{"Summary": "no such user"}}))
	require.Equal(t, channel.Bounced, bounced.Status)
	require.Equal(t, "no such user", bounced.Failure.Message)
}
