// Package route knows, from a local copy of the routes, whether a channel account is still a workspace's own.
package route

import (
	"context"
	"sync"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
)

// Index finds routes by channel account. It is safe for concurrent use.
type Index struct {
	mirror *bus.Mirror[*bucketv1.Route]

	mu        sync.RWMutex
	accountOf map[string]string                     // by bucket key
	byAccount map[string]map[string]*bucketv1.Route // channel account -> bucket key -> route
}

// Follow loads the routes and keeps them current until Stop.
func Follow(ctx context.Context, b *bus.Bus) (*Index, error) {
	bucket, err := b.Bucket(ctx, event.BucketRoutes)
	if err != nil {
		return nil, err
	}
	index := &Index{accountOf: map[string]string{}, byAccount: map[string]map[string]*bucketv1.Route{}}
	newRoute := func() *bucketv1.Route { return &bucketv1.Route{} }
	index.mirror, err = bus.NewMirror(ctx, bucket, newRoute, index.apply)
	if err != nil {
		return nil, err
	}
	return index, nil
}

// Stop ends following.
func (i *Index) Stop() { i.mirror.Stop() }

// Routed tells whether the workspace has the channel account.
func (i *Index) Routed(workspaceID, channelAccountID string) bool {
	return i.Find(workspaceID, channelAccountID) != nil
}

// Find is a route to the workspace's channel account; nil when it has no such account.
func (i *Index) Find(workspaceID, channelAccountID string) *bucketv1.Route {
	i.mu.RLock()
	defer i.mu.RUnlock()
	for _, found := range i.byAccount[channelAccountID] {
		if found.GetWorkspaceId() == workspaceID {
			return found
		}
	}
	return nil
}

func (i *Index) apply(key string, value *bucketv1.Route, deleted bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	old := i.accountOf[key] // the route of a key may have moved to another account
	delete(i.accountOf, key)
	if delete(i.byAccount[old], key); len(i.byAccount[old]) == 0 {
		delete(i.byAccount, old)
	}
	if deleted {
		return
	}
	account := value.GetChannelAccountId()
	i.accountOf[key] = account
	if i.byAccount[account] == nil {
		i.byAccount[account] = map[string]*bucketv1.Route{}
	}
	i.byAccount[account][key] = value
}
