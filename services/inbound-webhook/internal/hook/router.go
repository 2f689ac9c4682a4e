package hook

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/conversation"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// maxAsked is how many addresses of one message are asked for that the copy does not know.
const maxAsked = 5

// maxAddress is longer than any address of ours.
const maxAddress = 512

// Ask reads one route from the bucket itself; false means that the bucket has none. An error means that the bucket did
// not answer, which proves nothing.
type Ask func(ctx context.Context, key string) (*bucketv1.Route, bool, error)

// Router finds the workspace behind an address. It is kept current by Apply; when its copy does not know an address,
// which is rare and may mean that the copy is behind, it asks.
type Router struct {
	ask Ask

	mu     sync.RWMutex
	routes map[string]*bucketv1.Route
	// ofWorkspace lists the keys of routes by provider, account, channel and workspace.
	ofWorkspace map[string]map[string]struct{}
}

// NewRouter makes a router without routes.
func NewRouter(ask Ask) *Router {
	return &Router{ask: ask, routes: map[string]*bucketv1.Route{}, ofWorkspace: map[string]map[string]struct{}{}}
}

// Apply takes one change of the bucket of routes.
func (r *Router) Apply(key string, route *bucketv1.Route, deleted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.routes[key]; ok {
		group := groupOf(old.GetProvider(), old.GetProviderAccount(), channel.Kind(old.GetChannel()), old.GetWorkspaceId())
		delete(r.ofWorkspace[group], key)
		if len(r.ofWorkspace[group]) == 0 {
			delete(r.ofWorkspace, group)
		}
		delete(r.routes, key)
	}
	if deleted {
		return
	}
	r.routes[key] = route
	group := groupOf(route.GetProvider(), route.GetProviderAccount(), channel.Kind(route.GetChannel()), route.GetWorkspaceId())
	if r.ofWorkspace[group] == nil {
		r.ofWorkspace[group] = map[string]struct{}{}
	}
	r.ofWorkspace[group][key] = struct{}{}
}

// addressee is a route an inbound message is for.
type addressee struct {
	route *bucketv1.Route
	// conversationID is the conversation the address names by its reply token; empty without one.
	conversationID string
}

// addressees finds whom a message is for: of each workspace the first of its addresses, the surest first. An error
// means that it is not known.
func (r *Router) addressees(ctx context.Context, endpoint Endpoint, inbound channel.Inbound) ([]addressee, error) {
	if endpoint.assigned != "" {
		return r.assigned(endpoint, inbound), nil
	}
	if !belongs(endpoint, inbound.Account) {
		return nil, nil
	}
	var failures []error
	fromBucket := lookup(func(key string) (*bucketv1.Route, bool) {
		route, ok, err := r.ask(ctx, key)
		failures = append(failures, err)
		return route, ok
	})
	asked := 0
	found := match(inbound.To, func(address string) (addressee, bool) {
		if one, ok := lookup(r.copied).addressee(endpoint, inbound.Kind, address); ok {
			return one, true
		}
		if asked == maxAsked {
			return addressee{}, false
		}
		asked++ // that the copy knows another one does not mean that it would know this one
		return fromBucket.addressee(endpoint, inbound.Kind, address)
	})
	return found, errors.Join(failures...)
}

// assigned is whom a message is for that an operator assigned: the workspace's account on the credential.
func (r *Router) assigned(endpoint Endpoint, inbound channel.Inbound) []addressee {
	route, ok := r.defaultOf(endpoint, channel.Receipt{Kind: inbound.Kind, WorkspaceID: endpoint.assigned})
	if !ok {
		return nil
	}
	for _, address := range inbound.To {
		if _, conversationID := conversation.ParseReplyAddress(address); inbound.Kind == channel.Email && conversationID != "" {
			return []addressee{{route: route, conversationID: conversationID}}
		}
	}
	return []addressee{{route: route}}
}

type lookup func(key string) (*bucketv1.Route, bool)

// match takes of each workspace the first of its addresses.
func match(addresses []string, find func(address string) (addressee, bool)) []addressee {
	var found []addressee
	for _, address := range addresses {
		one, ok := find(address)
		if !ok {
			continue
		}
		at := slices.IndexFunc(found, func(a addressee) bool { return a.route.GetWorkspaceId() == one.route.GetWorkspaceId() })
		switch {
		case at < 0:
			found = append(found, one)
		case found[at].conversationID == "" && found[at].route.GetAddress() == one.route.GetAddress():
			found[at] = one // the same address, and this time it names the conversation
		}
	}
	return found
}

func (find lookup) addressee(endpoint Endpoint, kind channel.Kind, address string) (addressee, bool) {
	if route, ok := find.route(endpoint, kind, address); ok {
		return addressee{route: route}, true
	}
	plain, conversationID := conversation.ParseReplyAddress(address)
	if kind != channel.Email || conversationID == "" {
		return addressee{}, false
	}
	route, ok := find.route(endpoint, kind, plain)
	return addressee{route: route, conversationID: conversationID}, ok
}

func (find lookup) route(endpoint Endpoint, kind channel.Kind, address string) (*bucketv1.Route, bool) {
	if len(address) > maxAddress {
		return nil, false // it could not even be asked for
	}
	route, ok := find(event.RouteKey(endpoint.Provider, endpoint.Account, kind, address))
	return route, ok && route.GetChannel() == string(kind) && endpoint.speaksFor(route.GetWorkspaceId())
}

func (r *Router) copied(key string) (*bucketv1.Route, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	route, ok := r.routes[key]
	return route, ok
}

// ofReceipt finds the route of an outbound message's news. The workspace the provider carried back must have a route
// on this very credential: an endpoint speaks for nobody else. Without it our own address decides. An error means that
// it is not known.
func (r *Router) ofReceipt(ctx context.Context, endpoint Endpoint, receipt channel.Receipt) (*bucketv1.Route, bool, error) {
	if endpoint.assigned != "" {
		receipt.WorkspaceID = endpoint.assigned
		route, known := r.defaultOf(endpoint, receipt)
		return route, known, nil
	}
	if !belongs(endpoint, receipt.Account) {
		return nil, false, nil
	}
	concerns := func(route *bucketv1.Route, known bool) bool {
		return known && (receipt.WorkspaceID == "" || route.GetWorkspaceId() == receipt.WorkspaceID)
	}
	if direct, known := lookup(r.copied).route(endpoint, receipt.Kind, receipt.From); concerns(direct, known) {
		return direct, true, nil
	}
	if route, known := r.defaultOf(endpoint, receipt); known {
		return route, true, nil
	}
	if receipt.From == "" {
		return nil, false, nil
	}
	var failure error
	asked := lookup(func(key string) (*bucketv1.Route, bool) {
		route, ok, err := r.ask(ctx, key)
		failure = err
		return route, ok
	})
	route, known := asked.route(endpoint, receipt.Kind, receipt.From)
	return route, concerns(route, known), failure
}

// defaultOf is a route that the workspace the provider carried back has on the credential, its default one first.
func (r *Router) defaultOf(endpoint Endpoint, receipt channel.Receipt) (*bucketv1.Route, bool) {
	if !endpoint.speaksFor(receipt.WorkspaceID) {
		return nil, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	keys := r.ofWorkspace[groupOf(endpoint.Provider, endpoint.Account, receipt.Kind, receipt.WorkspaceID)]
	var chosen *bucketv1.Route
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if route := r.routes[key]; chosen == nil || route.GetIsDefault() && !chosen.GetIsDefault() {
			chosen = route
		}
	}
	return chosen, chosen != nil
}

// belongs tells whether a webhook that names an account may come in by this credential.
func belongs(endpoint Endpoint, account string) bool {
	return account == "" || endpoint.Account == "" || account == endpoint.Account
}

func groupOf(provider, account string, kind channel.Kind, workspaceID string) string {
	return strings.Join([]string{provider, account, string(kind), workspaceID}, "\x00")
}
