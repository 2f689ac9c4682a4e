// Package gateway is the service between browsers and the bus: the HTTP API, realtime and the page. It knows no
// database: who is calling and where a message goes it reads from local copies of buckets, everything else it asks.
package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/allowance"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/api"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/edge"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/file"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/idempotency"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/page"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/ratelimit"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/realtime"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/route"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/standing"
	"github.com/galaxyco-ai/conversations/services/gateway/web"
)

// Run serves until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceGateway)
	public, err := cfg.publicURL()
	if err != nil {
		return err
	}
	connected, err := cfg.Bus(ctx, event.ServiceGateway)
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return fmt.Errorf("preparing the bus: %w", err)
	}
	shapes, err := api.NewShapes()
	if err != nil {
		return err
	}
	hub, err := realtime.New(ctx, connected, realtime.Config{
		Encode: shapes.EncodeChange, Origins: []string{public.Host}, MaxSockets: cfg.MaxSockets,
		Logger: cfg.Logger, Metrics: cfg.Metrics,
	})
	if err != nil {
		return err
	}
	copies, err := openCopies(ctx, connected, hub)
	if err != nil {
		return err
	}
	defer copies.stop()
	files, err := blobstore.Open(ctx, cfg.BlobURL)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // every file has been closed by whoever wrote it
	copies.usage, err = access.NewUsage(api.ReportUse(connected))
	if err != nil {
		return err
	}
	if cfg.Providers == nil {
		if cfg.Providers, err = all.Registry(); err != nil {
			return fmt.Errorf("listing the providers: %w", err)
		}
	}
	p := parts{bus: connected, copies: copies, hub: hub, shapes: shapes, files: file.New(files)}
	if p.sealer, err = cfg.Sealing.Load(); err != nil {
		return err
	}
	handler, err := newHandler(cfg, public, p)
	if err != nil {
		return err
	}
	return serve(ctx, cfg, handler, p)
}

// serve runs what the handler stands on until ctx ends.
func serve(ctx context.Context, cfg Config, handler http.Handler, p parts) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return p.hub.Run(running) })
	group.Go(func() error { return p.copies.usage.Run(running) })
	group.Go(func() error {
		cfg.Sealing.Watch(running, cfg.Logger, p.sealer.Use)
		return nil
	})
	group.Go(func() error { return service.Serve(running, cfg.Address, handler, cfg.Ready) })
	return group.Wait()
}

// copies are the local copies of buckets, the bucket of answers, and what is known of the use of API keys.
type copies struct {
	access  *access.Directory
	usage   *access.Usage
	routes  *route.Directory
	answers *idempotency.Store
	// standing is what customers want and when they may be answered.
	standing *standing.Directory
	// allowances is what workspaces may use.
	allowances *allowance.Book
}

func openCopies(ctx context.Context, connected *bus.Bus, hub *realtime.Hub) (copies, error) {
	buckets := map[string]*bus.Bucket{}
	for _, name := range []string{event.BucketAccess, event.BucketRoutes, event.BucketIdempotency} {
		bucket, err := connected.Bucket(ctx, name)
		if err != nil {
			return copies{}, err
		}
		buckets[name] = bucket
	}
	principals, err := access.New(ctx, buckets[event.BucketAccess], hub.EndPrincipal)
	if err != nil {
		return copies{}, err
	}
	routes, err := route.New(ctx, buckets[event.BucketRoutes])
	if err != nil {
		principals.Stop()
		return copies{}, err
	}
	customers, err := standing.New(ctx, connected)
	if err != nil {
		principals.Stop()
		routes.Stop()
		return copies{}, err
	}
	book, err := allowance.New(ctx, connected)
	if err != nil {
		principals.Stop()
		routes.Stop()
		customers.Stop()
		return copies{}, err
	}
	answers := idempotency.New(buckets[event.BucketIdempotency], idempotency.Config{})
	return copies{access: principals, routes: routes, answers: answers, standing: customers, allowances: book}, nil
}

func (c copies) stop() {
	c.access.Stop()
	c.routes.Stop()
	c.standing.Stop()
	c.allowances.Stop()
}

// parts are what the handler stands on.
type parts struct {
	bus    *bus.Bus
	copies copies
	hub    *realtime.Hub
	shapes *api.Shapes
	files  *file.Store
	sealer *seal.Sealer
}

func newHandler(cfg Config, public *url.URL, p parts) (http.Handler, error) {
	limits, err := newLimits(cfg)
	if err != nil {
		return nil, err
	}
	operations, err := api.New(api.Deps{
		Bus: p.bus, Access: p.copies.access, Usage: p.copies.usage, Routes: p.copies.routes, Answers: p.copies.answers, Standing: p.copies.standing,
		Allowances: p.copies.allowances,
		Realtime:   p.hub, Shapes: p.shapes, Files: p.files, Providers: cfg.Providers, Sealer: p.sealer,
		WebhookURL: strings.TrimRight(cfg.WebhookPublicURL, "/"),
		Limits:     limits, PublicURL: public, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	dist, err := web.Dist()
	if err != nil {
		return nil, fmt.Errorf("opening the page: %w", err)
	}
	pages, err := page.New(dist)
	if err != nil {
		return nil, err
	}
	health := service.NewHealth()
	health.Add("nats", func(context.Context) error { return p.bus.Healthy() })
	ops := cfg.Ops(health)
	mux := http.NewServeMux()
	mux.Handle("/api/", operations)
	mux.Handle("GET /livez", ops)
	mux.Handle("GET /readyz", ops)
	mux.Handle("GET /metrics", ops)
	if cfg.Profiling {
		mux.Handle("GET "+service.ProfilePath, ops)
	}
	mux.Handle("/", pages)
	return edge.Wrap(mux, edge.Config{
		Secure: public.Scheme == "https", Failed: http.HandlerFunc(api.Failed),
		Logger: cfg.Logger, Metrics: cfg.Metrics, Tracing: cfg.Tracing,
	}), nil
}

func newLimits(cfg Config) (api.Limits, error) {
	proxies, err := cfg.trustedProxies()
	if err != nil {
		return api.Limits{}, err
	}
	principal, err := ratelimit.New(cfg.RequestsPerSecond, cfg.RequestBurst)
	if err != nil {
		return api.Limits{}, err
	}
	address, err := ratelimit.New(perSecond(cfg.SignInsPerMinute), cfg.SignInsPerMinute)
	if err != nil {
		return api.Limits{}, err
	}
	mailbox, err := ratelimit.New(perSecond(cfg.MailboxSignInsPerMinute), cfg.MailboxSignInsPerMinute)
	if err != nil {
		return api.Limits{}, err
	}
	upload, err := ratelimit.New(perSecond(cfg.UploadsPerMinute), cfg.UploadsPerMinute)
	if err != nil {
		return api.Limits{}, err
	}
	return api.Limits{Principal: principal, Address: address, Mailbox: mailbox, Upload: upload, TrustedProxies: proxies}, nil
}

func perSecond(perMinute int) float64 { return float64(perMinute) / time.Minute.Seconds() }
