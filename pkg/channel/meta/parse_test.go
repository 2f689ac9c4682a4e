package meta_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/channeltest"
)

func parsed(t *testing.T, webhook channel.Webhook) channel.Delivery {
	t.Helper()
	delivery, err := connect(t, "").Parse(webhook)
	require.NoError(t, err)
	return delivery
}

func TestParse_several_tenants_in_one_body(t *testing.T) {
	t.Parallel()
	value := func(waba, shown, rest string) string {
		return `{"id":"` + waba + `","changes":[{"field":"messages","value":{"metadata":{"display_phone_number":"` + shown + `"},` + rest + `}}]}`
	}
	delivery := parsed(t, post(`{"object":"whatsapp_business_account","entry":[`+
		value("1", "14055550111", `"contacts":[{"wa_id":"14055550123","profile":{"name":"Ana"}},{"wa_id":"14055550124","profile":{"name":"Bo"}}],
			"messages":[{"from":"14055550124","id":"wamid.b","type":"text","text":{"body":"from Bo"}},{"from":"14055550123","id":"wamid.a","type":"text","text":{"body":"from Ana"}}]`)+","+
		value("2", "14055550222", `"statuses":[{"id":"wamid.o","status":"delivered","timestamp":"1773786600","recipient_id":"1"},{"id":"wamid.o","status":"read"}]`)+`]}`))
	require.Len(t, delivery.Inbound, 2)
	require.Equal(t, "Bo", delivery.Inbound[0].FromName)
	require.Equal(t, []string{"+14055550111"}, delivery.Inbound[1].To)
	require.Contains(t, string(delivery.Inbound[1].Part), "from Ana")
	require.NotContains(t, string(delivery.Inbound[1].Part), "Bo", "none sees the news of another")
	require.Len(t, delivery.Receipts, 2)
	require.Equal(t, "2+14055550222", delivery.Receipts[0].Account+delivery.Receipts[0].From)
	require.NotEqual(t, delivery.Receipts[0].DedupeKey, delivery.Receipts[1].DedupeKey)
	require.Contains(t, string(delivery.Receipts[0].Part), "delivered")
	require.NotContains(t, string(delivery.Receipts[0].Part), "read")
}

func TestParse_a_failure(t *testing.T) {
	t.Parallel()
	failure := func(errors string) channel.Failure {
		delivery := parsed(t, hook("messages", `"statuses":[{"id":"wamid.o","status":"failed","errors":`+errors+`}]`))
		require.NotNil(t, delivery.Receipts[0].Failure)
		return *delivery.Receipts[0].Failure
	}
	closed := failure(`[{"code":131047,"title":"Re-engagement message"}]`)
	require.Equal(t, channel.CodeWindowClosed, closed.Code)
	require.Equal(t, "131047", closed.ProviderCode)
	require.Equal(t, "The customer last wrote more than 24 hours ago.", closed.Message, "a known code is said in plain words")
	require.Equal(t, "Own words.", failure(`[{"code":"131047","title":"x","error_data":{"details":"Own words."}}]`).Message)
	require.Equal(t, "Something new", failure(`[{"code":999,"title":"Something new"}]`).Message)
	require.Equal(t, channel.CodeProviderFailed, failure(`[]`).Code)
}

func TestParse_what_a_customer_wants_to_receive(t *testing.T) {
	t.Parallel()
	preference := func(value string) []channel.Suppression {
		return parsed(t, hook("user_preferences", `"user_preferences":[{"wa_id":"14055550123","user_id":"`+scoped+
			`","detail":"User requested to stop marketing messages","category":"marketing_messages","value":"`+value+`","timestamp":1773786600}]`)).Suppressions
	}
	stopped := preference("stop")
	require.Len(t, stopped, 2, "the customer goes by two addresses")
	require.Equal(t, scoped, stopped[0].Address)
	require.Equal(t, customer, stopped[1].Address)
	require.True(t, stopped[1].OptedOut)
	require.Equal(t, number+account, stopped[1].From+stopped[1].Account)
	require.Equal(t, channel.SourceUnsubscribe, stopped[1].Source)
	require.Equal(t, time.Date(2026, 3, 17, 22, 30, 0, 0, time.UTC), stopped[1].OccurredAt)
	require.False(t, preference("resume")[0].OptedOut)
	require.NotEqual(t, stopped[1].DedupeKey, preference("resume")[1].DedupeKey)
	require.Empty(t, preference("perhaps"))
}

func TestParse_keeps_apart_what_it_cannot_read(t *testing.T) {
	t.Parallel()
	delivery := parsed(t, hook("messages", `"contacts":[{"wa_id":"14055550123"}],"messages":[{"id":7,"text":[]},`+
		`{"from":"14055550123","id":"wamid.a","type":"text","text":{"body":"good"}}],"statuses":["x"]`))
	require.Len(t, delivery.Inbound, 2)
	require.Empty(t, delivery.Inbound[0].ExternalID, "it names no message, so it is kept apart")
	require.NotEmpty(t, delivery.Inbound[0].Part)
	require.Equal(t, "good", delivery.Inbound[1].Body)
	require.Empty(t, delivery.Receipts[0].ExternalID)
	nobody := parsed(t, hook("messages", `"messages":[{"id":"wamid.x","type":"text","text":{"body":"from nobody"}}]`))
	require.Empty(t, nobody.Inbound[0].ExternalID)
}

func TestParse_says_everything_in_words(t *testing.T) {
	t.Parallel()
	body := func(rest string) channel.Inbound {
		return parsed(t, hook("messages", `"contacts":[{"wa_id":"14055550123"}],"messages":[{"from":"14055550123","id":"wamid.a",`+rest+`}]`)).Inbound[0]
	}
	for rest, want := range map[string]string{
		`"type":"reaction","reaction":{"message_id":"wamid.r"}`:                                                                    "Took the reaction back.",
		`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"1","title":"Yes"}}`:                       "Yes",
		`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{}"}}`:   "Sent",
		`"type":"interactive","interactive":{"type":"dance"}`:                                                                      `An answer of the type "dance", which cannot be shown here.`,
		`"type":"order","order":{"catalog_id":"c","text":"soon","product_items":[{"product_retailer_id":"tea","quantity":2}]}`:     "Order of 1 items:\n2 × tea\nsoon",
		`"type":"unsupported","errors":[{"code":131051,"title":"Message type unknown","error_data":{"details":"Not supported."}}]`: `A message of the type "unsupported", which cannot be shown here. Not supported.`,
		`"type":"text","text":{"body":""}`: "",
	} {
		require.Equal(t, want, body(rest).Body, rest)
	}
	moved := body(`"type":"system","system":{"body":"User A changed from 1 to 2","type":"user_changed_number"}`)
	require.True(t, moved.Automatic)
	require.Equal(t, "User A changed from 1 to 2", moved.Body)
}

func TestComplete(t *testing.T) {
	t.Parallel()
	inbound := func() *channel.Inbound {
		return &channel.Inbound{Media: []channel.Media{{URL: "https://graph.facebook.com/42"}, {URL: "https://files.example.test/x"}}}
	}
	complete := func(t *testing.T, reply channeltest.Reply) (*channel.Inbound, *channeltest.StandIn, error) {
		t.Helper()
		at := channeltest.Answering(t, reply)
		completer, ok := connect(t, at.URL).(channel.Completer)
		require.True(t, ok)
		one := inbound()
		return one, at, completer.Complete(t.Context(), one)
	}

	t.Run("asks for the address of each file of ours", func(t *testing.T) {
		t.Parallel()
		got, at, err := complete(t, channeltest.Reply{Status: 200, Body: `{"url":"https://lookaside.fbsbx.com/x?mid=42","mime_type":"image/jpeg","id":"42"}`})
		require.NoError(t, err)
		require.Equal(t, "https://lookaside.fbsbx.com/x?mid=42", got.Media[0].URL)
		require.Equal(t, "https://files.example.test/x", got.Media[1].URL)
		require.Equal(t, "/v23.0/42", at.Requests()[0].URL.Path)
		require.Len(t, at.Requests(), 1)
	})

	t.Run("the message comes without a file that is gone, and again when the vendor is away", func(t *testing.T) {
		t.Parallel()
		got, _, err := complete(t, refusal(400, 100, "Object does not exist"))
		require.NoError(t, err)
		require.Equal(t, inbound(), got)
		_, _, err = complete(t, testCase().Check.WrongKey)
		require.NoError(t, err)
		for _, reply := range []channeltest.Reply{{Status: 503}, refusal(400, 4, "slow down"), {Status: 200, Body: "<html>"}} {
			_, _, err = complete(t, reply)
			require.Contains(t, []channel.Class{channel.UnknownOutcome, channel.RateLimited}, channel.ClassOf(err))
		}
	})
}

func TestAuthorizeMedia_gives_the_token_to_the_vendor_alone(t *testing.T) {
	t.Parallel()
	given := func(base, at string) bool {
		authorizer, ok := connect(t, base).(channel.MediaAuthorizer)
		require.True(t, ok)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		require.NoError(t, err)
		authorizer.AuthorizeMedia(request)
		return request.Header.Get("Authorization") == "Bearer "+token
	}
	for at, want := range map[string]bool{
		"https://lookaside.fbsbx.com/x": true, "https://graph.facebook.com/v23.0/42": true, "https://mmg.whatsapp.net/x": true,
		"http://lookaside.fbsbx.com/x": false, "https://fbsbx.com.example.com/x": false, "https://evilfbsbx.com/x": false,
		"https://files.example.test/x": false,
	} {
		require.Equal(t, want, given("", at), at)
	}
	require.True(t, given("http://127.0.0.1:8090/meta", "http://127.0.0.1:8090/meta/files/42"))
	require.False(t, given("http://127.0.0.1:8090/meta", "https://lookaside.fbsbx.com/x"))
}

func TestVerify_takes_no_older_signature(t *testing.T) {
	t.Parallel()
	webhook := post(`{"object":"page"}`)
	webhook.Header.Set("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000")
	require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature)
	sign(&webhook, secret)
	require.NoError(t, connect(t, "").Verify(webhook))
	signed := webhook.Header.Get("X-Hub-Signature-256")
	for _, other := range []string{strings.TrimPrefix(signed, "sha256="), "sha1=" + signed[7:], signed[:len(signed)-2], signed + "00", "sha256=zz"} {
		webhook.Header.Set("X-Hub-Signature-256", other)
		require.ErrorIs(t, connect(t, "").Verify(webhook), channel.ErrBadSignature, other)
	}
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	handshaker, ok := connect(t, "").(channel.Handshaker)
	require.True(t, ok)
	ask := func(method, query string) (channel.Reply, bool) {
		return handshaker.Handshake(channel.Webhook{Method: method, URL: hookURL + query})
	}
	reply, is := ask(http.MethodGet, "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="+secret)
	require.True(t, is)
	require.Equal(t, channel.Reply{Status: 200, ContentType: "text/plain; charset=utf-8", Body: "1158201444"}, reply)
	for _, query := range []string{"&hub.verify_token=wrong", "", "&hub.verify_token=" + secret + "x", "&hub.verify_token=" + secret + "&hub.challenge=" + strings.Repeat("1", 1025)} {
		reply, is = ask(http.MethodGet, "?hub.mode=subscribe"+query)
		require.True(t, is)
		require.Equal(t, query == "&hub.verify_token="+secret, reply.Status == 200, query)
	}
	for _, other := range []struct{ method, query string }{
		{http.MethodPost, "?hub.mode=subscribe&hub.verify_token=" + secret}, {http.MethodGet, ""}, {http.MethodGet, "?hub.mode=unsubscribe"},
	} {
		_, is = ask(other.method, other.query)
		require.False(t, is)
	}
}
