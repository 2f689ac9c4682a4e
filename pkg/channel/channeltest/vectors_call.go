package channeltest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// expectCall judges a webhook about a call: it tells one thing of one call.
func (v vector) expectCall(t *testing.T, connection channel.Connection, delivery channel.Delivery) {
	t.Helper()
	require.Len(t, delivery.Calls, 1, "a webhook about a call tells of one call")
	require.Empty(t, delivery.Inbound)
	require.Empty(t, delivery.Receipts)
	got, e := delivery.Calls[0], v.Expect
	if step, ok := stepOfKind(v.Kind); ok {
		require.Equal(t, step, got.Step)
	}
	require.NotEmpty(t, got.DedupeKey)
	requireText(t, e.CallID, got.ExternalID)
	requireText(t, e.ParentID, got.ParentID)
	requireText(t, e.Correlation.at(0), got.MessageID)
	requireText(t, e.Direction, got.Direction)
	requireText(t, e.RecordingID, got.RecordingID)
	requireText(t, e.From.at(0), got.From)
	if to := textsOf(t, e.To); to != nil {
		require.Equal(t, strings.Join(to, ""), got.To)
	}
	if e.Text != nil {
		require.Equal(t, strings.Join(textsOf(t, e.Text), ""), got.Transcript)
	}
	if e.Status != nil {
		requireState(t, *e.Status, got)
	}
	if e.DialStatus != nil {
		state := channel.CallState(strings.ReplaceAll(*e.DialStatus, "-", "_"))
		if state == "answered" { // the leg was, and has ended
			state = channel.CallCompleted
		}
		require.Equal(t, state, got.DialState)
	}
	e.recording(t, got)
	v.requireResponse(t, connection, got)
}

// recording judges what the webhook tells of lengths, of a recording and of a failure.
func (e expectation) recording(t *testing.T, got channel.CallEvent) {
	t.Helper()
	if e.Duration != nil {
		want := time.Duration(*e.Duration * float64(time.Second))
		if got.Step == channel.CallRecording || got.Step == channel.CallRecorded {
			require.Equal(t, want, got.RecordingDuration)
		} else {
			require.Equal(t, want, got.Duration)
		}
	}
	if got.Step == channel.CallRecording && got.ProviderStatus == "completed" {
		require.NotNil(t, got.Recording)
		require.NotEmpty(t, got.Recording.URL)
	}
	if e.ErrorCode != nil {
		require.NotNil(t, got.Failure)
		require.Equal(t, *e.ErrorCode, got.Failure.ProviderCode)
	}
}

// stepOfKind is the step that a kind of vector is about; other kinds leave it open.
func stepOfKind(kind string) (channel.CallStep, bool) {
	step, ok := map[string]channel.CallStep{
		"voice_inbound": channel.CallIncoming, "call_status": channel.CallStatus, "call_dial_result": channel.CallDialed,
		"recording_status": channel.CallRecording, "transcription": channel.CallTranscription,
	}[kind]
	return step, ok
}

// requireState holds the word of the vector, which is the provider's, against what was made of it. The word of a
// recording or a transcript says nothing of the call. Words for a call that begins are all one state.
func requireState(t *testing.T, word string, got channel.CallEvent) {
	t.Helper()
	require.Equal(t, strings.ToLower(word), strings.ToLower(got.ProviderStatus), "the provider's word is kept")
	if got.Step == channel.CallRecording || got.Step == channel.CallTranscription {
		require.Empty(t, got.State)
		return
	}
	state := channel.CallState(strings.ReplaceAll(word, "-", "_"))
	if slices.Contains([]string{"queued", "initiated"}, word) {
		state = channel.CallRinging
	}
	if _, known := state.Rank(); known {
		require.Equal(t, state, got.State)
		return
	}
	require.Empty(t, got.State, "an unknown word moves nothing")
}

// requireResponse holds that the provider waits for an answer at this step, and that the adapter can give one, with
// every verb that the vector names.
func (v vector) requireResponse(t *testing.T, connection channel.Connection, got channel.CallEvent) {
	t.Helper()
	text := strings.Join(textsOf(t, v.Expect.Response), "")
	if text == "" {
		return
	}
	require.True(t, got.Step.AsksForInstructions(), "the provider waits for %s", text)
	instructor, ok := connection.(channel.Instructor)
	require.True(t, ok, "the adapter gives no instructions")
	const at = "https://hooks.example.test/voice"
	reply, err := instructor.Instruct([]channel.Instruction{
		{Say: &channel.Say{Text: "Hello"}},
		{Dial: &channel.Dial{Numbers: []channel.DialNumber{{Number: "+14155550101"}}, ActionURL: at}},
		{Record: &channel.Record{ActionURL: at, MaxLength: time.Minute}},
		{HangUp: true},
	})
	require.NoError(t, err)
	require.Contains(t, reply.ContentType, "text/xml")
	names, _ := elementsOf(t, reply.Body)
	require.Equal(t, "Response", names[0])
	for _, verb := range regexp.MustCompile(`<(\w+)`).FindAllStringSubmatch(text, -1) {
		require.Contains(t, names, verb[1])
	}
}

// requireAuth holds that what proves the webhook is what the vector says: without it, it is refused.
func (v vector) requireAuth(t *testing.T, connection channel.Connection, webhook channel.Webhook) {
	t.Helper()
	if v.Expect.Auth == nil {
		return
	}
	require.Equal(t, "basic", *v.Expect.Auth, "a way of proof that is not known here")
	without := webhook
	without.Header = webhook.Header.Clone()
	without.Header.Del("Authorization")
	require.ErrorIs(t, connection.Verify(without), channel.ErrBadSignature)
}

// expectEvents holds the provider's own words against the receipts, in their order; a word in brackets says more about
// the one before it. Words that change no message are told by no receipt.
func (v vector) expectEvents(t *testing.T, delivery channel.Delivery) {
	t.Helper()
	words := v.Expect.Events
	if len(words) == 0 {
		return
	}
	var states []*string
	if len(v.Expect.Canonical) > 0 && json.Unmarshal(v.Expect.Canonical, &states) == nil && len(states) == len(words) {
		kept := words[:0:0]
		for i, word := range words {
			if states[i] != nil {
				kept = append(kept, word)
			}
		}
		words = kept
	}
	require.Len(t, delivery.Receipts, len(words))
	for i, receipt := range delivery.Receipts {
		word, detail, _ := strings.Cut(strings.TrimSuffix(words[i], ")"), "(")
		require.True(t, strings.HasPrefix(receipt.ProviderStatus, word), "%s is not %s", receipt.ProviderStatus, word)
		require.Contains(t, receipt.ProviderStatus, detail)
	}
}

// expectKey holds the key of a fact against what the vector names: a header of the webhook or a field of its body.
func (v vector) expectKey(t *testing.T, webhook channel.Webhook, receipt channel.Receipt) {
	t.Helper()
	if v.Expect.DedupeKey == nil {
		return
	}
	name := *v.Expect.DedupeKey
	if value := webhook.Header.Get(name); value != "" {
		require.Equal(t, value, receipt.DedupeKey)
		return
	}
	var body any
	require.NoError(t, json.Unmarshal(webhook.Body, &body))
	values := valuesOf(body, name)
	require.NotEmpty(t, values, "the webhook has no %s", name)
	require.Contains(t, values, receipt.DedupeKey)
}

// valuesOf collects the texts of a field, wherever it is in a JSON value.
func valuesOf(value any, name string) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			found = append(found, valuesOf(one, name)...)
		}
	case map[string]any:
		for key, one := range value {
			if text, ok := one.(string); ok && key == name {
				found = append(found, text)
			}
			found = append(found, valuesOf(one, name)...)
		}
	}
	return found
}

// expectHandshake holds the answer to the request by which a provider checks that an endpoint is ours: a challenge is
// sent back as plain text, or refused.
func (v vector) expectHandshake(t *testing.T, handshaker channel.Handshaker, webhook channel.Webhook, genuine bool) {
	t.Helper()
	reply, is := handshaker.Handshake(webhook)
	if v.Expect.Respond != nil {
		require.Equal(t, *v.Expect.Respond, reply.Status)
	}
	if !genuine {
		require.True(t, !is || reply.Status >= http.StatusBadRequest, "it was answered with %d", reply.Status)
		return
	}
	require.True(t, is)
	require.Equal(t, http.StatusOK, reply.Status)
	parsed, err := url.Parse(webhook.URL)
	require.NoError(t, err)
	challenge := ""
	for name, values := range parsed.Query() {
		if strings.HasSuffix(name, "challenge") {
			challenge = values[0]
		}
	}
	require.Equal(t, cmp.Or(strings.Join(textsOf(t, v.Expect.Response), ""), challenge), reply.Body)
}
