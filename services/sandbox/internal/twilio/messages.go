package twilio

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	maxMedia        = 10
	codeUnreachable = 30003
)

func (a *API) send(request provider.Call) provider.Answer {
	form, err := url.ParseQuery(string(request.Content))
	if kind, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return failWith(http.StatusBadRequest, codeMissingTo, "The request is not a form")
	}
	if code := a.refusal(form); code != 0 {
		answer := fail(code)
		answer.To = form.Get("To")
		return answer
	}
	text := a.accept(request, form)
	answer := provider.JSON(http.StatusCreated, a.resource(text, text.created))
	answer.MessageID, answer.To = text.sid, text.to
	return answer
}

// refusal is the code a send is refused with, 0 when it is taken.
func (a *API) refusal(form url.Values) int {
	to, from, service, body := bare(form.Get("To")), bare(form.Get("From")), form.Get("MessagingServiceSid"), form.Get("Body")
	switch {
	case isChat(form.Get("To")) != isChat(form.Get("From")) && form.Get("From") != "":
		return codeMixed
	case isChat(form.Get("To")):
		return a.chatRefusal(form, to, from)
	case to == "":
		return codeMissingTo
	case from == "" && service == "":
		return codeMissingFrom
	case !sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid):
		return codeInvalidTo
	case service != "" && service != a.config.Service:
		return codeForeignService
	case from != "" && !sms.Owned(from):
		return codeForeignFrom
	case body == "" && len(form["MediaUrl"]) == 0:
		return codeMissingBody
	case utf8.RuneCountInString(body) > sms.MaxRunes:
		return codeTooLong
	case len(form["MediaUrl"]) > maxMedia:
		return codeTooManyMedia
	case form.Get("StatusCallback") != "" && !provider.IsURL(form.Get("StatusCallback")):
		return codeInvalidURL
	case strings.HasSuffix(to, sms.SuffixOptedOut):
		return codeOptedOut
	default:
		return 0
	}
}

// accept keeps the text, gives it to the customer and schedules its callbacks. What is found out only later, such as a
// file that cannot be fetched or a closed window, is told by a callback.
func (a *API) accept(request provider.Call, form url.Values) record {
	text := record{
		sid: newSID(len(form["MediaUrl"]) > 0), from: cmp.Or(bare(form.Get("From")), a.config.Number), to: bare(form.Get("To")),
		body: form.Get("Body"), service: form.Get("MessagingServiceSid"), media: slices.Clone(form["MediaUrl"]), created: world.Now(),
		chat: isChat(form.Get("To")), callback: form.Get("StatusCallback"),
	}
	a.fill(&text, form)
	failed := a.trouble(&text, request)
	text.steps = a.plan(text, failed)
	a.records.Add(text.sid, text, text.size())
	if failed == 0 {
		a.world.Add(text.message())
	}
	if text.callback != "" && a.callbacks.Reachable(text.callback) {
		a.callbacks.Deliver(a.statusCallbacks(text)...)
	}
	return text
}

// trouble is the code with which the text ends badly, 0 when it arrives. It fetches the files.
func (a *API) trouble(text *record, request provider.Call) int {
	switch {
	case strings.HasSuffix(text.to, sms.SuffixUndelivered):
		return codeUnreachable
	case text.chat && text.template == "" && !a.windows.IsOpen(text.from, text.to, text.created):
		return codeWindow
	}
	files, err := a.fetcher.Fetch(request.Context(), text.media)
	if err != nil {
		return codeFile
	}
	text.files = files
	return 0
}

// plan is what will become of the text.
func (a *API) plan(text record, failed int) []step {
	names := []string{statusQueued, statusSending, statusSent, statusDelivered}
	if text.service != "" {
		names[0] = statusAccepted
	}
	if failed != 0 {
		names[3] = statusUndelivered
	}
	at := text.created
	steps := make([]step, 0, len(names))
	for _, name := range names {
		steps = append(steps, step{status: name, at: at})
		at = at.Add(vary(a.config.Step))
	}
	steps[len(steps)-1].code = failed
	return steps
}

// vary is a duration between a half and one and a half of the mean.
func vary(mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rand.Int64N(int64(mean)+1)) //nolint:gosec // a delay is no secret
}

func (a *API) statusCallbacks(text record) []callback.Callback {
	callbacks := make([]callback.Callback, 0, len(text.steps))
	for _, reached := range text.steps {
		callbacks = append(callbacks, a.statusCallback(text, reached))
	}
	return callbacks
}

func (a *API) statusCallback(text record, reached step) callback.Callback {
	form := url.Values{
		"MessageSid": {text.sid}, "SmsSid": {text.sid}, "AccountSid": {a.config.Account}, "ApiVersion": {version},
		"MessageStatus": {reached.status}, "SmsStatus": {reached.status}, "From": {text.wire(text.from)}, "To": {text.wire(text.to)},
	}
	if text.service != "" {
		form.Set("MessagingServiceSid", text.service)
	}
	if text.chat {
		form.Set("ChannelPrefix", "whatsapp")
	}
	if text.chat && reached.status == statusRead {
		form.Set("EventType", "READ")
	}
	if reached.code != 0 {
		form.Set("ErrorCode", strconv.Itoa(reached.code))
	}
	if reached.status == statusDelivered {
		form.Set("RawDlrDoneDate", reached.at.UTC().Format("0601021504"))
	}
	return callback.Callback{
		Provider: Name, Name: "status " + reached.status, About: text.sid, At: reached.at.Add(vary(a.config.Step / 4)),
		Waits: a.config.Waits, Request: a.signedRequest(text.callback, form),
	}
}

func (a *API) message(request provider.Call) provider.Answer {
	text, ok := a.records.Get(strings.TrimSuffix(request.PathValue("sid"), ".json"))
	if !ok {
		return fail(codeNotFound)
	}
	return provider.JSON(http.StatusOK, a.resource(text, time.Now()))
}

func (a *API) list(request provider.Call) provider.Answer {
	query := request.URL.Query()
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	page, _ := strconv.Atoi(query.Get("Page"))
	page = min(max(0, page), maxRecords)
	now := time.Now()
	found := a.records.Newest((page+1)*size+1, matching(query, now))
	texts := make([]resource, 0, size)
	for _, text := range found[min(page*size, len(found)):min((page+1)*size, len(found))] {
		texts = append(texts, a.resource(text, now))
	}
	var next, previous *string
	if len(found) > (page+1)*size {
		next = a.page(query, page+1)
	}
	if page > 0 {
		previous = a.page(query, page-1)
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"uri": a.path("/Messages.json?" + request.URL.RawQuery), "first_page_uri": a.page(query, 0),
		"next_page_uri": next, "previous_page_uri": previous, "start": page * size, "end": page*size + max(0, len(texts)-1),
		"page": page, "page_size": size, "messages": texts,
	})
}

// page is the address of another page of a list.
func (a *API) page(query url.Values, number int) *string {
	other := maps.Clone(query)
	other.Set("Page", strconv.Itoa(number))
	other.Set("PageToken", "PASM"+strconv.Itoa(number))
	path := a.path("/Messages.json?" + other.Encode())
	return &path
}

// matching is the filter of a list: To, From and DateSent, also DateSent> and DateSent<, days in UTC. A text
// that has not left has no date of sending: no date finds it.
func matching(query url.Values, now time.Time) func(record) bool {
	on, from, until := query.Get("DateSent"), query.Get("DateSent>"), query.Get("DateSent<")
	return func(text record) bool {
		if (query.Get("To") != "" && query.Get("To") != text.wire(text.to)) || (query.Get("From") != "" && query.Get("From") != text.wire(text.from)) {
			return false
		}
		if on == "" && from == "" && until == "" {
			return true
		}
		sent := text.sentAt(now)
		if sent == nil {
			return false
		}
		day := sent.UTC().Format(time.DateOnly)
		return (on == "" || day == dayOf(on)) && (from == "" || day >= dayOf(from)) && (until == "" || day <= dayOf(until))
	}
}

// dayOf is the day of a date or of a time.
func dayOf(text string) string { return text[:min(len(text), len(time.DateOnly))] }
