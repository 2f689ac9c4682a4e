// Package signalwire stands in for SignalWire: its compatibility API for texts and the webhooks it signs.
package signalwire

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/ring"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Name is the provider's name.
const Name = "signalwire"

const (
	// versionPath is the version of the compatibility API, part of every path.
	versionPath = "/2010-04-01"
	accountPath = "/Accounts/{project}"

	maxBody    = 1 << 20
	maxRecords = 100_000
	maxBytes   = 64 << 20
)

// Config is the account the sandbox plays.
type Config struct {
	Project, Token, SigningKey string
	// Webhook is where inbound texts are posted.
	Webhook *provider.Endpoint
	// Waits are the pauses before the second, third … attempt of a callback.
	Waits []time.Duration
	// Step is the time from one status of a text to the next; it varies by half.
	Step time.Duration
}

// API is the provider. It is safe for concurrent use.
type API struct {
	config    Config
	world     *world.World
	callbacks *callback.Dispatcher
	server    *provider.Server
	records   *ring.Ring[record]
	phones    *call.Network
	chats     *ring.Ring[chatRecord]
	fetcher   *sms.Fetcher
	windows   *sms.Windows
	publicURL func() string
}

// New makes the provider.
func New(config Config, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared) *API {
	dialect := provider.Dialect{
		Fail:    failOnDemand,
		Limited: func() provider.Answer { return fail(codeRateLimited) },
		TooLarge: func() provider.Answer {
			return failWith(http.StatusRequestEntityTooLarge, codeTooLong, "The request is too large")
		},
		MaxBody: maxBody,
	}
	api := &API{
		config: config, world: people, callbacks: callbacks, server: provider.NewServer(Name, dialect, shared),
		records: ring.New[record](maxRecords, maxBytes), phones: shared.Phones,
		chats: ring.New[chatRecord](maxRecords, maxBytes), windows: sms.NewWindows(),
		fetcher: sms.NewFetcher(callbacks.Reachable), publicURL: shared.PublicURL,
	}
	api.phones.Connect(api.line(shared.PublicURL))
	return api
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.SMS }

// Clear forgets every text and chat.
func (a *API) Clear() {
	a.records.Clear()
	a.chats.Clear()
	a.windows.Clear()
}

// Handler serves the API below the space's base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, base := range []string{"/api/laml" + versionPath + accountPath, versionPath + accountPath} {
		for _, suffix := range []string{"", ".json"} {
			mux.Handle("POST "+base+"/Messages"+suffix, a.server.Send(a.authenticated(a.send)))
			mux.Handle("GET "+base+"/Messages"+suffix, a.server.Lookup(a.authenticated(a.list)))
			mux.Handle("GET "+base+"/IncomingPhoneNumbers"+suffix, a.server.Lookup(a.authenticated(a.numbers)))
		}
		mux.Handle("GET "+base+"/Messages/{sid}/Media", a.server.Lookup(a.authenticated(a.listMedia)))
		mux.Handle("GET "+base+"/Messages/{sid}/Media/{media}", a.server.Lookup(a.showMedia))
		a.serveCalls(mux, base)
		mux.Handle("GET "+base+"/Messages/{sid}", a.server.Lookup(a.authenticated(a.message)))
		mux.Handle("GET "+base, a.server.Lookup(a.authenticated(a.account)))
	}
	a.serveChats(mux)
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer { return fail(codeNotFound) }))
	return mux
}

// authenticated refuses a call without the project's token; another project's path does not exist.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(request provider.Call) provider.Answer {
		if !a.knows(request) {
			return fail(codeAuthentication)
		}
		if strings.TrimSuffix(request.PathValue("project"), ".json") != a.config.Project {
			return fail(codeNotFound)
		}
		return next(request)
	}
}

func (a *API) knows(request provider.Call) bool {
	user, password, _ := request.BasicAuth()
	sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(a.config.Project))
	samePassword := subtle.ConstantTimeCompare([]byte(password), []byte(a.config.Token))
	return sameUser&samePassword == 1
}

func (a *API) account(provider.Call) provider.Answer {
	return provider.JSON(http.StatusOK, map[string]any{
		"sid": a.config.Project, "friendly_name": "Sandbox", "status": "active", "type": "Full",
		"auth_token": "redacted", "date_created": formatTime(time.Unix(0, 0)), "date_updated": formatTime(time.Unix(0, 0)),
		"owner_account_sid": nil, "subproject": false,
		"uri": a.path(""), "subresource_uris": map[string]string{"messages": a.path("/Messages")},
	})
}

// numbers answers whether the project owns a number. It owns too many to list them.
func (a *API) numbers(request provider.Call) provider.Answer {
	number := request.URL.Query().Get("PhoneNumber")
	found := []any{}
	if sms.Owned(number) {
		found = append(found, map[string]any{
			"sid": a.config.Project[:24] + number[len(number)-10:] + "00", "account_sid": a.config.Project,
			"friendly_name": number, "phone_number": number, "api_version": "2010-04-01", "beta": false,
			"capabilities": map[string]bool{"voice": true, "sms": true, "mms": true, "fax": false},
			"sms_url":      a.config.Webhook.URL(), "sms_method": http.MethodPost,
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"uri": a.path("/IncomingPhoneNumbers"), "page": 0, "page_size": 50, "num_pages": 1,
		"next_page_uri": nil, "previous_page_uri": nil, "incoming_phone_numbers": found,
	})
}

func (a *API) path(rest string) string {
	return "/api/laml" + versionPath + "/Accounts/" + a.config.Project + rest
}

// formatTime writes a time as the provider does (RFC 2822).
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
