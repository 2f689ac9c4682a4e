package channel

import (
	"fmt"
	"maps"
	"slices"
)

// Registry lists the providers. It is filled once, at start.
type Registry struct {
	providers    map[string]Provider
	descriptions map[string]Description // which the providers would make anew each time
}

// NewRegistry makes a registry of the providers. Two of one name are an error.
func NewRegistry(providers ...Provider) (*Registry, error) {
	registry := &Registry{
		providers: make(map[string]Provider, len(providers)), descriptions: make(map[string]Description, len(providers)),
	}
	for _, provider := range providers {
		description := provider.Describe()
		if _, taken := registry.providers[description.Name]; taken {
			return nil, fmt.Errorf("registering provider %q twice", description.Name)
		}
		registry.providers[description.Name], registry.descriptions[description.Name] = provider, description
	}
	return registry, nil
}

// Provider finds a provider by its registry name.
func (r *Registry) Provider(name string) (Provider, bool) {
	provider, ok := r.providers[name]
	return provider, ok
}

// Description is what a provider of the registry says of itself, to be read only: nothing when there is none of the name.
func (r *Registry) Description(name string) Description { return r.descriptions[name] }

// Names lists the providers in alphabetical order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.providers)) }
