package hook

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Endpoint is one credential that webhooks arrive for.
type Endpoint struct {
	Provider string
	// Account is the provider's account the credential belongs to; empty when the provider has none.
	Account    string
	Connection channel.Connection
	// assigned is the workspace an operator says a webhook is for; empty to find it by the address.
	assigned string
}

// Endpoints knows the credentials by provider. It is filled once, at start.
type Endpoints struct {
	providers *channel.Registry
	platform  map[string]Endpoint
}

// NewEndpoints makes endpoints for the providers of a registry, none of them connected.
func NewEndpoints(registry *channel.Registry) *Endpoints {
	return &Endpoints{providers: registry, platform: map[string]Endpoint{}}
}

// Connect adds the platform's own account at a provider.
func (e *Endpoints) Connect(account channel.PlatformAccount, client *http.Client) error {
	provider, ok := e.providers.Provider(account.Provider)
	if !ok {
		return fmt.Errorf("connecting %q: unknown provider", account.Provider)
	}
	connection, err := provider.Connect(account.Credential, client)
	if err != nil {
		return fmt.Errorf("connecting %s: %w", account.Provider, err)
	}
	e.platform[account.Provider] = Endpoint{Provider: account.Provider, Account: account.Account, Connection: connection}
	return nil
}

// Platform lists the platform's own credentials, in the order of the providers' names.
func (e *Endpoints) Platform() []Endpoint {
	var endpoints []Endpoint
	for _, name := range slices.Sorted(maps.Keys(e.platform)) {
		endpoints = append(endpoints, e.platform[name])
	}
	return endpoints
}

// describe finds a provider by the name in the path.
func (e *Endpoints) describe(provider string) (channel.Description, bool) {
	_, ok := e.providers.Provider(provider)
	return e.providers.Description(provider), ok
}

// find is the credential behind a path: the platform's without a token. No token leads anywhere yet.
func (e *Endpoints) find(provider, token string) (Endpoint, bool) {
	if token != "" {
		return Endpoint{}, false
	}
	endpoint, ok := e.platform[provider]
	return endpoint, ok
}
