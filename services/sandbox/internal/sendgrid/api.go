// Package sendgrid stands in for SendGrid: its API for sending mail, its signed events and its Inbound Parse, signed
// as by a security policy.
package sendgrid

import (
	"crypto/ecdsa"
	"crypto/subtle"
	"fmt"
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
const Name = "sendgrid"

const (
	// Domain is the one authenticated domain.
	Domain = mailbox.Domain

	maxBody    = 30 << 20
	maxRecords = 100_000
	maxBytes   = 32 << 20
)

// Config is the account the sandbox plays.
type Config struct {
	// Key may do everything, SendingKey may only send.
	Key, SendingKey string
	// WebhookSeed and ParseSeed are the texts that the keys of the two webhooks are made of.
	WebhookSeed, ParseSeed string
	// Webhook is where every event and every inbound mail is posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
	// Step is the time from one event of a mail to the next; it varies by half.
	Step time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config            Config
	eventKey, mailKey *ecdsa.PrivateKey
	world             *world.World
	callbacks         *callback.Dispatcher
	server            *provider.Server
	sent              *ring.Ring[record]
	suppressions      mailbox.Suppressions
}

// New makes the provider.
func New(config Config, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared) (*API, error) {
	eventKey, err := keyOf(config.WebhookSeed)
	if err != nil {
		return nil, fmt.Errorf("making the key of the events: %w", err)
	}
	mailKey, err := keyOf(config.ParseSeed)
	if err != nil {
		return nil, fmt.Errorf("making the key of the inbound mail: %w", err)
	}
	dialect := provider.Dialect{
		Fail:    failOnDemand,
		Limited: func() provider.Answer { return fail(http.StatusTooManyRequests, "too many requests", "") },
		TooLarge: func() provider.Answer {
			return fail(http.StatusRequestEntityTooLarge, "The request is larger than 30 MB.", "")
		},
		MaxBody: maxBody,
	}
	return &API{
		config: config, eventKey: eventKey, mailKey: mailKey, world: people, callbacks: callbacks,
		server: provider.NewServer(Name, dialect, shared), sent: ring.New[record](maxRecords, maxBytes),
	}, nil
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.Email }

// Clear forgets what was sent, and who is to be written to no more.
func (a *API) Clear() {
	a.sent.Clear()
	a.suppressions.Clear()
}

// Handler serves the API below its base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /v3/mail/send", a.server.Send(a.authenticated(a.send)))
	mux.Handle("GET /v3/scopes", a.server.Lookup(a.authenticated(a.scopes)))
	mux.Handle("GET /v3/verified_senders", a.server.Lookup(a.authenticated(a.full(a.senders))))
	mux.Handle("GET /v3/whitelabel/domains", a.server.Lookup(a.authenticated(a.full(a.domains))))
	a.handleSuppressions(mux)
	for _, path := range []string{"/v3/mail/send", "/v3/scopes", "/v3/verified_senders", "/v3/whitelabel/domains"} {
		mux.Handle(path, a.server.Lookup(func(provider.Call) provider.Answer {
			return fail(http.StatusMethodNotAllowed, "method not allowed", "")
		}))
	}
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer { return fail(http.StatusNotFound, "not found", "") }))
	return mux
}

// authenticated refuses a call without a key of the account.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		key, bearer := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer ")
		if !bearer || !same(key, a.config.Key) && !same(key, a.config.SendingKey) {
			return fail(http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked", "")
		}
		return next(call)
	}
}

// full refuses the key that may only send.
func (a *API) full(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		if same(strings.TrimPrefix(call.Header.Get("Authorization"), "Bearer "), a.config.SendingKey) {
			return fail(http.StatusForbidden, "access forbidden", "")
		}
		return next(call)
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (a *API) scopes(call provider.Call) provider.Answer {
	scopes := []string{"mail.send"}
	if !same(strings.TrimPrefix(call.Header.Get("Authorization"), "Bearer "), a.config.SendingKey) {
		scopes = append(scopes, "sender_verification_eligible", "whitelabel.read")
	}
	return provider.JSON(http.StatusOK, map[string]any{"scopes": scopes})
}

func (a *API) senders(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{"results": []any{}})
}

func (a *API) domains(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, []any{map[string]any{
		"id": 1, "domain": Domain, "subdomain": "em1", "valid": true, "default": true,
	}})
}
