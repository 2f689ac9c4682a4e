// Package resend stands in for Resend: its API for sending and receiving mail and the webhooks it signs.
package resend

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
const Name = "resend"

const (
	// Domain is the one verified domain.
	Domain = mailbox.Domain

	maxBody    = 40 << 20
	maxRecords = 100_000
	maxBytes   = 96 << 20
)

// Config is the account the sandbox plays.
type Config struct {
	// Key may do everything, SendingKey may only send.
	Key, SendingKey string
	WebhookSecret   string
	// Webhook is where every event is posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
	// Step is the time from one event of a mail to the next; it varies by half.
	Step time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config    Config
	secret    []byte
	world     *world.World
	callbacks *callback.Dispatcher
	server    *provider.Server
	sent      *ring.Ring[mail]
	received  *ring.Ring[mail]
	keys      *ring.Ring[*claim]

	suppressions mailbox.Suppressions
}

// New makes the provider. The webhook secret is "whsec_" and base64.
func New(config Config, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared) (*API, error) {
	secret, err := decodeSecret(config.WebhookSecret)
	if err != nil {
		return nil, err
	}
	dialect := provider.Dialect{
		Fail:    failOnDemand,
		Limited: func() provider.Answer { return fail(errRateLimited) },
		TooLarge: func() provider.Answer {
			return failWith(http.StatusRequestEntityTooLarge, errValidation, "The request is larger than 40 MB.")
		},
		MaxBody: maxBody,
	}
	return &API{
		config: config, secret: secret, world: people, callbacks: callbacks,
		server: provider.NewServer(Name, dialect, shared),
		sent:   ring.New[mail](maxRecords, maxBytes), received: ring.New[mail](maxRecords, maxBytes),
		keys: ring.New[*claim](maxRecords, maxRecords),
	}, nil
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.Email }

// Clear forgets every mail, every idempotency key and who is to be written to no more.
func (a *API) Clear() {
	a.sent.Clear()
	a.received.Clear()
	a.keys.Clear()
	a.suppressions.Clear()
}

// Handler serves the API below its base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /emails", a.server.Send(a.authenticated(a.idempotent(a.send))))
	mux.Handle("GET /emails/{id}", a.server.Lookup(a.authenticated(a.full(a.email))))
	mux.Handle("GET /emails/receiving/{id}", a.server.Lookup(a.authenticated(a.full(a.receivedEmail))))
	mux.Handle("GET /emails", a.server.Lookup(a.authenticated(a.full(a.listSent))))
	mux.Handle("GET /emails/receiving", a.server.Lookup(a.authenticated(a.full(a.listReceived))))
	mux.Handle("GET /emails/receiving/{id}/attachments", a.server.Lookup(a.authenticated(a.full(a.receivedAttachments))))
	mux.Handle("GET /emails/receiving/{id}/attachments/{file}", a.server.Lookup(a.authenticated(a.full(a.receivedAttachment))))
	mux.Handle("GET /files/{id}/{number}", a.server.Lookup(a.download))
	a.handleSuppressions(mux)
	mux.Handle("GET /domains", a.server.Lookup(a.authenticated(a.full(a.domains))))
	for _, path := range []string{"/emails", "/domains"} {
		mux.Handle(path, a.server.Lookup(func(provider.Call) provider.Answer { return fail(errMethod) }))
	}
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer { return fail(errNotFound) }))
	return mux
}

// authenticated refuses a call without a user agent or a key, and tells the rate limit on every other answer.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		if call.UserAgent() == "" {
			return provider.Answer{Status: http.StatusForbidden, ContentType: "text/plain; charset=utf-8", Body: []byte("error code: 1010")}
		}
		key, bearer := strings.CutPrefix(call.Header.Get("Authorization"), "Bearer ")
		if !bearer || key == "" {
			return fail(errMissingKey)
		}
		if !same(key, a.config.Key) && !same(key, a.config.SendingKey) {
			return fail(errInvalidKey)
		}
		answer := next(call)
		if answer.Header == nil {
			answer.Header = map[string]string{
				"ratelimit-limit": "1000", "ratelimit-remaining": "999", "ratelimit-reset": "1",
			}
		}
		return answer
	}
}

// full refuses the key that may only send.
func (a *API) full(next provider.Handler) provider.Handler {
	return func(call provider.Call) provider.Answer {
		if same(strings.TrimPrefix(call.Header.Get("Authorization"), "Bearer "), a.config.SendingKey) {
			return fail(errRestrictedKey)
		}
		return next(call)
	}
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (a *API) domains(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{
		"object": "list", "has_more": false, "data": []any{map[string]any{
			"id": "d91cd9bd-0000-4000-8000-000000000001", "name": Domain, "status": "verified",
			"created_at": formatTime(time.Unix(0, 0)), "region": "us-east-1",
			"capabilities": map[string]string{"sending": "enabled", "receiving": "enabled"},
		}},
	})
}

// formatTime writes a time as the provider's API does.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }
