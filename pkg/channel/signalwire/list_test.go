package signalwire_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func TestSend_with_files(t *testing.T) {
	t.Parallel()

	t.Run("each is fetched at its own address", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		message := outbound()
		message.Body = ""
		message.Files = []channel.File{{Filename: "a", URL: "https://files.example.test/a"}, {Filename: "b", URL: "https://files.example.test/b"}}
		accepted, err := connect(t, at.URL).Send(t.Context(), message)
		require.NoError(t, err)
		require.Equal(t, 1, accepted.Segments)
		values, err := url.ParseQuery(string(at.Requests()[0].Content))
		require.NoError(t, err)
		require.Equal(t, []string{"https://files.example.test/a", "https://files.example.test/b"}, values["MediaUrl"])
		require.False(t, values.Has("Body"), "a picture alone has no text")
	})

	t.Run("one without an address is not sent", func(t *testing.T) {
		t.Parallel()
		at := channeltest.Answering(t, testCase().Accepted)
		message := outbound()
		message.Files = []channel.File{{Filename: "a.png"}}
		_, err := connect(t, at.URL).Send(t.Context(), message)
		require.Equal(t, channel.Permanent, channel.ClassOf(err))
		require.Equal(t, channel.CodeFileUnavailable, channel.FailureOf(err).Code)
		require.Empty(t, at.Requests())
	})
}

func TestFind_compares_the_files(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
	message := outbound()
	message.Files = []channel.File{{Filename: "a", URL: "https://files.example.test/a"}}
	plain, pictured := entry("plain", message.Body, since), entry("pictured", message.Body, since)
	pictured["num_media"] = 1
	finder, ok := connect(t, channeltest.Answering(t, list(plain, pictured)).URL).(channel.Finder)
	require.True(t, ok)
	found, err := finder.Find(t.Context(), message, since)
	require.NoError(t, err)
	require.Equal(t, "pictured", found.ExternalID)
	found, err = finder.Find(t.Context(), outbound(), since)
	require.NoError(t, err)
	require.Equal(t, "plain", found.ExternalID)
}

const listed = `{"messages":[
	{"sid":"m1","status":"delivered","direction":"outbound-api","from":"` + number + `","to":"` + customer + `","body":"out",
	 "num_segments":2,"num_media":0,"error_code":null,"date_created":"Tue, 17 Mar 2026 22:00:00 +0000",
	 "date_sent":"Tue, 17 Mar 2026 22:00:01 +0000","date_updated":"Tue, 17 Mar 2026 22:00:03 +0000","status_callback":"` + statusURL + `"},
	{"sid":"m2","status":"undelivered","direction":"outbound-api","from":"` + number + `","to":"` + customer + `",
	 "error_code":"30005","date_created":"Tue, 17 Mar 2026 22:00:00 +0000"},
	{"sid":"m3","status":"received","direction":"inbound","from":"` + customer + `","to":"` + number + `","body":"in",
	 "num_media":1,"date_created":"Tue, 17 Mar 2026 22:00:00 +0000","date_sent":"Tue, 17 Mar 2026 22:00:01 +0000"},
	{"sid":"m4","status":"receiving","direction":"inbound","from":"` + customer + `","to":"` + number + `"},
	{"sid":"m5","status":"sent","direction":"outbound-api","date_created":"Tue, 17 Mar 2026 03:00:00 +0000"},
	{"status":"received"}, 7],
	"next_page_uri":"NEXT"}`

// archive stands in for the lists of a project.
func archive(t *testing.T, media channeltest.Reply, next string) *channeltest.StandIn {
	t.Helper()
	return channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		body, status := strings.Replace(listed, "NEXT", next, 1), http.StatusOK
		switch {
		case strings.HasSuffix(request.URL.Path, "/Messages/m3/Media"):
			body, status = media.Body, media.Status
		case request.URL.Query().Get("Page") != "":
			body = `{"messages":[],"next_page_uri":null}`
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func page(t *testing.T, at *channeltest.StandIn, cursor string) (channel.Page, error) {
	t.Helper()
	lister, ok := connect(t, at.URL).(channel.Lister)
	require.True(t, ok)
	return lister.List(t.Context(), time.Date(2026, 3, 17, 21, 0, 0, 0, time.UTC), cursor)
}

func TestList(t *testing.T) {
	t.Parallel()
	files := channeltest.Reply{Status: 200, Body: `{"media_list":[{"sid":"f1","content_type":"image/jpeg"}]}`}

	t.Run("tells what the webhooks would have told, by the same keys", func(t *testing.T) {
		t.Parallel()
		at := archive(t, files, "")
		got, err := page(t, at, "")
		require.NoError(t, err)
		require.Equal(t, "2026-03-17", at.Requests()[0].URL.Query().Get("DateSent>"))
		require.Equal(t, "calls?", got.Next, "the calls follow")
		require.Len(t, got.Receipts, 2, "what is older than asked for is left out")
		receipt := got.Receipts[0]
		hook, err := connect(t, "http://127.0.0.1").Parse(post(statusURL, form("MessageSid", "m1", "MessageStatus", "delivered", "From", number, "To", customer)))
		require.NoError(t, err)
		require.Equal(t, hook.Receipts[0].DedupeKey, receipt.DedupeKey)
		require.Equal(t, channel.Delivered, receipt.Status)
		require.Equal(t, "m-1", receipt.MessageID, "the callback in the list carries our ids")
		require.Equal(t, 2, receipt.Segments)
		require.Equal(t, project+number, receipt.Account+receipt.From)
		require.Equal(t, time.Date(2026, 3, 17, 22, 0, 3, 0, time.UTC), receipt.OccurredAt)
		require.Contains(t, string(receipt.Part), `"m1"`)
		require.NotContains(t, string(receipt.Part), `"m2"`)
		require.Equal(t, channel.CodeInvalidRecipient, got.Receipts[1].Failure.Code)
		require.Equal(t, []channel.Inbound{{
			Kind: channel.SMS, ExternalID: "m3", Account: project, From: customer, To: []string{number}, Body: "in",
			OccurredAt: time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC),
			Media: []channel.Media{{
				URL: at.URL + "/api/laml/2010-04-01/Accounts/" + project + "/Messages/m3/Media/f1", ContentType: "image/jpeg",
			}},
		}}, got.Inbound)
	})

	t.Run("a message whose files are gone comes without, one whose files must wait does not come", func(t *testing.T) {
		t.Parallel()
		got, err := page(t, archive(t, channeltest.Reply{Status: 404}, ""), "")
		require.NoError(t, err)
		require.Empty(t, got.Inbound[0].Media)
		_, err = page(t, archive(t, channeltest.Reply{Status: 503}, ""), "")
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
	})

	t.Run("follows pages at its own place alone", func(t *testing.T) {
		t.Parallel()
		elsewhere := channeltest.Answering(t, list())
		at := archive(t, files, elsewhere.URL+"/x?Page=1")
		first, err := page(t, at, "")
		require.NoError(t, err)
		second, err := page(t, at, first.Next)
		require.NoError(t, err)
		require.Empty(t, second.Delivery)
		require.Equal(t, "1", at.Requests()[len(at.Requests())-1].URL.Query().Get("Page"))
		require.Empty(t, elsewhere.Requests())
	})

	t.Run("a refusal and a page that is none are errors", func(t *testing.T) {
		t.Parallel()
		_, err := page(t, channeltest.Answering(t, testCase().Check.WrongKey), "")
		require.Equal(t, channel.Auth, channel.ClassOf(err))
		for _, body := range []string{"<html>", "{}", "[]"} {
			_, err = page(t, channeltest.Answering(t, channeltest.Reply{Status: 200, Body: body}), "")
			require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err), body)
		}
	})
}

func TestAuthorizeMedia_gives_the_credential_to_the_project_alone(t *testing.T) {
	t.Parallel()
	authorizer, ok := connect(t, "https://example.signalwire.com").(channel.MediaAuthorizer)
	require.True(t, ok)
	const files = "/api/laml/2010-04-01/Accounts/" + project + "/Messages/m/Media/f"
	for at, want := range map[string]bool{
		"https://example.signalwire.com" + files:                                               true,
		"https://example.signalwire.com/api/laml/2010-04-01/Accounts/other/Messages/m/Media/f": false,
		"http://example.signalwire.com" + files:                                                false,
		"https://example.signalwire.com.example.com" + files:                                   false,
		"https://files.example.test/f":                                                         false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		require.NoError(t, err)
		authorizer.AuthorizeMedia(request)
		_, _, given := request.BasicAuth()
		require.Equal(t, want, given, at)
	}
}
