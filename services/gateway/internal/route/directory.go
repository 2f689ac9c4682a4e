// Package route knows the channel accounts of every workspace from a local copy of the bucket.
package route

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// awaitAtMost bounds the wait for the first route of a new workspace, which has none where no address is left for it.
const awaitAtMost = 300 * time.Millisecond

// Route is one channel account of a workspace.
type Route struct {
	Kind        channel.Kind
	AccountID   string
	Provider    string
	Address     string
	DisplayName string
	// Mode is platform or byoc.
	Mode      string
	Sandbox   bool
	IsDefault bool
}

// Directory finds the routes of a workspace. It is safe for concurrent use.
type Directory struct {
	mirror *bus.Mirror[*bucketv1.Route]

	mu sync.RWMutex
	// routes are by workspace and key of the bucket.
	routes map[workspace.ID]map[string]Route
	// owner is the workspace of each key.
	owner map[string]workspace.ID
	// changed is closed and replaced at each change.
	changed chan struct{}
}

// New loads the bucket and follows it until Stop.
func New(ctx context.Context, bucket *bus.Bucket) (*Directory, error) {
	directory := &Directory{routes: map[workspace.ID]map[string]Route{}, owner: map[string]workspace.ID{}, changed: make(chan struct{})}
	mirror, err := bus.NewMirror(ctx, bucket, func() *bucketv1.Route { return &bucketv1.Route{} }, directory.apply)
	if err != nil {
		return nil, fmt.Errorf("following the routes bucket: %w", err)
	}
	directory.mirror = mirror
	return directory, nil
}

// Stop ends following. A second call does nothing.
func (d *Directory) Stop() { d.mirror.Stop() }

// Of lists the routes of a workspace in the order of the channels, the default of each channel first.
func (d *Directory) Of(ws workspace.ID) []Route {
	d.mu.RLock()
	routes := make([]Route, 0, len(d.routes[ws]))
	for _, route := range d.routes[ws] {
		routes = append(routes, route)
	}
	d.mu.RUnlock()
	slices.SortFunc(routes, compare)
	return routes
}

// Default is the route a workspace sends on when a message names none.
func (d *Directory) Default(ws workspace.ID, kind channel.Kind) (Route, bool) {
	return d.first(ws, func(r Route) bool { return r.Kind == kind })
}

// Account is the route of a channel account of the workspace.
func (d *Directory) Account(ws workspace.ID, accountID string) (Route, bool) {
	return d.first(ws, func(r Route) bool { return r.AccountID == accountID })
}

// Await returns when the workspace has a route, or after a moment: sign-up answers when its channels can be read.
func (d *Directory) Await(ctx context.Context, ws workspace.ID) {
	late := time.NewTimer(awaitAtMost)
	defer late.Stop()
	for {
		d.mu.RLock()
		known, changed := len(d.routes[ws]) > 0, d.changed
		d.mu.RUnlock()
		if known {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (d *Directory) first(ws workspace.ID, wanted func(Route) bool) (Route, bool) {
	routes := d.Of(ws)
	at := slices.IndexFunc(routes, wanted)
	if at < 0 {
		return Route{}, false
	}
	return routes[at], true
}

func (d *Directory) apply(key string, record *bucketv1.Route, deleted bool) {
	ws, err := workspace.ParseID(record.GetWorkspaceId())
	if err != nil {
		return // belongs to nobody
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.remove(key)
	if !deleted {
		if d.routes[ws] == nil {
			d.routes[ws] = map[string]Route{}
		}
		d.routes[ws][key], d.owner[key] = routeFrom(record), ws
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

// remove takes a key away from the workspace that has it, which may be another one than it goes to now.
func (d *Directory) remove(key string) {
	owner, ok := d.owner[key]
	if !ok {
		return
	}
	delete(d.owner, key)
	delete(d.routes[owner], key)
	if len(d.routes[owner]) == 0 {
		delete(d.routes, owner)
	}
}

func routeFrom(record *bucketv1.Route) Route {
	return Route{
		Kind: channel.Kind(record.GetChannel()), AccountID: record.GetChannelAccountId(), Provider: record.GetProvider(),
		Address: record.GetAddress(), DisplayName: record.GetDisplayName(), Mode: record.GetMode(),
		Sandbox: record.GetSandbox(), IsDefault: record.GetIsDefault(),
	}
}

func compare(a, b Route) int {
	order := func(r Route) int { return slices.Index(channel.Kinds(), r.Kind) }
	prefer := func(r Route) int {
		if r.IsDefault {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(prefer(a), prefer(b)), cmp.Compare(a.Address, b.Address))
}
