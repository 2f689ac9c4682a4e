package twilio_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

const listed = `{"messages":[
	{"sid":"SM1","status":"delivered","direction":"outbound-api","from":"` + number + `","to":"` + customer + `","body":"out",
	 "num_segments":"2","num_media":"0","error_code":null,"date_created":"Tue, 17 Mar 2026 22:00:00 +0000",
	 "date_sent":"Tue, 17 Mar 2026 22:00:01 +0000","date_updated":"Tue, 17 Mar 2026 22:00:03 +0000"},
	{"sid":"SM2","status":"undelivered","direction":"outbound-api","from":"whatsapp:` + number + `","to":"whatsapp:` + customer + `",
	 "error_code":63016,"date_created":"Tue, 17 Mar 2026 22:00:00 +0000"},
	{"sid":"MM3","status":"received","direction":"inbound","from":"` + customer + `","to":"` + number + `","body":"in",
	 "num_media":"1","date_created":"Tue, 17 Mar 2026 22:00:00 +0000","date_sent":"Tue, 17 Mar 2026 22:00:01 +0000"},
	{"sid":"SM4","status":"receiving","direction":"inbound","from":"` + customer + `","to":"` + number + `"},
	{"status":"received"}, 7],
	"next_page_uri":"NEXT"}`

// archive stands in for the lists of an account.
func archive(t *testing.T, media channeltest.Reply, next string) *channeltest.StandIn {
	t.Helper()
	return channeltest.NewStandIn(t, func(w http.ResponseWriter, request channeltest.Request) {
		body, status := strings.Replace(listed, "NEXT", next, 1), http.StatusOK
		switch {
		case strings.HasSuffix(request.URL.Path, "/Messages/MM3/Media.json"):
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
	files := channeltest.Reply{Status: 200, Body: `{"media_list":[{"sid":"ME1","content_type":"image/jpeg"}]}`}

	t.Run("tells what the webhooks would have told, by the same keys", func(t *testing.T) {
		t.Parallel()
		at := archive(t, files, "")
		got, err := page(t, at, "")
		require.NoError(t, err)
		require.Equal(t, "2026-03-17T20:59:55Z", at.Requests()[0].URL.Query().Get("DateSent>"))
		require.Equal(t, "calls?", got.Next, "the calls follow")
		require.Len(t, got.Receipts, 2)
		receipt := got.Receipts[0]
		hook, err := connect(t, "").Parse(post(hookURL, form("MessageSid", "SM1", "MessageStatus", "delivered", "From", number, "To", customer)))
		require.NoError(t, err)
		require.Equal(t, hook.Receipts[0].DedupeKey, receipt.DedupeKey)
		require.Equal(t, channel.Delivered, receipt.Status)
		require.Equal(t, 2, receipt.Segments)
		require.Equal(t, account+number, receipt.Account+receipt.From)
		require.Equal(t, time.Date(2026, 3, 17, 22, 0, 3, 0, time.UTC), receipt.OccurredAt)
		require.Contains(t, string(receipt.Part), `"SM1"`)
		require.NotContains(t, string(receipt.Part), `"SM2"`)
		chat := got.Receipts[1]
		require.Equal(t, channel.WhatsApp, chat.Kind)
		require.Equal(t, channel.CodeWindowClosed, chat.Failure.Code)
		require.Equal(t, number, chat.From)
		require.Equal(t, []channel.Inbound{{
			Kind: channel.SMS, ExternalID: "MM3", Account: account, From: customer, To: []string{number}, Body: "in",
			OccurredAt: time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC),
			Media: []channel.Media{{
				URL: at.URL + "/2010-04-01/Accounts/" + account + "/Messages/MM3/Media/ME1", ContentType: "image/jpeg",
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
		at := archive(t, files, elsewhere.URL+"/x?Page=1&PageToken=PASM1")
		first, err := page(t, at, "")
		require.NoError(t, err)
		require.NotEmpty(t, first.Next)
		second, err := page(t, at, first.Next)
		require.NoError(t, err)
		require.Empty(t, second.Delivery)
		last := at.Requests()[len(at.Requests())-1]
		require.Equal(t, "PASM1", last.URL.Query().Get("PageToken"))
		require.True(t, last.URL.Query().Has("DateSent>"))
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

func TestTemplates(t *testing.T) {
	t.Parallel()
	at := channeltest.Answering(t, channeltest.Reply{Status: 200, Body: `{"contents":[
		{"sid":"HX1","friendly_name":"order_shipped","language":"en","variables":{"1":"Ana","2":"A-7"},
		 "types":{"twilio/text":{"body":"Hello {{1}}, order {{2}} has shipped."}},
		 "approval_requests":{"status":"approved","category":"UTILITY","name":"order_shipped"}},
		{"sid":"HX2","friendly_name":"ask","language":"de","types":{"twilio/quick-reply":{"body":"Passt {{day}}?","actions":[]}},
		 "approval_requests":{"status":"rejected","category":"MARKETING"}},
		{"sid":"HX3","types":{"whatsapp/card":{"title":"Card"}},"approval_requests":{"status":"unsubmitted"}}],
		"meta":{"next_page_url":null}}`})
	templater, ok := connect(t, at.URL+"/base").(channel.Templater)
	require.True(t, ok)
	got, err := templater.Templates(t.Context(), channel.WhatsApp, number)
	require.NoError(t, err)
	require.Equal(t, "/base/v1/ContentAndApprovals", at.Requests()[0].URL.Path)
	require.Equal(t, []channel.Template{
		{
			ID: "HX1", Title: "order_shipped", Language: "en", Category: "UTILITY", Status: channel.TemplateApproved,
			Body:       "Hello {{1}}, order {{2}} has shipped.",
			Parameters: []channel.TemplateParameter{{Name: "1", Example: "Ana"}, {Name: "2", Example: "A-7"}},
		},
		{
			ID: "HX2", Title: "ask", Language: "de", Category: "MARKETING", Status: channel.TemplateRejected,
			Body: "Passt {{day}}?", Parameters: []channel.TemplateParameter{{Name: "day"}},
		},
		{ID: "HX3", Title: "HX3", Status: channel.TemplatePending, Body: "Card"},
	}, got)
	require.Equal(t, "Hello Bo, order B has shipped.", got[0].Render(map[string]string{"1": "Bo", "2": "B"}))

	none, err := templater.Templates(t.Context(), channel.SMS, number)
	require.NoError(t, err)
	require.Empty(t, none)
	refused, ok := connect(t, channeltest.Answering(t, testCase().Check.WrongKey).URL).(channel.Templater)
	require.True(t, ok)
	_, err = refused.Templates(t.Context(), channel.WhatsApp, number)
	require.Equal(t, channel.Auth, channel.ClassOf(err))
}
