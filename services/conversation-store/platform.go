package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
)

// platformProviders reads CONVERSATIONS_PLATFORM_PROVIDERS: pairs such as email=acme, separated by commas.
func platformProviders(text string, registry *channel.Registry) (map[channel.Kind]string, error) {
	preferred := map[channel.Kind]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, provider, _ := strings.Cut(pair, "=")
		kind, err := channel.ParseKind(strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", pair, err)
		}
		provider = strings.TrimSpace(provider)
		known, ok := registry.Provider(provider)
		if !ok || !slices.Contains(known.Describe().Channels, kind) {
			return nil, fmt.Errorf("reading %q: no provider called %q serves %s", pair, provider, kind)
		}
		if preferred[kind] != "" {
			return nil, fmt.Errorf("reading %q: %s has a provider already", pair, kind)
		}
		preferred[kind] = provider
	}
	return preferred, nil
}

// experimental lists the channels that each provider calls unfinished.
func experimental(registry *channel.Registry) map[string][]channel.Kind {
	unfinished := map[string][]channel.Kind{}
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		unfinished[name] = provider.Describe().Experimental
	}
	return unfinished
}

// windows says how long each provider takes free-form answers on a channel.
func windows(registry *channel.Registry) project.Windows {
	lengths := map[string]map[channel.Kind]time.Duration{}
	for _, name := range registry.Names() {
		provider, _ := registry.Provider(name)
		lengths[name] = provider.Describe().Windows
	}
	return func(provider string, kind channel.Kind) time.Duration { return lengths[provider][kind] }
}
