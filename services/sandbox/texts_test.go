package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func TestTextIsAnsweredInTheProvidersShape(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	got := h.text(t, "+14055550123")
	require.Equal(t, http.StatusCreated, got.status)
	told := got.json(t)
	keys := slices.Sorted(maps.Keys(told))
	require.Equal(t, []string{
		"account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction", "error_code",
		"error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price", "price_unit", "sid",
		"status", "subresource_uris", "to", "uri",
	}, keys)
	require.Equal(t, "queued", told["status"])
	require.InDelta(t, 1, told["num_segments"], 0, "a number, not a text")
	require.Nil(t, told["error_code"])
	items := h.received(t, "+14055550123")
	require.Len(t, items, 1)
	require.Equal(t, told["sid"], items[0]["id"])
	require.Equal(t, "+15002000001", items[0]["from"])
}

func TestTextCountsItsSegments(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for body, want := range map[string]float64{
		"hello": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("€", 81): 2,
		strings.Repeat("й", 70): 1, strings.Repeat("й", 71): 2, strings.Repeat("👍", 36): 2,
	} {
		form := h.form("+14055550123")
		form.Set("Body", body)
		require.InDelta(t, want, h.do(t, h.textRequest(t, form)).json(t)["num_segments"], 0, body)
	}
}

func TestTextIsRefusedWithTheProvidersCode(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for name, tc := range map[string]struct {
		set    url.Values
		status int
		code   float64
	}{
		"no number":            {url.Values{"To": {""}}, 422, 21604},
		"a malformed number":   {url.Values{"To": {"12"}}, 422, 21211},
		"a number nobody has":  {url.Values{"To": {"+14055550000"}}, 422, 21211},
		"an opted-out number":  {url.Values{"To": {"+14055550001"}}, 422, 21610},
		"no sender":            {url.Values{"From": {""}}, 422, 21603},
		"a foreign sender":     {url.Values{"From": {"+14155550100"}}, 422, 21606},
		"no body":              {url.Values{"Body": {""}}, 422, 21602},
		"a body too long":      {url.Values{"Body": {strings.Repeat("ü", 1601)}}, 422, 21617},
		"too many media":       {url.Values{"MediaUrl": slices.Repeat([]string{"http://x.test/a"}, 9)}, 422, 21623},
		"a malformed callback": {url.Values{"StatusCallback": {"nowhere"}}, 422, 21609},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := h.form("+14055550123")
			maps.Copy(form, tc.set)
			got := h.do(t, h.textRequest(t, form))
			require.Equal(t, tc.status, got.status)
			require.InDelta(t, tc.code, got.json(t)["code"], 0)
		})
	}
	form := h.form("+14055550123")
	form.Set("Body", strings.Repeat("ü", 1600))
	require.Equal(t, http.StatusCreated, h.do(t, h.textRequest(t, form)).status)
}

func TestTextNeedsTheProjectsToken(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for user, password := range map[string]string{"": "", sandbox.SignalWireProject: "wrong", "other": sandbox.SignalWireToken} {
		request := h.textRequest(t, h.form("+14055550123"))
		request.SetBasicAuth(user, password)
		got := h.do(t, request)
		require.Equal(t, http.StatusUnauthorized, got.status)
		require.InDelta(t, 20003, got.json(t)["code"], 0)
	}
	request := h.textRequest(t, h.form("+14055550123"))
	request.URL.Path = "/signalwire/api/laml/2010-04-01/Accounts/other/Messages"
	require.Equal(t, http.StatusNotFound, h.do(t, request).status)
	require.Empty(t, h.received(t, "+14055550123"))
}

func TestTextTellsItsStatusesSigned(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	sid := h.text(t, "+14055550123").json(t)["sid"]
	statuses := []string{}
	for _, post := range h.arrived(t, 4) {
		form := post.form(t)
		require.Equal(t, "/api/webhooks/signalwire", post.path)
		require.Equal(t, "messageId=m1&attempt=2", post.query)
		require.Equal(t, sid, form.Get("MessageSid"))
		require.Equal(t, sandbox.SignalWireProject, form.Get("AccountSid"))
		require.Equal(t, signature(h.webhooks+post.path+"?"+post.query, form), post.header.Get("X-SignalWire-Signature"))
		statuses = append(statuses, form.Get("MessageStatus"))
	}
	require.ElementsMatch(t, []string{"queued", "sending", "sent", "delivered"}, statuses)
}

// signature is written down once more here, from the description of the scheme.
func signature(rawURL string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(sandbox.SignalWireSigningKey))
	mac.Write([]byte(rawURL))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(name + strings.Join(form[name], name)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestTextToAnUnreachableNumberEndsUndelivered(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	sid, _ := h.text(t, "+14055550002").json(t)["sid"].(string)
	posts := h.arrived(t, 4)
	last := slices.IndexFunc(posts, func(p hook) bool { return p.form(t).Get("MessageStatus") == "undelivered" })
	require.NotEqual(t, -1, last)
	require.Equal(t, "30003", posts[last].form(t).Get("ErrorCode"))
	told := h.look(t, "/Messages/"+sid).json(t)
	require.Equal(t, "undelivered", told["status"])
	require.Equal(t, "30003", told["error_code"])
	require.Empty(t, h.received(t, "+14055550002"))
}

func TestTextWithMediaNeverGetsPastSent(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	form := h.form("+14055550123")
	form.Set("MediaUrl", "http://files.example.test/photo.jpg")
	sid, _ := h.do(t, h.textRequest(t, form)).json(t)["sid"].(string)
	h.arrived(t, 3)
	require.Equal(t, "sent", h.look(t, "/Messages/"+sid).json(t)["status"])
}

func TestTextsAreListedByNumberAndDay(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	for range 3 {
		h.text(t, "+14055550123")
	}
	h.text(t, "+14055550199")
	list := func(query string) []any {
		texts, ok := h.look(t, "/Messages.json?"+query).json(t)["messages"].([]any)
		require.True(t, ok)
		return texts
	}
	today := time.Now().UTC().Format(time.DateOnly)
	require.Len(t, list("To=%2B14055550123&From=%2B15002000001&DateSent="+today), 3)
	require.Empty(t, list("To=%2B14055550123&DateSent=2001-01-01"))
	require.Len(t, list("DateSent%3E=2001-01-01&DateSent%3C=2999-01-01"), 4)
	require.Len(t, list("PageSize=3"), 3)
	require.Len(t, list("PageSize=3&Page=1"), 1)
	first := h.look(t, "/Messages?PageSize=3").json(t)
	require.Contains(t, first["next_page_uri"], "Page=1")
	require.Nil(t, h.look(t, "/Messages?PageSize=3&Page=1").json(t)["next_page_uri"])
}

func TestNumbersAndAccountAnswerTheCredentialCheck(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	mine, _ := h.look(t, "/IncomingPhoneNumbers?PhoneNumber=%2B15002000001").json(t)["incoming_phone_numbers"].([]any)
	require.Len(t, mine, 1)
	foreign, _ := h.look(t, "/IncomingPhoneNumbers?PhoneNumber=%2B14155550100").json(t)["incoming_phone_numbers"].([]any)
	require.Empty(t, foreign)
	require.Equal(t, sandbox.SignalWireProject, h.look(t, "").json(t)["sid"])
	require.Equal(t, http.StatusNotFound, h.look(t, "/Faxes").status)
	require.Equal(t, http.StatusNotFound, h.look(t, "/Messages/none").status)
}

func TestCustomersTextArrivesSigned(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	got := h.own(t, http.MethodPost, "/api/messages", map[string]string{
		"channel": "sms", "from": "+14055550123", "to": "+15002000001", "body": "ok 👍",
	})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	post := h.arrived(t, 1)[0]
	form := post.form(t)
	require.Equal(t, "/api/webhooks/signalwire", post.path)
	require.Equal(t, signature(h.webhooks+post.path, form), post.header.Get("X-SignalWire-Signature"))
	require.Equal(t, "ok 👍", form.Get("Body"))
	require.Equal(t, "+15002000001", form.Get("To"))
	require.Equal(t, got.json(t)["id"], form.Get("MessageSid"))
	require.Eventually(t, func() bool {
		return h.own(t, http.MethodGet, "/api/outgoing?from=%2B14055550123", nil).items(t)[0]["state"] == "taken"
	}, patience, 2*time.Millisecond)
}
