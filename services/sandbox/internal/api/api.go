// Package api is the sandbox's own API: what the phone and the mailbox show, what the customers write, the faults and
// the log of the provider calls.
package api

import (
	"net/http"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/journal"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

const (
	defaultOverall = 100
	defaultLimit   = 1_000
	maxLimit       = 10_000
	maxPeers       = 500
)

// Carrier is a provider as the customers use it.
type Carrier interface {
	Name() string
	Channel() string
	// Write sends what a customer wrote. It returns a *world.InputError naming what is wrong.
	Write(draft world.Draft) (world.Message, error)
	// KnowsFailure tells whether the provider can be told to fail with this status or error.
	KnowsFailure(name string) bool
	Clear()
}

// API serves the sandbox's own API.
type API struct {
	world     *world.World
	faults    *fault.Set
	calls     *provider.Journal
	journal   *journal.Journal
	callbacks *callback.Dispatcher
	carriers  []Carrier
	phones    *call.Network
	endpoints map[string]*provider.Endpoint
	done      <-chan struct{}
}

// Config is what the API stands on. Closing Done ends the streams.
type Config struct {
	World     *world.World
	Faults    *fault.Set
	Calls     *provider.Journal
	Journal   *journal.Journal
	Callbacks *callback.Dispatcher
	// Endpoints are where the accounts' news is posted, by provider.
	Endpoints map[string]*provider.Endpoint
	Carriers  []Carrier
	Phones    *call.Network
	Done      <-chan struct{}
}

// New makes the API.
func New(config Config) *API {
	return &API{
		world: config.World, faults: config.Faults, calls: config.Calls, journal: config.Journal, callbacks: config.Callbacks,
		carriers: config.Carriers, phones: config.Phones, endpoints: config.Endpoints, done: config.Done,
	}
}

// Handler serves everything below /api/.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/messages", a.received)
	mux.HandleFunc("POST /api/messages", a.write)
	mux.HandleFunc("GET /api/messages/{id}/html", a.html)
	mux.HandleFunc("GET /api/messages/{id}/files/{number}", a.file)
	mux.HandleFunc("POST /api/messages/{id}/actions/{action}", a.act)
	mux.HandleFunc("GET /api/outgoing", a.written)
	mux.HandleFunc("GET /api/peers", a.peers)
	mux.HandleFunc("GET /api/faults", a.showFaults)
	mux.HandleFunc("PUT /api/faults", a.putFaults)
	mux.HandleFunc("GET /api/webhooks", a.showWebhooks)
	mux.HandleFunc("PUT /api/webhooks", a.putWebhook)
	mux.HandleFunc("GET /api/requests", a.requests)
	mux.HandleFunc("GET /api/journal", a.page)
	mux.HandleFunc("POST /api/callbacks/due", a.hurry)
	mux.HandleFunc("DELETE /api/state", a.clear)
	mux.HandleFunc("GET /api/stream", a.stream)
	a.serveCalls(mux)
	for path, methods := range map[string]string{
		"/api/messages": "GET, POST", "/api/messages/{id}/html": "GET",
		"/api/messages/{id}/files/{number}": "GET", "/api/messages/{id}/actions/{action}": "POST", "/api/outgoing": "GET", "/api/peers": "GET",
		"/api/faults": "GET, PUT", "/api/webhooks": "GET, PUT", "/api/requests": "GET", "/api/journal": "GET", "/api/callbacks/due": "POST", "/api/state": "DELETE", "/api/stream": "GET",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", methods)
			refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "", path+" takes "+methods+", not "+r.Method+".")
		})
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "not_found", "", "The sandbox does not know "+r.Method+" "+r.URL.Path+".")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

// item is a message as the API tells it.
type item struct {
	ID         string    `json:"id"`
	Provider   string    `json:"provider"`
	Channel    string    `json:"channel"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Subject    string    `json:"subject"`
	Body       string    `json:"body"`
	At         time.Time `json:"at"`
	ExternalID string    `json:"externalId"`
	// Customer and Business are the plain addresses of the two sides.
	Customer   string   `json:"customer"`
	Business   string   `json:"business"`
	Written    bool     `json:"written"`
	HTML       string   `json:"html,omitempty"`
	Media      string   `json:"media,omitempty"`
	ReplyTo    string   `json:"replyTo,omitempty"`
	MessageID  string   `json:"messageId,omitempty"`
	InReplyTo  string   `json:"inReplyTo,omitempty"`
	References []string `json:"references,omitempty"`
	State      string   `json:"state,omitempty"`
	Detail     string   `json:"detail,omitempty"`
	// Cc is who else an e-mail went to openly; Automatic tells that a program wrote it.
	Cc          string       `json:"cc,omitempty"`
	Automatic   bool         `json:"automatic,omitempty"`
	Attachments []attachment `json:"attachments"`
	// Template, Buttons and IsRead are for chats; see world.Message.
	Template *template `json:"template,omitempty"`
	Buttons  []string  `json:"buttons,omitempty"`
	IsRead   bool      `json:"isRead,omitempty"`
}

// template is a template as the API tells it.
type template struct {
	ID       string `json:"id"`
	Language string `json:"language"`
}

func itemOf(m world.Message) item {
	return item{
		ID: m.ID, Provider: m.Provider, Channel: m.Channel, From: m.From, To: m.To, Subject: m.Subject, Body: m.Body,
		At: m.At, ExternalID: m.ExternalID, Customer: m.Customer, Business: m.Business, Written: m.Written,
		HTML: m.HTML, Media: m.Media, ReplyTo: m.ReplyTo, MessageID: m.MessageID, InReplyTo: m.InReplyTo,
		References: m.References, State: string(m.State), Detail: m.Detail,
		Cc: m.Cc, Automatic: m.Automatic, Attachments: attachmentsOf(m),
		Template: (*template)(m.Template), Buttons: m.Buttons, IsRead: m.IsRead,
	}
}

type items[T any] struct {
	Items []T `json:"items"`
}

func itemsOf[S, T any](from []S, convert func(S) T) items[T] {
	converted := make([]T, 0, len(from))
	for _, one := range from {
		converted = append(converted, convert(one))
	}
	return items[T]{Items: converted}
}

func (a *API) received(w http.ResponseWriter, r *http.Request) {
	a.list(w, r, "to", a.world.Received)
}

func (a *API) written(w http.ResponseWriter, r *http.Request) {
	a.list(w, r, "from", a.world.Written)
}

func (a *API) list(w http.ResponseWriter, r *http.Request, field string, read func(string, int) []world.Message) {
	customer := normalize(r.URL.Query().Get(field))
	usual := defaultLimit
	if customer == "" {
		usual = defaultOverall
	}
	limit, ok := limitOf(w, r, usual)
	if ok {
		answer(w, http.StatusOK, itemsOf(read(customer, limit), itemOf))
	}
}

func limitOf(w http.ResponseWriter, r *http.Request, usual int) (int, bool) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return usual, true
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		refuse(w, http.StatusUnprocessableEntity, "invalid_limit", "limit", "The limit is a number from 1 to 10000.")
		return 0, false
	}
	return limit, true
}

// normalize writes an address as the world compares it. A plus that was not escaped in a query arrives as a space.
func normalize(address string) string {
	if digits, plus := strings.CutPrefix(address, " "); plus && strings.Trim(digits, "0123456789") == "" {
		return "+" + digits
	}
	if parsed, err := netmail.ParseAddress(address); err == nil {
		return strings.ToLower(parsed.Address)
	}
	return strings.TrimSpace(address) // a number, or the id of a customer of a chat, in which case matters
}

func (a *API) peers(w http.ResponseWriter, _ *http.Request) {
	type peer struct {
		Channel  string    `json:"channel"`
		Address  string    `json:"address"`
		Business bool      `json:"business"`
		LastAt   time.Time `json:"lastAt"`
		Messages int       `json:"messages"`
	}
	answer(w, http.StatusOK, itemsOf(a.world.Peers(maxPeers), func(p world.Peer) peer { return peer(p) }))
}

func (a *API) requests(w http.ResponseWriter, r *http.Request) {
	type request struct {
		At             time.Time `json:"at"`
		Provider       string    `json:"provider"`
		Method         string    `json:"method"`
		Path           string    `json:"path"`
		IdempotencyKey string    `json:"idempotencyKey,omitempty"`
		To             string    `json:"to,omitempty"`
		MessageID      string    `json:"messageId,omitempty"`
		Status         int       `json:"status"`
		Outcome        string    `json:"outcome"`
		TookMS         float64   `json:"tookMs"`
	}
	limit, ok := limitOf(w, r, defaultLimit)
	if !ok {
		return
	}
	entries := a.calls.List(r.URL.Query().Get("provider"), limit)
	answer(w, http.StatusOK, itemsOf(entries, func(e provider.Entry) request {
		return request{
			At: e.At, Provider: e.Provider, Method: e.Method, Path: e.Path, IdempotencyKey: e.IdempotencyKey,
			To: e.To, MessageID: e.MessageID, Status: e.Status, Outcome: e.Outcome, TookMS: float64(e.Took.Microseconds()) / 1000,
		}
	}))
}

// clear makes everything as it was at the start.
func (a *API) clear(w http.ResponseWriter, _ *http.Request) {
	a.callbacks.Clear()
	a.phones.Clear()
	a.faults.Put(fault.Rule{}, a.faults.Providers()...)
	for _, carrier := range a.carriers {
		carrier.Clear()
	}
	a.calls.Clear()
	a.journal.Clear()
	a.world.Clear()
	w.WriteHeader(http.StatusNoContent)
}
