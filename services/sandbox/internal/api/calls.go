package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

// maxSpeech is the longest thing said into a phone at once, in characters.
const maxSpeech = 2_000

// callItem is a leg as the API tells it: one phone, with the words of the channel for its state.
type callItem struct {
	ID       string `json:"id"`
	ParentID string `json:"parentId,omitempty"`
	Provider string `json:"provider"`
	From     string `json:"from"`
	To       string `json:"to"`
	// Phone is the number whose phone it is.
	Phone        string     `json:"phone"`
	Direction    string     `json:"direction"`
	State        string     `json:"state"`
	Said         []string   `json:"said"`
	Spoken       []string   `json:"spoken"`
	StartedAt    time.Time  `json:"startedAt"`
	AnsweredAt   *time.Time `json:"answeredAt,omitempty"`
	EndedAt      *time.Time `json:"endedAt,omitempty"`
	RecordingURL string     `json:"recordingUrl,omitempty"`
}

func callItemOf(l call.Leg) callItem {
	direction, _, _ := strings.Cut(l.Direction, "-")
	told := callItem{
		ID: l.ID, ParentID: l.ParentID, Provider: l.Provider, From: l.From, To: l.To, Phone: l.Phone(), Direction: direction,
		State: strings.ReplaceAll(string(l.State), "-", "_"), Said: append([]string{}, l.Said...),
		Spoken: append([]string{}, l.Spoken...), StartedAt: l.Created,
	}
	if !l.Answered.IsZero() {
		told.AnsweredAt = &l.Answered
	}
	if !l.Ended.IsZero() {
		told.EndedAt = &l.Ended
	}
	if l.RecordingID != "" {
		told.RecordingURL = "/api/calls/" + l.ID + "/recording"
	}
	return told
}

func (a *API) serveCalls(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/calls", a.listCalls)
	mux.HandleFunc("POST /api/calls", a.placeCall)
	mux.HandleFunc("GET /api/calls/{id}", a.showCall)
	mux.HandleFunc("GET /api/calls/{id}/recording", a.recording)
	for path, do := range map[string]func(id string) error{
		"answer": a.phones.Answer, "decline": a.phones.Decline, "hang-up": a.phones.HangUp,
	} {
		mux.HandleFunc("POST /api/calls/{id}/"+path, func(w http.ResponseWriter, r *http.Request) {
			a.acted(w, r, do(r.PathValue("id")))
		})
	}
	mux.HandleFunc("POST /api/calls/{id}/speak", a.speak)
}

// listCalls lists the legs of a phone, the oldest first; one of our own numbers lists the calls with it.
func (a *API) listCalls(w http.ResponseWriter, r *http.Request) {
	number := normalize(r.URL.Query().Get("number"))
	limit, ok := limitOf(w, r, defaultOverall)
	if !ok {
		return
	}
	found := a.phones.List(limit, func(l call.Leg) bool {
		return number == "" || l.Phone() == number || (sms.Owned(number) && (l.From == number || l.To == number))
	})
	slices.Reverse(found)
	answer(w, http.StatusOK, itemsOf(found, callItemOf))
}

// placeCall lets a customer call one of our numbers.
func (a *API) placeCall(w http.ResponseWriter, r *http.Request) {
	var wanted struct {
		Channel  string `json:"channel"`
		From     string `json:"from"`
		To       string `json:"to"`
		Provider string `json:"provider"`
	}
	if !decode(w, r, &wanted) {
		return
	}
	from, to := normalize(wanted.From), normalize(wanted.To)
	switch {
	case wanted.Channel != "" && wanted.Channel != "call":
		invalid(w, "channel", "is not call")
	case !sms.ValidNumber(from):
		invalid(w, "from", "is not a phone number such as +14055550123")
	case sms.Owned(from):
		invalid(w, "from", "is one of our own numbers: a customer has another")
	case !sms.Owned(to):
		invalid(w, "to", "is not a number of the sandbox such as +15002000001")
	default:
		begun, err := a.phones.Dial(wanted.Provider, from, to)
		switch {
		case errors.Is(err, call.ErrUnknown):
			invalid(w, "provider", "does not serve calls")
		case err != nil:
			refuse(w, http.StatusServiceUnavailable, "busy", "", "Too many calls go on at once.")
		default:
			answer(w, http.StatusAccepted, callItemOf(begun))
		}
	}
}

func (a *API) showCall(w http.ResponseWriter, r *http.Request) {
	found, ok := a.phones.Find(r.PathValue("id"))
	if !ok {
		a.acted(w, r, call.ErrUnknown)
		return
	}
	answer(w, http.StatusOK, callItemOf(found))
}

// acted answers what came of an act, with the call as it is now.
func (a *API) acted(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, call.ErrUnknown):
		refuse(w, http.StatusNotFound, "not_found", "", "There is no such call.")
	case err != nil:
		refuse(w, http.StatusConflict, "wrong_state", "", "The call is in no state for this.")
	default:
		a.showCall(w, r)
	}
}

// speak says something into a phone.
func (a *API) speak(w http.ResponseWriter, r *http.Request) {
	var said struct {
		Text string `json:"text"`
	}
	if !decode(w, r, &said) {
		return
	}
	text := strings.TrimSpace(said.Text)
	if text == "" || utf8.RuneCountInString(text) > maxSpeech {
		invalid(w, "text", "has 1 to 2000 characters")
		return
	}
	a.acted(w, r, a.phones.Speak(r.PathValue("id"), text))
}

// recording plays the newest recording of a leg.
func (a *API) recording(w http.ResponseWriter, r *http.Request) {
	leg, ok := a.phones.Find(r.PathValue("id"))
	found, taped := a.phones.FindRecording(leg.RecordingID)
	if !ok || !taped {
		refuse(w, http.StatusNotFound, "not_found", "", "There is no such recording.")
		return
	}
	w.Header().Set("Content-Type", "audio/mpeg")
	_, _ = w.Write(found.MP3()) // the caller has gone: nobody is left to tell
}
