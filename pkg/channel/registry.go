package channel

import (
	"fmt"
	"maps"
	"slices"
)

// Registry lists the providers. It is filled once, at start.
type Registry struct{ providers map[string]Provider }

// NewRegistry makes a registry of the providers. Two of one name are an error.
func NewRegistry(providers ...Provider) (*Registry, error) {
	registry := &Registry{providers: make(map[string]Provider, len(providers))}
	for _, provider := range providers {
		name := provider.Describe().Name
		if _, taken := registry.providers[name]; taken {
			return nil, fmt.Errorf("registering provider %q twice", name)
		}
		registry.providers[name] = provider
	}
	return registry, nil
}

// Provider finds a provider by its registry name.
func (r *Registry) Provider(name string) (Provider, bool) {
	provider, ok := r.providers[name]
	return provider, ok
}

// Names lists the providers in alphabetical order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.providers)) }
