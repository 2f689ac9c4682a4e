package sandbox_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// over waits until a call is over.
func (h *house) over(t *testing.T, item map[string]any) map[string]any {
	t.Helper()
	var now map[string]any
	require.Eventually(t, func() bool {
		now = h.own(t, http.MethodGet, "/api/calls/"+item["id"].(string), nil).json(t)
		return now["endedAt"] != nil
	}, patience, 2*time.Millisecond)
	return now
}

func TestACallWithoutInstructionsEnds(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a broken document":    `<Response><Say>`,
		"another language":     `{"say":"hello"}`,
		"a verb nobody knows":  `<Response><Teleport/></Response>`,
		"a place of elsewhere": `<Response><Redirect>https://example.net/</Redirect></Response>`,
		"a circle":             `<Response><Redirect>?again</Redirect></Response>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := phones(t, nil)
			h.mu.Lock()
			h.document = func(hook) string { return body }
			h.mu.Unlock()
			now := h.over(t, h.callUs(t))
			require.Equal(t, "failed", now["state"])
			require.Equal(t, []any{"We are sorry. An application error has occurred. Goodbye."}, now["said"])
		})
	}
	t.Run("an empty document", func(t *testing.T) {
		t.Parallel()
		h := phones(t, nil)
		incoming := h.callUs(t)
		require.Equal(t, "completed", h.over(t, incoming)["state"])
		require.Equal(t, incoming["id"], h.told(t, has("CallbackSource", "call-progress-events")).Get("CallSid"), "its end is told")
	})
	t.Run("a call turned down", func(t *testing.T) {
		t.Parallel()
		h := phones(t, map[string]string{"": `<Reject reason="busy"/>`})
		require.Equal(t, "busy", h.over(t, h.callUs(t))["state"])
	})
	t.Run("webhooks that are lost", func(t *testing.T) {
		t.Parallel()
		h := phones(t, map[string]string{"": ringBoth})
		h.fault(t, map[string]any{"provider": "signalwire", "dropCallbacks": true})
		require.Equal(t, "failed", h.over(t, h.callUs(t))["state"])
	})
}

func TestRepeatedWebhooksRingOnce(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{"": ringBoth})
	h.fault(t, map[string]any{"provider": "signalwire", "duplicateCallbacks": true})
	h.callUs(t)
	h.press(t, h.phone(t, benPhone, "ringing"), "answer", nil)
	h.press(t, h.phone(t, benPhone, "in_progress"), "hang-up", nil)
	h.phone(t, caller, "completed")
	require.Len(t, h.own(t, http.MethodGet, "/api/calls", nil).items(t), 3)
	h.told(t, has("DialCallStatus", "completed"))
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(slices.DeleteFunc(slices.Clone(h.hooks), func(one hook) bool { return !has("DialCallStatus", "completed")(one.form(t)) })) == 2
	}, patience, 2*time.Millisecond, "the webhook is posted twice, and followed once")
}

func TestShuffledNewsOfACallKeepsNoOrder(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{"answered": "<Hangup/>"})
	h.fault(t, map[string]any{"provider": "signalwire", "shuffleCallbacks": true})
	placed := h.placeCall(t, nil).json(t)
	h.press(t, h.phone(t, annPhone, "ringing"), "answer", nil)
	h.phone(t, annPhone, "completed")
	var states []string
	require.Eventually(t, func() bool {
		states = h.statesOf(t, placed["sid"].(string))
		return len(states) == 4
	}, patience, 2*time.Millisecond)
	require.NotEqual(t, []string{"initiated", "ringing", "in-progress", "completed"}, states)
	require.ElementsMatch(t, []string{"initiated", "ringing", "in-progress", "completed"}, states)
}

func TestPhonesAreAnsweredOnceAndInTheirState(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{"answered": `<Pause length="600"/>`})
	placed := h.placeCall(t, nil).json(t)
	ann := h.phone(t, annPhone, "ringing")
	require.Equal(t, http.StatusConflict, h.press(t, ann, "speak", map[string]string{"text": "x"}).status)
	require.Equal(t, http.StatusConflict, h.press(t, ann, "hang-up", nil).status, "a phone that rings is declined")
	require.Equal(t, http.StatusOK, h.press(t, ann, "answer", nil).status)
	require.Equal(t, http.StatusConflict, h.press(t, ann, "answer", nil).status)
	require.Equal(t, http.StatusConflict, h.press(t, ann, "decline", nil).status)
	require.Equal(t, http.StatusUnprocessableEntity, h.press(t, ann, "speak", map[string]string{"text": " "}).status)
	require.Equal(t, http.StatusNotFound, h.press(t, map[string]any{"id": "none"}, "answer", nil).status)
	require.Equal(t, "in-progress", h.look(t, "/Calls/"+placed["sid"].(string)).json(t)["status"])
	update := h.update(t, placed["sid"].(string), url.Values{"Status": {"completed"}})
	require.Equal(t, http.StatusOK, update.status)
	require.Equal(t, "completed", update.json(t)["status"])
	require.Equal(t, http.StatusUnprocessableEntity, h.update(t, placed["sid"].(string), url.Values{"Status": {"completed"}}).status)
}

func (h *house) update(t *testing.T, sid string, form url.Values) reply {
	t.Helper()
	request := h.request(t, http.MethodPost, accounts+"/Calls/"+sid, form.Encode())
	request.SetBasicAuth(sandbox.SignalWireProject, sandbox.SignalWireToken)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(t, request)
}

func TestACallTakesAnotherDocumentOnTheWay(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{"answered": `<Pause length="600"/>`, "other": `<Say>Something else</Say>`})
	placed := h.placeCall(t, nil).json(t)
	h.press(t, h.phone(t, annPhone, "ringing"), "answer", nil)
	got := h.update(t, placed["sid"].(string), url.Values{"Url": {h.webhooks + "/api/webhooks/signalwire?other"}})
	require.Equal(t, http.StatusOK, got.status, string(got.body))
	require.Equal(t, []any{"Something else"}, h.phone(t, annPhone, "completed")["said"])
}

func TestPlacedCallsAreCheckedListedAndQueued(t *testing.T) {
	t.Parallel()
	h := setup(t, nil, func(config *sandbox.Config) { config.CallSecond = time.Hour })
	for field, value := range map[string]string{
		"To": "", "From": "+14155550100", "Url": "/voice", "StatusCallback": "voice",
	} {
		got := h.placeCall(t, func(form url.Values) { form.Set(field, value) })
		require.Equal(t, http.StatusUnprocessableEntity, got.status, field)
		require.NotEmpty(t, got.json(t)["code"])
	}
	for range 3 {
		require.Equal(t, http.StatusOK, h.placeCall(t, nil).status)
	}
	require.Equal(t, "queued", h.own(t, http.MethodGet, "/api/calls?limit=1", nil).items(t)[0]["state"], "one call is placed in a second")
	listed := h.look(t, "/Calls?PageSize=2&To="+url.QueryEscape(annPhone)).json(t)
	require.Len(t, listed["calls"], 2)
	require.Contains(t, listed["next_page_uri"], "Page=1")
	require.Len(t, h.look(t, "/Calls?PageSize=2&Page=1").json(t)["calls"], 1)
	require.Empty(t, h.look(t, "/Calls?To=%2B14155550199").json(t)["calls"])
	require.Equal(t, http.StatusNotFound, h.look(t, "/Calls/none").status)
	require.Equal(t, http.StatusNotFound, h.look(t, "/Recordings/none.mp3").status)
	require.Equal(t, http.StatusNoContent, h.own(t, http.MethodDelete, "/api/state", nil).status)
	require.Empty(t, h.own(t, http.MethodGet, "/api/calls", nil).items(t))
	require.Equal(t, http.StatusOK, h.placeCall(t, nil).status, "the network goes on")
}

func TestCallingIsChecked(t *testing.T) {
	t.Parallel()
	h := phones(t, nil)
	for field, body := range map[string]string{
		"from":     `{"channel":"call","from":"12","to":"+15002000001"}`,
		"to":       `{"channel":"call","from":"+14055550123","to":"+14155550100"}`,
		"channel":  `{"channel":"sms","from":"+14055550123","to":"+15002000001"}`,
		"provider": `{"channel":"call","from":"+14055550123","to":"+15002000001","provider":"resend"}`,
	} {
		got := h.own(t, http.MethodPost, "/api/calls", body)
		require.Equal(t, http.StatusUnprocessableEntity, got.status)
		require.True(t, strings.EqualFold(field, got.json(t)["field"].(string)), string(got.body))
	}
}
