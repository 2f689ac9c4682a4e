// Package twilio stands in for Twilio: its API for messages and the webhooks it signs.
package twilio

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
const Name = "twilio"

const (
	version = "2010-04-01"
	// accountPath begins every path of the account.
	accountPath = "/" + version + "/Accounts/{account}"

	maxBody    = 1 << 20
	maxRecords = 100_000
	maxBytes   = 64 << 20
)

// Config is the account the sandbox plays.
type Config struct {
	Account, Token string
	// Key and KeySecret are an API key of the account: it may do everything but look at the account itself.
	Key, KeySecret string
	// Service is the account's messaging service, Number the number it sends from.
	Service, Number string
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
		fetcher: sms.NewFetcher(callbacks.Reachable), windows: sms.NewWindows(), publicURL: shared.PublicURL,
	}
	api.phones.Connect(api.line(shared.PublicURL))
	return api
}

// Name is the provider's name.
func (a *API) Name() string { return Name }

// Channel is the channel the provider serves.
func (a *API) Channel() string { return world.SMS }

// Clear forgets every text.
func (a *API) Clear() {
	a.records.Clear()
	a.windows.Clear()
}

// Handler serves the API below the provider's base URL.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+accountPath+"/Messages.json", a.server.Send(a.authenticated(a.send)))
	mux.Handle("GET "+accountPath+"/Messages.json", a.server.Lookup(a.authenticated(a.list)))
	mux.Handle("GET "+accountPath+"/Messages/{sid}", a.server.Lookup(a.authenticated(a.message)))
	mux.Handle("GET "+accountPath+"/Messages/{sid}/Media.json", a.server.Lookup(a.authenticated(a.listMedia)))
	mux.Handle("GET "+accountPath+"/Messages/{sid}/Media/{media}", a.server.Lookup(a.authenticated(a.showMedia)))
	mux.Handle("GET /v1/ContentAndApprovals", a.server.Lookup(a.listContents))
	a.serveCalls(mux)
	mux.Handle("GET "+accountPath+"/IncomingPhoneNumbers.json", a.server.Lookup(a.authenticated(a.numbers)))
	mux.Handle("GET "+accountPath, a.server.Lookup(a.authenticated(a.account)))
	mux.Handle("/", a.server.Lookup(func(provider.Call) provider.Answer { return fail(codeNotFound) }))
	return mux
}

// authenticated refuses a call without the account's token or its key; another account's path does not exist.
func (a *API) authenticated(next provider.Handler) provider.Handler {
	return func(request provider.Call) provider.Answer {
		if !a.knows(request, a.config.Account, a.config.Token) && !a.knows(request, a.config.Key, a.config.KeySecret) {
			return fail(codeAuthentication)
		}
		if strings.TrimSuffix(request.PathValue("account"), ".json") != a.config.Account {
			return fail(codeNotFound)
		}
		return next(request)
	}
}

func (a *API) knows(request provider.Call, wantedUser, wantedPassword string) bool {
	user, password, _ := request.BasicAuth()
	sameUser := subtle.ConstantTimeCompare([]byte(user), []byte(wantedUser))
	samePassword := subtle.ConstantTimeCompare([]byte(password), []byte(wantedPassword))
	return sameUser&samePassword == 1
}

func (a *API) account(request provider.Call) provider.Answer {
	if !a.knows(request, a.config.Account, a.config.Token) {
		return fail(codeAuthentication)
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"sid": a.config.Account, "friendly_name": "Sandbox", "status": "active", "type": "Full",
		"auth_token": "redacted", "date_created": formatTime(time.Unix(0, 0)), "date_updated": formatTime(time.Unix(0, 0)),
		"owner_account_sid": a.config.Account,
		"uri":               a.path(".json"), "subresource_uris": map[string]string{"messages": a.path("/Messages.json")},
	})
}

// numbers answers whether the account owns a number. It owns too many to list them.
func (a *API) numbers(request provider.Call) provider.Answer {
	number := request.URL.Query().Get("PhoneNumber")
	found := []any{}
	if sms.Owned(number) {
		found = append(found, map[string]any{
			"sid": "PN" + strings.Repeat("0", 21) + number[1:], "account_sid": a.config.Account,
			"friendly_name": number, "phone_number": number, "api_version": version, "beta": false, "status": "in-use",
			"capabilities": map[string]bool{"voice": true, "sms": true, "mms": true, "fax": false},
			"sms_url":      a.config.Webhook.URL(), "sms_method": http.MethodPost,
		})
	}
	return provider.JSON(http.StatusOK, map[string]any{
		"uri": a.path("/IncomingPhoneNumbers.json?" + request.URL.RawQuery), "page": 0, "page_size": 50, "start": 0, "end": 0,
		"next_page_uri": nil, "previous_page_uri": nil, "incoming_phone_numbers": found,
	})
}

func (a *API) path(rest string) string { return "/" + version + "/Accounts/" + a.config.Account + rest }

// formatTime writes a time as the provider does (RFC 2822).
func formatTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
