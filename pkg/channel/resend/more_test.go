package resend_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
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
	message.Automatic, message.Body, message.HTML = true, "", ""
	picture := strings.Repeat("picture", 1000)
	message.Files = []channel.File{fileOf("list.csv", "text/csv", "", "a;b"), fileOf("logo.png", "image/png", "logo@acme", picture)}
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), message)
	require.NoError(t, err)
	request := at.Requests()[0]
	mail := readEmail(request.Content)
	require.Equal(t, []string{"boss@customer.example"}, mail.CC)
	require.Equal(t, []string{"archive@acme.example"}, mail.BCC)
	require.Equal(t, "auto-replied", mail.Headers["Auto-Submitted"])
	require.Equal(t, " ", mail.Text, "the API takes none without a text")
	require.Len(t, mail.Attachments, 2)
	require.Equal(t, "logo@acme", mail.Attachments[1].ContentID)
	plain, err := base64.StdEncoding.DecodeString(mail.Attachments[1].Content)
	require.NoError(t, err)
	require.Equal(t, picture, string(plain))
	require.Less(t, len(request.Content), 2*len(picture), "the SDK alone would write four times as much")
	for _, tag := range mail.Tags {
		require.Regexp(t, `^[A-Za-z0-9_-]{1,256}$`, tag.Value)
	}
}

func TestSend_refuses_what_the_provider_would(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]channel.File{
		"too large": fileOf("film.mp4", "video/mp4", "", strings.Repeat("x", 30<<20)), "a program": fileOf("Setup.EXE", "", "", "x"),
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
	at := channeltest.Answering(t, testCase().Accepted)
	_, err := connect(t, at.URL).Send(t.Context(), outbound())
	require.NoError(t, err)
	tags := map[string]string{}
	for _, tag := range readEmail(at.Requests()[0].Content).Tags {
		tags[tag.Name] = tag.Value
	}
	parse := func(to, kind string, extra map[string]any) channel.Delivery {
		data := map[string]any{"email_id": "e-1", "from": from, "to": []string{to}, "tags": tags}
		maps.Copy(data, extra)
		delivery, err := connect(t, "").Parse(event(kind, data))
		require.NoError(t, err)
		require.Len(t, delivery.Receipts, 1)
		return delivery
	}
	bounce := map[string]any{"bounce": map[string]string{"type": "Permanent", "subType": "General", "message": "no such user"}}

	own := parse("Ana@Customer.example", "email.bounced", bounce)
	require.Equal(t, channel.Bounced, own.Receipts[0].Status)
	require.Empty(t, own.Suppressions, "the receipt says as much")

	copied := parse("boss@customer.example", "email.bounced", bounce)
	require.Empty(t, copied.Receipts[0].Status)
	require.Nil(t, copied.Receipts[0].Failure)
	require.Equal(t, "email.bounced", copied.Receipts[0].ProviderStatus)
	require.Equal(t, []string{"boss@customer.example", channel.SourceBounce, "no such user", "w-1", from}, []string{
		copied.Suppressions[0].Address, copied.Suppressions[0].Source, copied.Suppressions[0].Reason,
		copied.Suppressions[0].WorkspaceID, copied.Suppressions[0].From,
	})
	for _, address := range []string{"boss@customer.example", customer} {
		complaint := parse(address, "email.complained", nil).Suppressions
		require.Equal(t, []string{address, channel.SourceComplaint}, []string{complaint[0].Address, complaint[0].Source})
	}

	suppressed := parse(customer, "email.suppressed", map[string]any{"suppressed": map[string]string{"message": "on the list"}})
	require.Equal(t, channel.Failed, suppressed.Receipts[0].Status)
	require.Equal(t, channel.SourceProvider, suppressed.Suppressions[0].Source)
	require.True(t, suppressed.Suppressions[0].OptedOut)
	require.Equal(t, "on the list", suppressed.Suppressions[0].Reason)

	undetermined := parse(customer, "email.bounced", map[string]any{"bounce": map[string]string{"type": "Undetermined"}})
	require.True(t, undetermined.Receipts[0].Failure.Retryable, "it is not known to be for good")
}

// lists serves the provider's lists; after names the e-mail that a page follows.
func lists(t *testing.T, answers map[string]any) channel.Lister {
	t.Helper()
	at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		answer, ok := answers[request.URL.Path+"?"+request.URL.Query().Get("after")]
		if !ok || request.URL.Query().Get("limit") != "100" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		body, err := json.Marshal(answer)
		if err == nil {
			_, _ = w.Write(body)
		}
	})
	lister, ok := connect(t, at.URL).(channel.Lister)
	require.True(t, ok)
	return lister
}

func TestList_tells_what_the_webhooks_would_have(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	const at, before = "2026-03-17 22:29:01.95173+00", "2026-03-17 21:29:01.95173+00"
	lister := lists(t, map[string]any{
		"/emails?": map[string]any{"has_more": true, "data": []any{
			map[string]any{"id": "e-1", "from": from, "to": []string{customer}, "created_at": at, "last_event": "delivered", "cc": nil},
			map[string]any{"id": "e-2", "from": from, "to": []string{customer}, "created_at": at, "last_event": "bounced"},
			map[string]any{"id": "e-3", "from": from, "to": []string{customer}, "created_at": at, "last_event": "teleported"},
		}},
		"/emails?e-3": map[string]any{"has_more": true, "data": []any{
			map[string]any{"id": "e-0", "from": from, "to": []string{customer}, "created_at": before, "last_event": "delivered"},
		}},
		"/emails/receiving?": map[string]any{"has_more": false, "data": []any{
			map[string]any{
				"id": "in-1", "from": customer, "to": []string{"support+tok@acme.example"}, "cc": []string{"boss@customer.example"},
				"created_at": at, "subject": "Frage", "message_id": "<new@customer.example>",
				"attachments": []any{map[string]any{"id": "a", "filename": "a.png", "content_type": "image/png", "content_id": nil}},
			},
			map[string]any{"id": "in-2", "from": customer, "to": []string{}, "created_at": at},
		}},
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
	require.Len(t, all.Receipts, 3)
	require.Equal(t, channel.Delivered, all.Receipts[0].Status)
	require.Equal(t, "e-1", all.Receipts[0].ExternalID)
	require.Equal(t, from, all.Receipts[0].From)
	require.Equal(t, channel.Bounced, all.Receipts[1].Status)
	require.True(t, all.Receipts[1].Failure.Retryable, "the list does not say that it is for good")
	require.Empty(t, all.Receipts[2].Status)
	require.Len(t, all.Inbound, 1)
	require.Equal(t, "in-1", all.Inbound[0].ExternalID)
	require.Equal(t, []string{"support+tok@acme.example", "boss@customer.example"}, all.Inbound[0].To)
	require.Equal(t, []string{"boss@customer.example"}, all.Inbound[0].Cc)
	require.Equal(t, "a.png", all.Inbound[0].Media[0].Filename)
}

func TestList_says_what_failed(t *testing.T) {
	t.Parallel()
	lister := lists(t, nil)
	_, err := lister.List(t.Context(), time.Now(), "")
	require.Equal(t, channel.Retryable, channel.ClassOf(err))
	_, err = lister.List(t.Context(), time.Now(), "elsewhere:1")
	require.Equal(t, channel.Permanent, channel.ClassOf(err))
}

func TestComplete_reads_every_page_of_files_and_the_marks_of_a_program(t *testing.T) {
	t.Parallel()
	at := channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		switch request.URL.Path + "?" + request.URL.Query().Get("after") {
		case "/emails/receiving/in-1?":
			_, _ = io.WriteString(w, `{"text":"I am away","headers":{"auto-submitted":"auto-replied","references":"<a@b.example>\r\n <c@d.example>"}}`)
		case "/emails/receiving/in-1/attachments?":
			_, _ = io.WriteString(w, `{"has_more":true,"data":[{"id":"1","filename":"../a.png","content_id":"<img1>","download_url":"https://files.example/1"}]}`)
		case "/emails/receiving/in-1/attachments?1":
			_, _ = io.WriteString(w, `{"has_more":false,"data":[{"id":"2","filename":"b.pdf","content_type":"application/pdf; x=y","download_url":"https://files.example/2"}]}`)
		}
	})
	completer, ok := connect(t, at.URL).(channel.Completer)
	require.True(t, ok)
	inbound := channel.Inbound{ExternalID: "in-1", Media: []channel.Media{{Filename: "a.png"}}}
	require.NoError(t, completer.Complete(t.Context(), &inbound))
	require.True(t, inbound.Automatic)
	require.Equal(t, []string{"a@b.example", "c@d.example"}, inbound.References)
	require.Equal(t, []channel.Media{
		{URL: "https://files.example/1", Filename: "a.png", ContentID: "img1"},
		{URL: "https://files.example/2", Filename: "b.pdf", ContentType: "application/pdf"},
	}, inbound.Media)
}
