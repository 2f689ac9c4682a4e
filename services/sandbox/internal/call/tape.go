package call

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	// maxTapes bounds the recordings that are kept.
	maxTapes = 2_000
	// charactersPerSecond is how fast people speak.
	charactersPerSecond = 15
	// usualSilence ends a recording, usualLength bounds one, in seconds. patience is how much longer it waits for the
	// first word: whoever plays the caller has to type.
	usualSilence = 5
	usualLength  = 3_600
	patience     = 6
	// developing and typing are how long a recording and a transcript take, in seconds.
	developing = 0.2
	typing     = 0.3
)

// Recording is what is known of a recording.
type Recording struct {
	ID, CallID, Provider, Source string
	// Status is in-progress, completed or absent.
	Status   string
	Created  time.Time
	Duration int
	// Transcript is what was said, TranscriptionID names it where a transcript was asked for.
	Transcript, TranscriptionID string
}

// tape is a recording at work.
type tape struct {
	Recording
	leg     *leg
	started time.Time
	words   []string
}

func (t *tape) add(text string) { t.words = appendBounded(t.words, text, maxSpoken) }

// newTape begins to record a leg. The lock is held.
func (n *Network) newTape(l *leg, source string) *tape {
	begun := &tape{leg: l, started: world.Now(), Recording: Recording{
		ID: l.line.NewID(RecordingID), CallID: l.ID, Provider: l.line.Name, Source: source,
		Status: "in-progress", Created: world.Now(),
	}}
	n.tapes[begun.ID] = begun
	n.order = append(n.order, begun)
	if len(n.order) > maxTapes {
		delete(n.tapes, n.order[0].ID)
		n.order = slices.Delete(n.order, 0, 1)
	}
	return begun
}

// endTape completes a recording and tells of it; one of silence is none where silence is trimmed. The lock is held.
func (n *Network) endTape(t *tape, verb Verb, base string) {
	t.Transcript = strings.Join(t.words, " ")
	t.Duration = max(1, n.roundUp(world.Now().Sub(t.started)), len([]rune(t.Transcript))/charactersPerSecond)
	trim := verb.Attr["trim"]
	trims := trim == "trim-silence" || (trim == "" && t.leg.line.TrimsSilence && verb.Name == "Record")
	t.Status = "completed"
	if trims && t.Transcript == "" {
		t.Status, t.Duration = "absent", 0
	} else {
		t.leg.RecordingID = t.ID
	}
	wanted := strings.Fields(verb.Attr["recordingStatusCallbackEvent"])
	if len(wanted) == 0 {
		wanted = []string{"completed"}
	}
	at := resolve(base, verb.Attr["recordingStatusCallback"])
	if verb.Attr["recordingStatusCallback"] == "" || !slices.Contains(wanted, t.Status) || !n.callbacks.Reachable(at) {
		return
	}
	n.tell(t.leg, RecordingWebhook, at, url.Values{
		"AccountSid": {t.leg.line.Account}, "CallSid": {t.leg.ID}, "RecordingSid": {t.ID},
		"RecordingUrl": {t.leg.line.RecordingURL(t.ID)}, "RecordingStatus": {t.Status},
		"RecordingDuration": {strconv.Itoa(t.Duration)}, "RecordingChannels": {"1"}, "RecordingSource": {t.Source},
		"RecordingStartTime": {t.Created.UTC().Format(time.RFC1123Z)},
	}, developing)
}

// record takes what the caller says until the caller hangs up, is silent for a while, or has spoken long enough.
func (n *Network) record(l *leg, base string, verb Verb, done <-chan struct{}) after {
	n.pickUp(l)
	var taped *tape
	n.locked(func() {
		if !l.State.Over() {
			taped = n.newTape(l, "RecordVerb")
			l.tape = taped
			select {
			case <-l.spoke: // what was said before is on no tape
			default:
			}
		}
	})
	if taped == nil {
		return after{end: true}
	}
	n.listen(l, verb, done)
	form := url.Values{}
	n.locked(func() {
		l.tape = nil
		n.endTape(taped, verb, base)
		n.transcribe(taped, verb, base)
		form.Set("RecordingUrl", l.line.RecordingURL(taped.ID))
		form.Set("RecordingSid", taped.ID)
		form.Set("RecordingDuration", strconv.Itoa(taped.Duration))
		if l.State.Over() {
			form.Set("Digits", "hangup")
		}
	})
	if taped.Status == "absent" {
		return after{} // as if the verb had not been there
	}
	if action := verb.Attr["action"]; action != "" {
		return after{at: action, more: form}
	}
	return after{at: base, more: form}
}

// listen returns when a recording is at its end.
func (n *Network) listen(l *leg, verb Verb, done <-chan struct{}) {
	silence := n.seconds(float64(verb.seconds("timeout", usualSilence, 1, usualLength)))
	end := time.NewTimer(n.seconds(float64(verb.seconds("maxLength", usualLength, 1, usualLength))))
	defer end.Stop()
	quiet := time.NewTimer(patience * silence)
	defer quiet.Stop()
	for {
		select {
		case <-l.spoke:
			quiet.Reset(silence)
		case at := <-l.turn:
			l.redirect(at)
			return
		case <-l.over:
			return
		case <-end.C:
			return
		case <-quiet.C:
			return
		case <-done:
			return
		}
	}
}

// transcribe tells the transcript of a recording where one was asked for. The lock is held.
func (n *Network) transcribe(t *tape, verb Verb, base string) {
	at := resolve(base, verb.Attr["transcribeCallback"])
	if verb.Attr["transcribe"] != "true" || t.Status != "completed" || verb.Attr["transcribeCallback"] == "" || !n.callbacks.Reachable(at) {
		return
	}
	t.TranscriptionID = t.leg.line.NewID(TranscriptionID)
	status := "completed"
	if t.Transcript == "" {
		status = "failed"
	}
	form := t.leg.params()
	form.Set("TranscriptionSid", t.TranscriptionID)
	form.Set("TranscriptionText", t.Transcript)
	form.Set("TranscriptionStatus", status)
	form.Set("TranscriptionType", "fast")
	form.Set("RecordingSid", t.ID)
	form.Set("RecordingUrl", t.leg.line.RecordingURL(t.ID))
	n.tell(t.leg, TranscriptionWebhook, at, form, typing)
}

// FindRecording gives a recording by its id.
func (n *Network) FindRecording(id string) (Recording, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	found, ok := n.tapes[id]
	if !ok {
		return Recording{}, false
	}
	return found.Recording, true
}

// Recordings gives the newest recordings that keep accepts, the newest first.
func (n *Network) Recordings(limit int, keep func(Recording) bool) []Recording {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := []Recording{}
	for i := len(n.order) - 1; i >= 0 && len(found) < limit; i-- {
		if keep(n.order[i].Recording) {
			found = append(found, n.order[i].Recording)
		}
	}
	return found
}
