// Package callapi is the API of calls, recordings and transcriptions that several stand-ins have alike, on top of the
// phone network of package call. The paths, who may ask and the words of a refusal are each provider's own.
package callapi

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

// The codes a call is refused with; each provider words them.
const (
	codeTooManyCalls   = 10004
	codeNotFound       = 20404
	codeMissingTo      = 21201
	codeInvalidURL     = 21205
	codeInvalidNews    = 21609
	codeUnverifiedFrom = 21210
	codeInvalidTo      = 21211
	codeMissingFrom    = 21213
	codeCallOver       = 21220
)

const (
	version = "2010-04-01"
	// maxTimeout is how long a phone may ring, in seconds.
	maxTimeout = 600
)

// Config is what a provider does in its own way.
type Config struct {
	// Name is the provider's, Account the id of its account.
	Name, Account string
	Phones        *call.Network
	// Placed is the HTTP status of the answer to a call that is placed.
	Placed int
	// Ending ends the path of a resource; Path is the path of a place below the account.
	Ending string
	Path   func(rest string) string
	// Fail words one of the codes.
	Fail func(code int) provider.Answer
	// Number is how numbers are written.
	Number func(n int) any
	// Finish words a resource as the provider does, beyond what they have in common.
	Finish func(kind call.Kind, told map[string]any)
}

// API answers for the calls of one provider. It is safe for concurrent use.
type API struct{ config Config }

// New makes the API.
func New(config Config) *API { return &API{config: config} }

// Place takes a call.
func (a *API) Place(request provider.Call) provider.Answer {
	form, err := url.ParseQuery(string(request.Content))
	if err != nil {
		return a.config.Fail(codeMissingTo)
	}
	timeout, _ := strconv.Atoi(form.Get("Timeout"))
	refused := func(code int) provider.Answer {
		answer := a.config.Fail(code)
		answer.To = form.Get("To")
		return answer
	}
	if code := refusal(form); code != 0 {
		return refused(code)
	}
	placed, err := a.config.Phones.Place(a.config.Name, call.Placement{
		To: form.Get("To"), From: form.Get("From"), URL: form.Get("Url"), StatusURL: form.Get("StatusCallback"),
		Events: slices.Clone(form["StatusCallbackEvent"]), Timeout: min(max(timeout, 0), maxTimeout),
	})
	if err != nil {
		return refused(codeTooManyCalls)
	}
	answer := provider.JSON(a.config.Placed, a.resource(placed))
	answer.MessageID, answer.To = placed.ID, placed.To
	return answer
}

// refusal is the code a call is refused with, 0 when it is placed.
func refusal(form url.Values) int {
	to, from := form.Get("To"), form.Get("From")
	switch {
	case to == "":
		return codeMissingTo
	case from == "":
		return codeMissingFrom
	case !sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid) || sms.Owned(to):
		return codeInvalidTo
	case !sms.Owned(from):
		return codeUnverifiedFrom
	case !provider.IsURL(form.Get("Url")):
		return codeInvalidURL
	case form.Get("StatusCallback") != "" && !provider.IsURL(form.Get("StatusCallback")):
		return codeInvalidNews
	default:
		return 0
	}
}

// Show tells what is known of a call.
func (a *API) Show(request provider.Call) provider.Answer {
	found, ok := a.own(request)
	if !ok {
		return a.config.Fail(codeNotFound)
	}
	return provider.JSON(http.StatusOK, a.resource(found))
}

func (a *API) own(request provider.Call) (call.Leg, bool) {
	found, ok := a.config.Phones.Find(strings.TrimSuffix(request.PathValue("sid"), ".json"))
	return found, ok && found.Provider == a.config.Name
}

// Update ends a call, or sends it to another document.
func (a *API) Update(request provider.Call) provider.Answer {
	found, ok := a.own(request)
	form, err := url.ParseQuery(string(request.Content))
	if !ok || err != nil {
		return a.config.Fail(codeNotFound)
	}
	err = a.config.Phones.Update(found.ID, call.State(form.Get("Status")), form.Get("Url"))
	if errors.Is(err, call.ErrWrongState) {
		return a.config.Fail(codeCallOver)
	}
	return a.Show(request)
}

// List lists the calls, the newest first, by their numbers, state, parent and day.
func (a *API) List(request provider.Call) provider.Answer {
	query := request.URL.Query()
	on, from, until := dayOf(query.Get("StartTime")), dayOf(query.Get("StartTime>")), dayOf(query.Get("StartTime<"))
	size, page := pageOf(query)
	found := a.config.Phones.List((page+1)*size+1, func(l call.Leg) bool {
		day := l.Created.UTC().Format(time.DateOnly)
		return l.Provider == a.config.Name && matches(query, "To", l.To) && matches(query, "From", l.From) &&
			matches(query, "Status", string(l.State)) && matches(query, "ParentCallSid", l.ParentID) &&
			(on == "" || day == on) && (from == "" || day >= from) && (until == "" || day <= until)
	})
	return listed(a, request, "Calls", found, a.resource)
}

// resource is a call as the API tells it.
func (a *API) resource(l call.Leg) map[string]any {
	path := a.config.Path("/Calls/" + l.ID)
	told := map[string]any{
		"sid": l.ID, "account_sid": a.config.Account, "api_version": version, "from": l.From, "to": l.To,
		"direction": l.Direction, "status": string(l.State), "parent_call_sid": orNil(l.ParentID),
		"date_created": formatTime(l.Created), "date_updated": formatTime(l.Created), "start_time": nil, "end_time": nil,
		"duration": nil, "price": nil, "price_unit": "USD", "answered_by": nil, "uri": path + a.config.Ending,
		"subresource_uris": map[string]string{"recordings": path + "/Recordings" + a.config.Ending},
	}
	if !l.Answered.IsZero() {
		told["start_time"] = formatTime(l.Answered)
	}
	if !l.Ended.IsZero() {
		told["end_time"], told["date_updated"] = formatTime(l.Ended), formatTime(l.Ended)
		told["duration"] = a.config.Number(l.Duration)
	}
	a.config.Finish(call.CallID, told)
	return told
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// formatTime writes a time as the providers do (RFC 2822).
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
