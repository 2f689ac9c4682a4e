// Package stripe stands in for Stripe: the part of its API that takes a workspace's money, the pages a person sees, and the
// webhooks it signs.
//
// Source: https://docs.stripe.com/api.
package stripe

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
)

// Name is the provider's name.
const Name = "stripe"

const (
	maxBody    = 1 << 20
	maxObjects = 10_000
	maxList    = 100
)

// Config is the account the sandbox plays.
type Config struct {
	Key, WebhookSecret string
	// Webhook is where every event is posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config    Config
	callbacks *callback.Dispatcher
	server    *provider.Server
	publicURL func() string

	// mu lets one change happen at a time.
	mu      sync.Mutex
	objects *ring.Ring[object]
	keys    *ring.Ring[claim]
}

// object is one of the account's objects as the API shows it.
type object map[string]any

func (o object) text(name string) string {
	text, _ := o[name].(string)
	return text
}

func (o object) number(name string) int64 {
	number, _ := o[name].(int64)
	return number
}

// New makes the provider.
func New(config Config, callbacks *callback.Dispatcher, shared provider.Shared) *API {
	dialect := provider.Dialect{
		Fail:     failOnDemand,
		Limited:  func() provider.Answer { return fail(http.StatusTooManyRequests, "rate_limit", "Too many requests.") },
		TooLarge: func() provider.Answer { return fail(http.StatusRequestEntityTooLarge, "", "The request is too large.") },
		MaxBody:  maxBody,
	}
	return &API{
		config: config, callbacks: callbacks, server: provider.NewServer(Name, dialect, shared), publicURL: shared.PublicURL,
		objects: ring.New[object](maxObjects, maxObjects), keys: ring.New[claim](maxObjects, maxObjects),
	}
}

func failOnDemand(with string) provider.Answer {
	status, err := strconv.Atoi(with)
	if err != nil || status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	return fail(status, "", "An error on demand.")
}

// Handler serves the API, below /v1.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	post := func(path string, handle func(id string, form url.Values) provider.Answer) {
		mux.Handle("POST /v1/"+path, a.server.Lookup(a.authenticated(a.idempotent(handle))))
	}
	get := func(path string, handle func(provider.Call) provider.Answer) {
		mux.Handle("GET /v1/"+path, a.server.Lookup(a.authenticated(handle)))
	}
	post("customers", a.createCustomer)
	post("customers/{id}", a.updateCustomer)
	get("customers/{id}", a.show)
	post("checkout/sessions", a.createCheckout)
	get("checkout/sessions/{id}", a.show)
	post("billing_portal/sessions", a.createPortal)
	post("invoices", a.createInvoice)
	get("invoices", a.listInvoices)
	get("invoices/{id}", a.show)
	post("invoices/{id}/add_lines", a.addLines)
	post("invoices/{id}/finalize", a.finalize)
	mux.Handle("/", a.server.Lookup(func(call provider.Call) provider.Answer {
		return fail(http.StatusNotFound, "", "Unrecognized request URL ("+call.Method+": "+call.URL.Path+").")
	}))
	return mux
}

func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		key, bearer := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer ")
		if !bearer || subtle.ConstantTimeCompare([]byte(key), []byte(a.config.Key)) != 1 {
			return fail(http.StatusUnauthorized, "", "Invalid API Key provided.")
		}
		return next(call)
	}
}

// claim is an Idempotency-Key that was used.
type claim struct {
	of     [sha256.Size]byte
	answer provider.Answer
}

// idempotent gives a repeated key its first answer, and refuses one that comes with something else.
func (a *API) idempotent(next func(id string, form url.Values) provider.Answer) provider.Handler {
	return func(call provider.Call) provider.Answer {
		form, err := url.ParseQuery(string(call.Content))
		if err != nil {
			return fail(http.StatusBadRequest, "parameter_invalid", "The body is no form.")
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		key, of := call.Header.Get("Idempotency-Key"), sha256.Sum256([]byte(call.URL.Path+"?"+form.Encode()))
		if held, used := a.keys.Get(key); key != "" && used {
			if held.of != of {
				return failType(http.StatusBadRequest, "idempotency_error", "",
					"Keys for idempotent requests can only be used with the same parameters they were first used with.")
			}
			held.answer.Header = map[string]string{"Idempotent-Replayed": "true"}
			held.answer.Outcome = "replayed"
			return held.answer
		}
		answer := next(call.PathValue("id"), form)
		if key != "" && answer.Status != http.StatusConflict && answer.Status != http.StatusTooManyRequests {
			a.keys.Add(key, claim{of, answer}, 1)
		}
		return answer
	}
}

func fail(status int, code, message string) provider.Answer {
	return failType(status, "invalid_request_error", code, message)
}

func failType(status int, kind, code, message string) provider.Answer {
	about := map[string]any{"type": kind, "message": message}
	if code != "" {
		about["code"] = code
	}
	return provider.JSON(status, map[string]any{"error": about})
}

func missing(id string) provider.Answer {
	return fail(http.StatusNotFound, "resource_missing", "No such object: '"+id+"'")
}

// make keeps a new object.
func (a *API) make(prefix, kind string, fields object) object {
	made := object{"id": prefix + "_" + rand.Text(), "object": kind, "created": time.Now().Unix(), "livemode": false}
	maps.Copy(made, fields)
	a.objects.Add(made.text("id"), made, 1)
	return made
}

// change sets fields of an object and gives it as it is then.
func (a *API) change(id string, fields object) object {
	changed, _ := a.objects.Update(id, func(before object) object {
		after := maps.Clone(before)
		maps.Copy(after, fields)
		return after
	})
	return changed
}

// find is an object of a kind.
func (a *API) find(id, kind string) (object, bool) {
	found, ok := a.objects.Get(id)
	return found, ok && found.text("object") == kind
}

// show answers an object, with what it names in full where that is asked for.
func (a *API) show(call provider.Call) provider.Answer {
	found, ok := a.objects.Get(call.PathValue("id"))
	if !ok {
		return missing(call.PathValue("id"))
	}
	shown := maps.Clone(found)
	for name, values := range call.URL.Query() {
		if strings.HasPrefix(name, "expand") {
			a.expand(shown, strings.Split(values[0], "."))
		}
	}
	return provider.JSON(http.StatusOK, shown)
}

func (a *API) expand(in object, path []string) {
	switch value := in[path[0]].(type) {
	case string:
		if found, ok := a.objects.Get(value); ok {
			in[path[0]] = found
		}
	case object:
		if len(path) > 1 {
			inner := maps.Clone(value)
			a.expand(inner, path[1:])
			in[path[0]] = inner
		}
	}
}

// nested are the fields of a form such as metadata[name].
func nested(form url.Values, name string) object {
	fields := object{}
	for key, values := range form {
		if inner, ok := strings.CutPrefix(key, name+"["); ok && strings.HasSuffix(inner, "]") {
			fields[strings.TrimSuffix(inner, "]")] = values[0]
		}
	}
	return fields
}
