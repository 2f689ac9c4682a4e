package telephony

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// ErrInvalidInstruction is returned for an instruction that cannot be written: it says nothing or two things at once,
// rings nobody or more numbers than the provider does, or names a place that is no public URL.
var ErrInvalidInstruction = errors.New("invalid instruction")

// Dialect is how a provider takes the documents by which a call is told what to do. They come out of an encoder: no text
// of a customer can become a verb.
type Dialect struct {
	// MaxSay is the length in characters of the longest text of one Say; a longer one is cut into several.
	MaxSay int
	// MaxNumbers is how many numbers ring at once.
	MaxNumbers int
	// RecordTrim is written on a Record; empty leaves it to the provider.
	RecordTrim string
}

const (
	// minTimeout and maxTimeout bound how long numbers ring.
	minTimeout = 5 * time.Second
	maxTimeout = 600 * time.Second
	// maxRecording bounds a voicemail, silence ends one.
	maxRecording = time.Hour
	silence      = 10 * time.Second
	// maxTexts bounds into how many pieces a text to be said is cut.
	maxTexts = 16
)

type response struct {
	XMLName xml.Name `xml:"Response"`
	Verbs   []any
}

type say struct {
	XMLName  xml.Name `xml:"Say"`
	Language string   `xml:"language,attr,omitempty"`
	Text     string   `xml:",chardata"`
}

type dial struct {
	XMLName        xml.Name `xml:"Dial"`
	CallerID       string   `xml:"callerId,attr,omitempty"`
	AnswerOnBridge bool     `xml:"answerOnBridge,attr"`
	Timeout        int      `xml:"timeout,attr,omitempty"`
	Record         string   `xml:"record,attr,omitempty"`
	RecordingURL   string   `xml:"recordingStatusCallback,attr,omitempty"`
	RecordingEvent string   `xml:"recordingStatusCallbackEvent,attr,omitempty"`
	Action         string   `xml:"action,attr,omitempty"`
	Numbers        []number
}

type number struct {
	XMLName     xml.Name `xml:"Number"`
	StatusURL   string   `xml:"statusCallback,attr,omitempty"`
	StatusEvent string   `xml:"statusCallbackEvent,attr,omitempty"`
	URL         string   `xml:"url,attr,omitempty"`
	Number      string   `xml:",chardata"`
}

type record struct {
	XMLName          xml.Name `xml:"Record"`
	Action           string   `xml:"action,attr"`
	MaxLength        int      `xml:"maxLength,attr,omitempty"`
	Timeout          int      `xml:"timeout,attr"`
	PlayBeep         bool     `xml:"playBeep,attr"`
	Trim             string   `xml:"trim,attr,omitempty"`
	RecordingURL     string   `xml:"recordingStatusCallback,attr,omitempty"`
	RecordingEvent   string   `xml:"recordingStatusCallbackEvent,attr,omitempty"`
	Transcribe       bool     `xml:"transcribe,attr,omitempty"`
	TranscriptionURL string   `xml:"transcribeCallback,attr,omitempty"`
}

type hangUp struct {
	XMLName xml.Name `xml:"Hangup"`
}

type reject struct {
	XMLName xml.Name `xml:"Reject"`
}

// Events that our URLs are told of.
const (
	legEvents       = "initiated ringing answered completed"
	recordingEvents = "completed absent"
)

// Reply is the answer with the document of the instructions. None of them is an empty document: the call ends.
func (d Dialect) Reply(instructions []channel.Instruction) (channel.Reply, error) {
	document := response{}
	for i, instruction := range instructions {
		verbs, err := d.verbs(instruction)
		if err != nil {
			return channel.Reply{}, fmt.Errorf("writing instruction %d: %w", i, err)
		}
		document.Verbs = append(document.Verbs, verbs...)
	}
	body, err := xml.Marshal(document)
	if err != nil {
		return channel.Reply{}, fmt.Errorf("writing the instructions: %w", err)
	}
	return channel.Reply{Status: http.StatusOK, ContentType: "text/xml; charset=utf-8", Body: xml.Header + string(body)}, nil
}

func (d Dialect) verbs(i channel.Instruction) ([]any, error) {
	if count(i.Say != nil, i.Dial != nil, i.Record != nil, i.HangUp, i.Reject) != 1 {
		return nil, fmt.Errorf("%w: it must be one thing", ErrInvalidInstruction)
	}
	switch {
	case i.Say != nil:
		return d.say(*i.Say)
	case i.Dial != nil:
		return d.dial(*i.Dial)
	case i.Record != nil:
		return d.record(*i.Record)
	case i.Reject:
		return []any{reject{}}, nil
	default:
		return []any{hangUp{}}, nil
	}
}

func count(set ...bool) int {
	n := 0
	for _, one := range set {
		if one {
			n++
		}
	}
	return n
}

// say cuts a text that is longer than one Say.
func (d Dialect) say(said channel.Say) ([]any, error) {
	text, language := []rune(clean(said.Text)), ""
	if isLanguage(said.Language) {
		language = said.Language
	}
	if len(text) == 0 {
		return nil, fmt.Errorf("%w: nothing is said", ErrInvalidInstruction)
	}
	var verbs []any
	for len(text) > 0 && len(verbs) < maxTexts {
		length := min(len(text), d.MaxSay)
		verbs = append(verbs, say{Language: language, Text: string(text[:length])})
		text = text[length:]
	}
	return verbs, nil
}

// clean is a text as XML can hold it.
func clean(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// isLanguage tells the tags (BCP 47) that providers know: a language, and perhaps a script and a region.
func isLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		letters := strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
		digits := strings.Trim(part, "0123456789") == ""
		if len(part) < 2 || len(part) > 4 || i > 2 || (!letters && (i == 0 || !digits)) {
			return false
		}
	}
	return true
}

func (d Dialect) dial(wanted channel.Dial) ([]any, error) {
	if len(wanted.Numbers) == 0 || len(wanted.Numbers) > d.MaxNumbers {
		return nil, fmt.Errorf("%w: %d numbers are to ring, of at most %d", ErrInvalidInstruction, len(wanted.Numbers), d.MaxNumbers)
	}
	verb := dial{CallerID: wanted.CallerID, AnswerOnBridge: true, Action: wanted.ActionURL}
	if wanted.Timeout > 0 {
		verb.Timeout = seconds(min(max(wanted.Timeout, minTimeout), maxTimeout))
	}
	if wanted.Record {
		verb.Record = "record-from-answer"
		verb.RecordingURL, verb.RecordingEvent = wanted.RecordingURL, eventsFor(wanted.RecordingURL, recordingEvents)
	}
	if err := places(wanted.ActionURL, wanted.RecordingURL); err != nil {
		return nil, err
	}
	if wanted.CallerID != "" && !isNumber(wanted.CallerID) {
		return nil, fmt.Errorf("%w: the caller id is no phone number", ErrInvalidInstruction)
	}
	for _, one := range wanted.Numbers {
		if !isNumber(one.Number) {
			return nil, fmt.Errorf("%w: what is to ring is no phone number", ErrInvalidInstruction)
		}
		if err := places(one.StatusURL, one.AnswerURL); err != nil {
			return nil, err
		}
		verb.Numbers = append(verb.Numbers, number{
			StatusURL: one.StatusURL, StatusEvent: eventsFor(one.StatusURL, legEvents), URL: one.AnswerURL, Number: one.Number,
		})
	}
	return []any{verb}, nil
}

// record wants a place to go on at: without one the providers ask for the same document again, and record for ever.
func (d Dialect) record(wanted channel.Record) ([]any, error) {
	if wanted.ActionURL == "" {
		return nil, fmt.Errorf("%w: a recording needs the URL that is asked when it has ended", ErrInvalidInstruction)
	}
	if err := places(wanted.ActionURL, wanted.RecordingURL, wanted.TranscriptionURL); err != nil {
		return nil, err
	}
	verb := record{
		Action: wanted.ActionURL, MaxLength: seconds(min(wanted.MaxLength, maxRecording)), Timeout: seconds(silence),
		PlayBeep: true, Trim: d.RecordTrim,
		RecordingURL: wanted.RecordingURL, RecordingEvent: eventsFor(wanted.RecordingURL, recordingEvents),
	}
	if wanted.Transcribe {
		verb.Transcribe, verb.TranscriptionURL = true, wanted.TranscriptionURL
	}
	return []any{verb}, nil
}

func eventsFor(place, events string) string {
	if place == "" {
		return ""
	}
	return events
}

// seconds rounds up: a timeout of half a second is one.
func seconds(d time.Duration) int { return int(math.Ceil(max(d, 0).Seconds())) }

// places refuses what is no absolute URL, and one with a fragment, which the providers take for options of theirs and
// leave out of the signature or not, as it pleases them.
func places(urls ...string) error {
	for _, place := range urls {
		if place == "" {
			continue
		}
		parsed, err := url.Parse(place)
		if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || strings.Contains(place, "#") {
			return fmt.Errorf("%w: a place to ask is no absolute URL without fragment", ErrInvalidInstruction)
		}
	}
	return nil
}

func isNumber(text string) bool {
	digits, plus := "", len(text) > 1 && text[0] == '+'
	if plus {
		digits = text[1:]
	}
	_, err := strconv.ParseUint(digits, 10, 64)
	return plus && err == nil && len(digits) <= 15
}
