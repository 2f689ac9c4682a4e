package hook

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
)

// Endpoint is one credential that webhooks arrive for.
type Endpoint struct {
	Provider string
	// Account is the provider's account the credential belongs to; empty when the provider has none.
	Account    string
	Connection channel.Connection
	// owner is the workspace whose own credential it is; empty for the platform's, which serves all.
	owner string
	// token is the last part of the path its webhooks come by; empty for the platform's.
	token string
	// assigned is the workspace an operator says a webhook is for; empty to find it by the address.
	assigned string
}

// speaksFor tells whether a webhook that came this way may concern a workspace.
func (e Endpoint) speaksFor(workspaceID string) bool { return e.owner == "" || e.owner == workspaceID }

// Owned finds workspaces' own credentials by the token in the path.
type Owned interface {
	ByToken(provider, token string) (*credentials.Credential, error)
}

// Endpoints knows the credentials by provider. The platform's are filled in once, at start.
type Endpoints struct {
	providers *channel.Registry
	platform  map[string]Endpoint
	owned     Owned
	guarded   *http.Client

	mu        sync.Mutex
	connected map[*credentials.Credential]Endpoint
}

// NewEndpoints makes endpoints for the providers of a registry, none of them connected. guarded is what workspaces' own
// credentials call with.
func NewEndpoints(registry *channel.Registry, owned Owned, guarded *http.Client) *Endpoints {
	return &Endpoints{
		providers: registry, platform: map[string]Endpoint{}, owned: owned, guarded: guarded,
		connected: map[*credentials.Credential]Endpoint{},
	}
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

// find is the credential behind a path: the platform's without a token, a workspace's own with its token.
func (e *Endpoints) find(provider, token string) (Endpoint, bool) {
	if token == "" {
		endpoint, ok := e.platform[provider]
		return endpoint, ok
	}
	own, err := e.owned.ByToken(provider, token)
	if err != nil {
		return Endpoint{}, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if endpoint, ok := e.connected[own]; ok {
		return endpoint, true
	}
	vendor, ok := e.providers.Provider(provider)
	if !ok {
		return Endpoint{}, false
	}
	connection, err := vendor.Connect(own.Values, e.guarded)
	if err != nil {
		return Endpoint{}, false
	}
	e.forget(own)
	endpoint := Endpoint{Provider: provider, Account: own.Account, Connection: connection, owner: own.Workspace, token: token}
	e.connected[own] = endpoint
	return endpoint, true
}

// forget drops the connection of a credential that was replaced. The caller holds mu.
func (e *Endpoints) forget(by *credentials.Credential) {
	maps.DeleteFunc(e.connected, func(held *credentials.Credential, _ Endpoint) bool {
		return held.Workspace == by.Workspace && held.ID == by.ID
	})
}
