package sender

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/lease"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/template"
)

// Run sends until ctx ends, whenever this process is the active one.
func Run(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceSender)
	connected, err := cfg.Bus(ctx, event.ServiceSender)
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return err
	}
	out, err := cfg.ways(ctx, connected)
	if err != nil {
		return err
	}
	defer out.stop()
	permits, err := permit.Follow(ctx, connected)
	if err != nil {
		return err
	}
	defer permits.Stop()
	files, err := blobstore.Open(ctx, cfg.BlobURL)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // nothing is written
	held, err := cfg.lease(ctx, connected)
	if err != nil {
		return err
	}
	sessions, err := newSessions(ctx, cfg, connected, delivery.Config{
		Credentials: out.pool, Routes: out.routes, Permits: permits, Files: file.New(files),
	})
	if err != nil {
		return err
	}
	templates, err := template.New(template.Config{Routes: out.routes, Credentials: out.pool, Logger: cfg.Logger})
	if err != nil {
		return err
	}

	// It looks up what a person asks for; what Run follows is the session's.
	resolver := sessions.reconciler()
	health := healthOf(connected, held, out.pool)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return held.Run(ctx, sessions.run) })
	group.Go(func() error {
		out.pool.Run(ctx)
		return nil
	})
	group.Go(func() error {
		return connected.Serve(ctx, event.ServiceSender, []bus.Endpoint{
			templates.Endpoint(), resolver.Endpoint(), out.checker.Endpoint(), credential.Reseal(out.own),
		})
	})
	group.Go(func() error {
		cfg.Sealing.Watch(ctx, cfg.Logger, out.own.Use)
		return nil
	})
	group.Go(func() error { return service.Serve(ctx, cfg.Address, cfg.Ops(health), cfg.Ready) })
	return group.Wait()
}

func healthOf(connected *bus.Bus, held *lease.Lease, pool *credential.Pool) *service.Health {
	health := service.NewHealth()
	health.Add("nats", func(context.Context) error { return connected.Healthy() })
	health.Add("lease", held.Healthy)
	health.Add("credentials", pool.Healthy)
	return health
}

func (c Config) lease(ctx context.Context, connected *bus.Bus) (*lease.Lease, error) {
	bucket, err := connected.Bucket(ctx, event.BucketLedger)
	if err != nil {
		return nil, err
	}
	return lease.New(lease.Config{
		Bus: connected, Bucket: bucket, Key: event.LeaseKey(event.ServiceSender), TTL: c.LeaseTTL, Logger: c.Logger,
	}), nil
}
