package signalwire

import (
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

	"github.com/google/uuid"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	maxMedia = 8

	codeUnreachable = "30003"
	codeFile        = "63019"
)

func (a *API) send(request provider.Call) provider.Answer {
	form, err := url.ParseQuery(string(request.Content))
	if kind, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return failWith(http.StatusBadRequest, codeMissingTo, "The request is not a form")
	}
	if code := refusal(form); code != 0 {
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
func refusal(form url.Values) int {
	to, from, body := form.Get("To"), form.Get("From"), form.Get("Body")
	switch {
	case to == "":
		return codeMissingTo
	case from == "":
		return codeMissingFrom
	case !sms.ValidNumber(to) || strings.HasSuffix(to, sms.SuffixInvalid):
		return codeInvalidTo
	case !sms.Owned(from):
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

// accept keeps the text, gives it to the customer and schedules its callbacks.
func (a *API) accept(request provider.Call, form url.Values) record {
	now := world.Now()
	text := record{
		sid: uuid.NewString(), from: form.Get("From"), to: form.Get("To"), body: form.Get("Body"),
		media: slices.Clone(form["MediaUrl"]), created: now,
	}
	failed := a.trouble(&text, request)
	text.steps = a.plan(text, failed)
	a.records.Add(text.sid, text, text.size())
	if failed == "" {
		a.world.Add(text.message())
	}
	if target := form.Get("StatusCallback"); target != "" && a.callbacks.Reachable(target) {
		a.callbacks.Deliver(a.statusCallbacks(text, target)...)
	}
	return text
}

// trouble is the code with which the text ends badly, empty when it arrives. It fetches the files.
func (a *API) trouble(text *record, request provider.Call) string {
	if strings.HasSuffix(text.to, sms.SuffixUndelivered) {
		return codeUnreachable
	}
	files, err := a.fetcher.Fetch(request.Context(), text.media)
	if err != nil {
		return codeFile
	}
	text.files = files
	return ""
}

// plan is what will become of the text: a text with media never gets past sent.
func (a *API) plan(text record, failed string) []step {
	names := []string{"queued", "sending", "sent", "delivered"}
	switch {
	case failed != "":
		names[3] = "undelivered"
	case len(text.media) > 0:
		names = names[:3]
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

func (a *API) statusCallbacks(text record, target string) []callback.Callback {
	callbacks := make([]callback.Callback, 0, len(text.steps))
	for _, reached := range text.steps {
		form := url.Values{
			"MessageSid": {text.sid}, "SmsSid": {text.sid}, "AccountSid": {a.config.Project},
			"MessageStatus": {reached.status}, "SmsStatus": {reached.status},
			"From": {text.from}, "To": {text.to}, "Body": {text.body},
			"NumMedia": {strconv.Itoa(text.numMedia())}, "NumSegments": {strconv.Itoa(sms.Segments(text.body))},
		}
		if reached.code != "" {
			form.Set("ErrorCode", reached.code)
		}
		callbacks = append(callbacks, callback.Callback{
			Provider: Name, Name: "status " + reached.status, About: text.sid, At: reached.at.Add(vary(a.config.Step / 4)),
			Waits: a.config.Waits, Request: a.signedRequest(target, form),
		})
	}
	return callbacks
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
		"uri": a.path("/Messages?" + request.URL.RawQuery), "first_page_uri": a.page(query, 0),
		"next_page_uri": next, "previous_page_uri": previous,
		"page": page, "page_size": size, "messages": texts,
	})
}

func (a *API) page(query url.Values, number int) *string {
	other := maps.Clone(query)
	other.Set("Page", strconv.Itoa(number))
	path := a.path("/Messages?" + other.Encode())
	return &path
}

// matching is the filter of a list: To, From and DateSent, also DateSent> and DateSent<, days in UTC.
func matching(query url.Values, now time.Time) func(record) bool {
	on, from, until := query.Get("DateSent"), query.Get("DateSent>"), query.Get("DateSent<")
	return func(text record) bool {
		if (query.Get("To") != "" && query.Get("To") != text.to) || (query.Get("From") != "" && query.Get("From") != text.from) {
			return false
		}
		if on == "" && from == "" && until == "" {
			return true
		}
		at := text.created // a text that waits is listed under the day it was accepted
		if sent := text.sentAt(now); sent != nil {
			at = *sent
		}
		day := at.UTC().Format(time.DateOnly)
		return (on == "" || day == on) && (from == "" || day >= from) && (until == "" || day <= until)
	}
}
