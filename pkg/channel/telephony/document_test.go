package telephony_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/telephony"
)

const place = "https://hooks.example.test/voice?a=1&b=2"

func dialect() telephony.Dialect {
	return telephony.Dialect{MaxSay: 20, MaxNumbers: 3, RecordTrim: "do-not-trim"}
}

func TestReplyWritesTheDocumentsOfTheProviders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		instructions []channel.Instruction
		want         string
	}{
		"nothing": {nil, `<Response></Response>`},
		"a greeting, and the end": {
			[]channel.Instruction{{Say: &channel.Say{Text: "Hi & bye", Language: "de-DE"}}, {HangUp: true}},
			`<Response><Say language="de-DE">Hi &amp; bye</Say><Hangup></Hangup></Response>`,
		},
		"a language that is none": {
			[]channel.Instruction{{Say: &channel.Say{Text: "Hi", Language: "klingon!"}}}, `<Response><Say>Hi</Say></Response>`,
		},
		"a long text in pieces": {
			[]channel.Instruction{{Say: &channel.Say{Text: strings.Repeat("ü", 25)}}},
			`<Response><Say>` + strings.Repeat("ü", 20) + `</Say><Say>` + strings.Repeat("ü", 5) + `</Say></Response>`,
		},
		"two phones at once": {
			[]channel.Instruction{{Dial: &channel.Dial{
				Numbers: []channel.DialNumber{{Number: "+14155550101", StatusURL: place, AnswerURL: place}, {Number: "+14155550102"}},
				Timeout: 19500 * time.Millisecond, CallerID: "+14155550100", Record: true, ActionURL: place, RecordingURL: place,
			}}},
			`<Response><Dial callerId="+14155550100" answerOnBridge="true" timeout="20" record="record-from-answer"` +
				` recordingStatusCallback="https://hooks.example.test/voice?a=1&amp;b=2" recordingStatusCallbackEvent="completed absent"` +
				` action="https://hooks.example.test/voice?a=1&amp;b=2"><Number statusCallback="https://hooks.example.test/voice?a=1&amp;b=2"` +
				` statusCallbackEvent="initiated ringing answered completed" url="https://hooks.example.test/voice?a=1&amp;b=2">+14155550101</Number>` +
				`<Number>+14155550102</Number></Dial></Response>`,
		},
		"a ring shorter than the providers ring": {
			[]channel.Instruction{{Dial: &channel.Dial{Numbers: []channel.DialNumber{{Number: "+14155550101"}}, Timeout: time.Second}}},
			`<Response><Dial answerOnBridge="true" timeout="5"><Number>+14155550101</Number></Dial></Response>`,
		},
		"a voicemail": {
			[]channel.Instruction{{Record: &channel.Record{
				MaxLength: 2 * time.Minute, Transcribe: true, ActionURL: place, TranscriptionURL: place,
			}}},
			`<Response><Record action="https://hooks.example.test/voice?a=1&amp;b=2" maxLength="120" timeout="10" playBeep="true"` +
				` trim="do-not-trim" transcribe="true" transcribeCallback="https://hooks.example.test/voice?a=1&amp;b=2"></Record></Response>`,
		},
		"a call turned down": {[]channel.Instruction{{Reject: true}}, `<Response><Reject></Reject></Response>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reply, err := dialect().Reply(tc.instructions)
			require.NoError(t, err)
			require.Equal(t, channel.Reply{Status: 200, ContentType: "text/xml; charset=utf-8", Body: xml.Header + tc.want}, reply)
		})
	}
}

func TestReplyRefusesWhatNoProviderCanDo(t *testing.T) {
	t.Parallel()
	number := []channel.DialNumber{{Number: "+14155550101"}}
	for name, wrong := range map[string]channel.Instruction{
		"nothing":              {},
		"two things":           {HangUp: true, Reject: true},
		"too many numbers":     {Dial: &channel.Dial{Numbers: append(append(number, number...), append(number, number...)...)}},
		"a caller id of words": {Dial: &channel.Dial{Numbers: number, CallerID: "us"}},
		"a relative place":     {Dial: &channel.Dial{Numbers: number, ActionURL: "/voice"}},
		"an empty fragment":    {Dial: &channel.Dial{Numbers: number, ActionURL: place + "#"}},
		"a recording that would begin again for ever": {Record: &channel.Record{MaxLength: time.Minute}},
	} {
		_, err := dialect().Reply([]channel.Instruction{wrong})
		require.ErrorIs(t, err, telephony.ErrInvalidInstruction, name)
	}
}

func FuzzReply(f *testing.F) {
	f.Add("Hi", "en", "+14155550101", place, 5)
	f.Add("</Say><Dial>1</Dial>\x00", `x"y`, "+1&", place+"<", -1)
	f.Add("]]>", "zh-Hant-TW", "+", "https://[::1]:80/?\x7f", 1<<40)
	f.Fuzz(func(t *testing.T, text, language, number, at string, seconds int) {
		length := time.Duration(seconds) * time.Second
		for _, one := range []channel.Instruction{
			{Say: &channel.Say{Text: text, Language: language}},
			{Dial: &channel.Dial{Numbers: []channel.DialNumber{{Number: number, AnswerURL: at}}, ActionURL: at, Timeout: length}},
			{Record: &channel.Record{ActionURL: at, MaxLength: length}},
		} {
			reply, err := dialect().Reply([]channel.Instruction{one})
			if err != nil {
				require.ErrorIs(t, err, telephony.ErrInvalidInstruction)
				continue
			}
			verbs := wellFormed(t, reply.Body)
			require.LessOrEqual(t, verbs, 18, "no text becomes a verb")
		}
	})
}

// wellFormed counts the elements of a document.
func wellFormed(t *testing.T, body string) int {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(body))
	count := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		require.NoError(t, err, body)
		if _, ok := token.(xml.StartElement); ok {
			count++
		}
	}
}
