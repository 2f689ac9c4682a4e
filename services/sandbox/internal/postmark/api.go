// Package postmark stands in for Postmark: its API for sending and finding mail, and its webhooks, which prove
// themselves with a user and a password.
package postmark

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/mailbox"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Name is the provider's name.
const Name = "postmark"

const (
	// Domain is the one verified domain.
	Domain = mailbox.Domain

	serverID   = 23
	stream     = "outbound"
	maxBody    = 10 << 20
	maxRecords = 100_000
	maxBytes   = 96 << 20
)

// Config is the server the sandbox plays.
type Config struct {
	// Token is the server's API token.
	Token string
	// User and Password prove its webhooks.
	User, Password string
	// Webhook is where every event and every inbound mail is posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
	// Step is the time from one event of a mail to the next; it varies by half.
	Step time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config    Config
	world     *world.World
	callbacks *callback.Dispatcher
	server    *provider.Server
	sent      *ring.Ring[mail]
	bounces   *ring.Ring[bounce]
	received  *ring.Ring[mailbox.Letter]

	suppressions mailbox.Suppressions
}

// New makes the provider.
func New(config Config, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared) *API {
	dialect := provider.Dialect{
		Fail:    failOnDemand,
		Limited: func() provider.Answer { return fail(codeRateLimited) },
		TooLarge: func() provider.Answer {
			return failWith(http.StatusRequestEntityTooLarge, codeInvalid, "The request is larger than 10 MB.")
		},
		MaxBody: maxBody,
	}
	return &API{
		config: config, world: people, callbacks: callbacks,
		server: provider.NewServer(Name, dialect, shared), sent: ring.New[mail](maxRecords, maxBytes),
		bounces: ring.New[bounce](maxRecords, maxRecords), received: ring.New[mailbox.Letter](maxRecords, maxBytes),
	}
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.Email }

// Clear forgets every mail, and who is to be written to no more.
func (a *API) Clear() {
	a.sent.Clear()
	a.bounces.Clear()
	a.received.Clear()
	a.suppressions.Clear()
}

// Handler serves the API below its base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /email", a.server.Send(a.authenticated(a.send)))
	mux.Handle("GET /messages/outbound", a.server.Lookup(a.authenticated(a.search)))
	mux.Handle("GET /messages/outbound/{id}/details", a.server.Lookup(a.authenticated(a.show)))
	mux.Handle("GET /messages/inbound", a.server.Lookup(a.authenticated(a.listInbound)))
	mux.Handle("GET /messages/inbound/{id}/details", a.server.Lookup(a.authenticated(a.showInbound)))
	mux.Handle("GET /bounces", a.server.Lookup(a.authenticated(a.listBounces)))
	a.handleSuppressions(mux)
	mux.Handle("GET /server", a.server.Lookup(a.authenticated(a.describe)))
	for _, path := range []string{"/email", "/messages/outbound", "/server"} {
		mux.Handle(path, a.server.Lookup(func(provider.Call) provider.Answer {
			return failWith(http.StatusMethodNotAllowed, 0, "The requested resource does not support this method.")
		}))
	}
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer {
		return failWith(http.StatusNotFound, 0, "The requested resource does not exist.")
	}))
	return mux
}

// authenticated refuses a call without the token, or without the headers the API asks for.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		given := call.Header.Get("X-Postmark-Server-Token")
		if subtle.ConstantTimeCompare([]byte(given), []byte(a.config.Token)) != 1 {
			return fail(codeToken)
		}
		if !isJSON(call, "Accept") || (call.Method == http.MethodPost && !isJSON(call, "Content-Type")) {
			return fail(codeNoJSON)
		}
		return next(call)
	}
}

func isJSON(call provider.Call, name string) bool {
	return strings.HasPrefix(strings.ToLower(call.Header.Get(name)), "application/json")
}

func (a *API) describe(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{
		"ID": serverID, "Name": "Sandbox", "Color": "Blue", "DeliveryType": "Live", "SmtpApiActivated": false,
		"RawEmailEnabled": false, "InboundAddress": "sandbox@" + Domain, "InboundHookUrl": a.config.Webhook.URL(),
		"InboundDomain": Domain, "InboundHash": "sandbox", "TrackOpens": false, "TrackLinks": "None",
	})
}

// formatTime writes a time as the provider's API does.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }
