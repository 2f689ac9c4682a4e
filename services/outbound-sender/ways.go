package sender

import (
	"context"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/route"
)

// ways are the ways out: which channel accounts there are, and the credentials they go by.
type ways struct {
	routes  *route.Index
	own     *credentials.Book
	pool    *credential.Pool
	checker *credential.Checker
}

// ways follows what they are made of, until stop.
func (c Config) ways(ctx context.Context, connected *bus.Bus) (*ways, error) {
	registry := c.Providers
	if registry == nil {
		var err error
		if registry, err = all.Registry(); err != nil {
			return nil, err
		}
	}
	platform, err := channel.PlatformAccounts(registry, c.Lookup)
	if err != nil {
		return nil, err
	}
	opener, err := c.Sealing.Load()
	if err != nil {
		return nil, err
	}
	out := &ways{}
	if out.own, err = credentials.Follow(ctx, connected, opener, registry, c.Lookup); err != nil {
		return nil, err
	}
	if out.routes, err = route.Follow(ctx, connected); err != nil {
		out.own.Stop()
		return nil, fmt.Errorf("following the routes: %w", err)
	}
	timeout := c.SendTimeout + delivery.UploadTime(c.FileBytes)
	guarded := NewGuardedClient(c.AllowedPrivateHosts, c.Workers, timeout, c.Tracing)
	out.checker = &credential.Checker{Registry: registry, Own: out.own, Client: guarded, Logger: c.Logger}
	out.pool = credential.NewPool(credential.Config{
		Registry: registry, ProbeEvery: c.ProbeEvery, Logger: c.Logger,
		Source: credential.Sources{Platform: platform, Routes: out.routes, Own: out.own},
		Client: NewClient(c.Workers, timeout, c.Tracing), Guarded: guarded,
	})
	return out, nil
}

func (w *ways) stop() {
	w.routes.Stop()
	w.own.Stop()
}
