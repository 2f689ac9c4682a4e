// Package meta stands in for Meta's Cloud API: messages, files, templates and numbers of WhatsApp, and the webhooks it
// signs.
package meta

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Name is the provider's name.
const Name = "meta"

const (
	maxBody      = 32 << 20
	maxRecords   = 100_000
	maxBytes     = 64 << 20
	maxFiles     = 1_000
	maxFileBytes = 128 << 20
)

// Config is the account the sandbox plays.
type Config struct {
	Account, Token, AppSecret string
	// Number is the account's own number; it owns every other number of the sandbox as well.
	Number string
	// Webhook is where all news is posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
	// Step is the time from one status of a message to the next; it varies by half.
	Step time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config    Config
	world     *world.World
	callbacks *callback.Dispatcher
	server    *provider.Server
	fetcher   *sms.Fetcher
	publicURL func() string
	records   *ring.Ring[record]
	files     *ring.Ring[world.File]
	windows   *sms.Windows
}

// New makes the provider.
func New(config Config, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared) *API {
	dialect := provider.Dialect{
		Fail:    failOnDemand,
		Limited: func() provider.Answer { return fail(codeRateLimited) },
		TooLarge: func() provider.Answer {
			return failWith(http.StatusRequestEntityTooLarge, codeInvalid, "The request is too large")
		},
		MaxBody: maxBody,
	}
	return &API{
		config: config, world: people, callbacks: callbacks, server: provider.NewServer(Name, dialect, shared),
		fetcher: sms.NewFetcher(callbacks.Reachable), publicURL: shared.PublicURL,
		records: ring.New[record](maxRecords, maxBytes), files: ring.New[world.File](maxFiles, maxFileBytes),
		windows: sms.NewWindows(),
	}
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.WhatsApp }

// Clear forgets every message, file and window.
func (a *API) Clear() {
	a.records.Clear()
	a.files.Clear()
	a.windows.Clear()
}

// Handler serves the API below the provider's base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /{version}/{id}/messages", a.server.Send(a.authenticated(a.send)))
	mux.Handle("POST /{version}/{id}/media", a.server.Lookup(a.authenticated(a.upload)))
	mux.Handle("GET /{version}/{id}/phone_numbers", a.server.Lookup(a.authenticated(a.ofAccount(a.numbers))))
	mux.Handle("GET /{version}/{id}/message_templates", a.server.Lookup(a.authenticated(a.ofAccount(a.listTemplates))))
	mux.Handle("/{version}/{id}/subscribed_apps", a.server.Lookup(a.authenticated(a.ofAccount(a.subscribed))))
	mux.Handle("GET /{version}/{id}", a.server.Lookup(a.authenticated(a.object)))
	mux.Handle("GET /files/{id}", a.server.Lookup(a.authenticated(a.file)))
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer { return fail(codeUnknownPath) }))
	return mux
}

// authenticated refuses a call without the account's token.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(request provider.Call) provider.Answer {
		given, _ := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(given), []byte(a.config.Token)) != 1 {
			return fail(codeToken)
		}
		return next(request)
	}
}

// ofAccount refuses a question about another account.
func (a *API) ofAccount(next provider.Handler) provider.Handler {
	return func(request provider.Call) provider.Answer {
		if request.PathValue("id") != a.config.Account {
			return fail(codeUnknownObject)
		}
		return next(request)
	}
}

func (a *API) subscribed(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{
		"success": true, "data": []any{map[string]any{"whatsapp_business_api_data": map[string]string{"id": "1", "name": "Sandbox"}}},
	})
}

// object is a number or a file, by its id.
func (a *API) object(request provider.Call) provider.Answer {
	id := request.PathValue("id")
	if number, ok := numberOf(id); ok {
		return provider.JSON(http.StatusOK, numberResource(number))
	}
	return a.showFile(id)
}
