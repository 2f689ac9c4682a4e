package twilio

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

// callsPerSecond is the rate of an account; calls above it wait.
const callsPerSecond = 1

// maxTimeout is how long a phone may ring, in seconds.
const maxTimeout = 600

// line is the account in the phone network.
func (a *API) line(publicURL func() string) call.Line {
	return call.Line{
		Name: Name, Account: a.config.Account, IncomingURL: a.config.WebhookURL, Waits: a.config.Waits,
		CallsPerSecond: callsPerSecond, TrimsSilence: true, NewID: newCallSID, Request: a.signedRequest,
		RecordingURL: func(id string) string { return publicURL() + "/" + Name + a.path("/Recordings/"+id) },
		Finish:       finishCall,
	}
}

func newCallSID(kind call.Kind) string {
	digits := strings.ReplaceAll(uuid.NewString(), "-", "")
	switch kind {
	case call.RecordingID:
		return "RE" + digits
	case call.TranscriptionID:
		return "TR" + digits
	case call.CallID:
	}
	return "CA" + digits
}

// finishCall adds what only this provider tells.
func finishCall(webhook call.Webhook, form url.Values) {
	if form.Get("DialCallStatus") != "" {
		form.Set("DialBridged", strconv.FormatBool(form.Get("DialCallStatus") == string(call.Completed)))
	}
	switch webhook {
	case call.AskWebhook, call.TranscriptionWebhook:
		form.Set("Caller", form.Get("From"))
		form.Set("Called", form.Get("To"))
		for _, side := range []string{"From", "To", "Caller", "Called"} {
			for _, part := range []string{"City", "State", "Zip", "Country"} {
				form.Set(side+part, "") // known for few numbers, sent for all
			}
		}
	case call.RecordingWebhook:
		form.Set("RecordingTrack", "both")
		form.Set("ErrorCode", "0")
	case call.StatusWebhook:
	}
}

func (a *API) serveCalls(mux *http.ServeMux) {
	mux.Handle("POST "+accountPath+"/Calls.json", a.server.Send(a.authenticated(a.placeCall)))
	mux.Handle("GET "+accountPath+"/Calls.json", a.server.Lookup(a.authenticated(a.listCalls)))
	mux.Handle("GET "+accountPath+"/Calls/{sid}", a.server.Lookup(a.authenticated(a.showCall)))
	mux.Handle("POST "+accountPath+"/Calls/{sid}", a.server.Lookup(a.authenticated(a.updateCall)))
	mux.Handle("GET "+accountPath+"/Calls/{sid}/Recordings.json", a.server.Lookup(a.authenticated(a.listRecordings)))
	mux.Handle("GET "+accountPath+"/Recordings.json", a.server.Lookup(a.authenticated(a.listRecordings)))
	mux.Handle("GET "+accountPath+"/Recordings/{sid}", a.server.Lookup(a.authenticated(a.showRecording)))
	mux.Handle("GET "+accountPath+"/Transcriptions/{sid}", a.server.Lookup(a.authenticated(a.showTranscription)))
}

func (a *API) placeCall(request provider.Call) provider.Answer {
	form, err := url.ParseQuery(string(request.Content))
	if err != nil {
		return fail(codeMissingCallTo)
	}
	timeout, _ := strconv.Atoi(form.Get("Timeout"))
	refused := func(code int) provider.Answer {
		answer := fail(code)
		answer.To = form.Get("To")
		return answer
	}
	if code := callRefusal(form); code != 0 {
		return refused(code)
	}
	placed, err := a.phones.Place(Name, call.Placement{
		To: form.Get("To"), From: form.Get("From"), URL: form.Get("Url"), StatusURL: form.Get("StatusCallback"),
		Events: slices.Clone(form["StatusCallbackEvent"]), Timeout: min(max(timeout, 0), maxTimeout),
	})
	if err != nil {
		return refused(codeTooManyCalls)
	}
	answer := provider.JSON(http.StatusCreated, a.callResource(placed))
	answer.MessageID, answer.To = placed.ID, placed.To
	return answer
}

// callRefusal is the code a call is refused with, 0 when it is placed.
func callRefusal(form url.Values) int {
	to, from := form.Get("To"), form.Get("From")
	switch {
	case to == "":
		return codeMissingCallTo
	case from == "":
		return codeMissingCallFrom
	case !sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid) || sms.Owned(to):
		return codeInvalidTo
	case !sms.Owned(from):
		return codeUnverifiedFrom
	case !absolute(form.Get("Url")):
		return codeInvalidCallURL
	case form.Get("StatusCallback") != "" && !absolute(form.Get("StatusCallback")):
		return codeInvalidURL
	default:
		return 0
	}
}

func (a *API) showCall(request provider.Call) provider.Answer {
	found, ok := a.ownCall(request)
	if !ok {
		return fail(codeNotFound)
	}
	return provider.JSON(http.StatusOK, a.callResource(found))
}

func (a *API) ownCall(request provider.Call) (call.Leg, bool) {
	found, ok := a.phones.Find(strings.TrimSuffix(request.PathValue("sid"), ".json"))
	return found, ok && found.Provider == Name
}

func (a *API) updateCall(request provider.Call) provider.Answer {
	found, ok := a.ownCall(request)
	form, err := url.ParseQuery(string(request.Content))
	if !ok || err != nil {
		return fail(codeNotFound)
	}
	err = a.phones.Update(found.ID, call.State(form.Get("Status")), form.Get("Url"))
	if errors.Is(err, call.ErrWrongState) {
		return fail(codeCallOver)
	}
	return a.showCall(request)
}

func (a *API) listCalls(request provider.Call) provider.Answer {
	query := request.URL.Query()
	size, page := pageOf(query)
	on, from, until := query.Get("StartTime"), query.Get("StartTime>"), query.Get("StartTime<")
	found := a.phones.List((page+1)*size+1, func(l call.Leg) bool {
		day := l.Created.UTC().Format(time.DateOnly)
		return l.Provider == Name && matches(query, "To", l.To) && matches(query, "From", l.From) &&
			matches(query, "Status", string(l.State)) && matches(query, "ParentCallSid", l.ParentID) &&
			(on == "" || day == dayOf(on)) && (from == "" || day >= dayOf(from)) && (until == "" || day <= dayOf(until))
	})
	calls := []map[string]any{}
	for _, one := range found[min(page*size, len(found)):min((page+1)*size, len(found))] {
		calls = append(calls, a.callResource(one))
	}
	return a.listed(request, "/Calls.json", "calls", calls, len(found) > (page+1)*size)
}

func matches(query url.Values, name, value string) bool {
	return query.Get(name) == "" || query.Get(name) == value
}

func pageOf(query url.Values) (size, page int) {
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	page, _ = strconv.Atoi(query.Get("Page"))
	return size, min(max(0, page), maxRecords)
}

// listed is one page of a list; more tells that another follows.
func (a *API) listed(request provider.Call, path, name string, entries []map[string]any, more bool) provider.Answer {
	query := request.URL.Query()
	size, page := pageOf(query)
	var next any
	if more {
		query.Set("Page", strconv.Itoa(page+1))
		next = a.path(path + "?" + query.Encode())
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"uri": a.path(path + "?" + request.URL.RawQuery), "next_page_uri": next, "page": page, "page_size": size, name: entries,
	})
}

// callResource is a call as the API tells it: its numbers are texts.
func (a *API) callResource(l call.Leg) map[string]any {
	path := a.path("/Calls/" + l.ID)
	told := map[string]any{
		"sid": l.ID, "account_sid": a.config.Account, "api_version": version, "from": l.From, "to": l.To,
		"direction": l.Direction, "status": string(l.State), "parent_call_sid": orNil(l.ParentID),
		"date_created": formatTime(l.Created), "date_updated": formatTime(l.Created), "start_time": nil, "end_time": nil,
		"duration": nil, "price": nil, "price_unit": "USD", "answered_by": nil, "queue_time": "0", "uri": path + ".json",
		"subresource_uris": map[string]string{"recordings": path + "/Recordings.json"},
	}
	if !l.Answered.IsZero() {
		told["start_time"] = formatTime(l.Answered)
	}
	if !l.Ended.IsZero() {
		told["end_time"], told["date_updated"], told["duration"] = formatTime(l.Ended), formatTime(l.Ended), strconv.Itoa(l.Duration)
	}
	return told
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}
