package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	caller   = "+14055550123"
	ourPhone = "+15002000001"
	annPhone = "+14155550101"
	benPhone = "+14155550102"
)

// phones starts a sandbox whose seconds are short, and whose webhooks answer by the path and query they are asked at.
func phones(t *testing.T, documents map[string]string) *house {
	t.Helper()
	h := setup(t, nil, func(config *sandbox.Config) { config.CallSecond = 100 * time.Millisecond })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.document = func(asked hook) string {
		if body, ok := documents[asked.query]; ok {
			return "<Response>" + strings.ReplaceAll(body, "HOOK", h.webhooks+"/api/webhooks/signalwire") + "</Response>"
		}
		return "<Response/>"
	}
	return h
}

// phone waits until a leg of a number is in a state, and gives it.
func (h *house) phone(t *testing.T, number, state string) map[string]any {
	t.Helper()
	var found map[string]any
	require.Eventually(t, func() bool {
		for _, item := range h.own(t, http.MethodGet, "/api/calls?number="+url.QueryEscape(number), nil).items(t) {
			found = item
		}
		return found != nil && found["state"] == state
	}, patience, 2*time.Millisecond, "%s is not %s: %v", number, state, &found)
	return found
}

func (h *house) press(t *testing.T, item map[string]any, button string, body any) reply {
	t.Helper()
	return h.own(t, http.MethodPost, "/api/calls/"+item["id"].(string)+"/"+button, body)
}

// told waits for the first webhook that fulfils.
func (h *house) told(t *testing.T, want func(form url.Values) bool) url.Values {
	t.Helper()
	var found url.Values
	require.Eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, one := range h.hooks {
			form, err := url.ParseQuery(string(one.body))
			if err == nil && want(form) {
				found = form
				return true
			}
		}
		return false
	}, patience, 2*time.Millisecond)
	return found
}

func has(pairs ...string) func(url.Values) bool {
	return func(form url.Values) bool {
		for i := 0; i < len(pairs); i += 2 {
			if form.Get(pairs[i]) != pairs[i+1] {
				return false
			}
		}
		return true
	}
}

// statesOf are the states that status webhooks told of a leg, in the order they arrived.
func (h *house) statesOf(t *testing.T, id string) []string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var states []string
	for _, one := range h.hooks {
		form := one.form(t)
		if form.Get("CallSid") == id && form.Get("CallbackSource") != "" {
			states = append(states, form.Get("CallStatus"))
		}
	}
	return states
}

const ringBoth = `<Dial timeout="600" answerOnBridge="true" callerId="+15002000001" action="HOOK?dialed" record="record-from-answer" recordingStatusCallback="HOOK?rec">` +
	`<Number statusCallback="HOOK?leg" statusCallbackEvent="initiated ringing answered completed">` + annPhone + `</Number>` +
	`<Number statusCallback="HOOK?leg" statusCallbackEvent="initiated ringing answered completed">` + benPhone + `</Number></Dial>`

func (h *house) callUs(t *testing.T) map[string]any {
	t.Helper()
	got := h.own(t, http.MethodPost, "/api/calls", map[string]string{"channel": "call", "from": caller, "to": ourPhone})
	require.Equal(t, http.StatusAccepted, got.status, string(got.body))
	return got.json(t)
}

func TestTheFirstToAnswerIsConnected(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{"": ringBoth})
	incoming := h.callUs(t)
	h.phone(t, annPhone, "ringing")
	ben := h.phone(t, benPhone, "ringing")
	require.Equal(t, ourPhone, ben["from"])
	require.Equal(t, "ringing", h.phone(t, caller, "ringing")["state"], "the caller hears it ring until somebody answers")
	require.Equal(t, http.StatusOK, h.press(t, ben, "answer", nil).status)
	ann := h.phone(t, annPhone, "canceled")
	require.Equal(t, http.StatusConflict, h.press(t, ann, "answer", nil).status, "two cannot win")
	h.phone(t, caller, "in_progress")
	require.Equal(t, http.StatusOK, h.press(t, incoming, "speak", map[string]string{"text": "Is my order ready?"}).status)
	require.Equal(t, []any{"Is my order ready?"}, h.phone(t, benPhone, "in_progress")["said"])
	require.Equal(t, http.StatusOK, h.press(t, ben, "hang-up", nil).status)
	dialed := h.told(t, has("DialCallStatus", "completed"))
	require.Equal(t, ben["id"], dialed.Get("DialCallSid"))
	require.NotEmpty(t, dialed.Get("DialCallDuration"))
	h.phone(t, caller, "completed")
	recording := h.told(t, has("RecordingStatus", "completed"))
	require.Equal(t, incoming["id"], recording.Get("CallSid"))
	require.Eventually(t, func() bool { return len(h.statesOf(t, ben["id"].(string))) == 4 }, patience, 2*time.Millisecond)
	require.Equal(t, []string{"initiated", "ringing", "in-progress", "completed"}, h.statesOf(t, ben["id"].(string)))
	require.Equal(t, []string{"initiated", "ringing", "canceled"}, h.statesOf(t, ann["id"].(string)))
}

func TestNobodyAnswersAndTheCallerLeavesAVoicemail(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{
		"": strings.Replace(ringBoth, `timeout="600"`, `timeout="2"`, 1),
		"dialed": `<Say>Please leave a message.</Say><Record action="HOOK?recorded" maxLength="3600" timeout="600" transcribe="true"
			transcribeCallback="HOOK?tx" recordingStatusCallback="HOOK?rec" trim="do-not-trim"/>`,
		"recorded": `<Hangup/>`,
	})
	incoming := h.callUs(t)
	h.phone(t, annPhone, "no_answer")
	require.Equal(t, "no-answer", h.told(t, has("DialCallStatus", "no-answer")).Get("DialCallStatus"))
	require.Eventually(t, func() bool {
		said, _ := h.phone(t, caller, "in_progress")["said"].([]any)
		return len(said) == 1 && said[0] == "Please leave a message."
	}, patience, 2*time.Millisecond)
	const words = "Hi, this is Ana, please call me back."
	require.Eventually(t, func() bool {
		return h.press(t, incoming, "speak", map[string]string{"text": words}).status == http.StatusOK
	}, patience, 2*time.Millisecond)
	h.press(t, incoming, "hang-up", nil)
	recorded := h.told(t, has("Digits", "hangup"))
	require.Equal(t, "completed", recorded.Get("CallStatus"))
	recording := h.told(t, has("RecordingStatus", "completed"))
	require.Equal(t, recorded.Get("RecordingSid"), recording.Get("RecordingSid"))
	transcript := h.told(t, has("TranscriptionStatus", "completed"))
	require.Equal(t, words, transcript.Get("TranscriptionText"))
	require.Empty(t, transcript.Get("CallSid"), "the transcript names its recording and no call")

	for ending, beginning := range map[string]string{".mp3": "\xff\xf3", ".wav": "RIFF", "": "RIFF"} {
		at, ok := strings.CutPrefix(recording.Get("RecordingUrl")+ending, h.url)
		require.True(t, ok, "a recording is where the sandbox is reached")
		got := h.do(t, h.request(t, http.MethodGet, at, ""))
		require.Equal(t, http.StatusOK, got.status)
		require.True(t, strings.HasPrefix(string(got.body), beginning), ending)
	}
	require.NotEmpty(t, h.phone(t, caller, "completed")["recordingUrl"])
}

func TestAPlacedCallRingsTheAgentAndThenTheCustomer(t *testing.T) {
	t.Parallel()
	h := phones(t, map[string]string{
		"answered": `<Dial timeout="600" action="HOOK?dialed" callerId="+15002000001"><Number url="HOOK?whisper">` + caller + `</Number></Dial>`,
		"whisper":  `<Say>This call is recorded.</Say>`,
	})
	placed := h.placeCall(t, nil)
	require.Equal(t, http.StatusOK, placed.status, string(placed.body))
	require.Equal(t, "queued", placed.json(t)["status"])
	ann := h.phone(t, annPhone, "ringing")
	require.Equal(t, placed.json(t)["sid"], ann["id"])
	h.press(t, ann, "answer", nil)
	customer := h.phone(t, caller, "ringing")
	h.press(t, customer, "answer", nil)
	require.Eventually(t, func() bool {
		said, _ := h.phone(t, caller, "in_progress")["said"].([]any)
		return len(said) == 1
	}, patience, 2*time.Millisecond)
	require.Eventually(t, func() bool {
		return h.press(t, ann, "speak", map[string]string{"text": "Hello"}).status == http.StatusOK &&
			len(h.phone(t, caller, "in_progress")["said"].([]any)) > 1
	}, patience, 2*time.Millisecond)
	h.press(t, customer, "hang-up", nil)
	h.phone(t, annPhone, "completed")
	require.Eventually(t, func() bool { return len(h.statesOf(t, ann["id"].(string))) == 4 }, patience, 2*time.Millisecond)
	require.Equal(t, []string{"initiated", "ringing", "in-progress", "completed"}, h.statesOf(t, ann["id"].(string)))
}

func (h *house) placeCall(t *testing.T, change func(url.Values)) reply {
	t.Helper()
	hook := h.webhooks + "/api/webhooks/signalwire"
	form := url.Values{
		"To": {annPhone}, "From": {ourPhone}, "Url": {hook + "?answered"}, "StatusCallback": {hook + "?status"},
		"StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"}, "Timeout": {"600"},
	}
	if change != nil {
		change(form)
	}
	request := h.request(t, http.MethodPost, accounts+"/Calls", form.Encode())
	request.SetBasicAuth(sandbox.SignalWireProject, sandbox.SignalWireToken)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.do(t, request)
}
