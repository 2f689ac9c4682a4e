package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"gocloud.dev/blob"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/credentials"
	"github.com/galaxyco-ai/conversations/pkg/egress"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/call"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/payment"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/quarantine"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/sweep"
)

const (
	// providerTimeout bounds one call to a provider's API.
	providerTimeout = 10 * time.Second
	// sweepOverlap is how far before the last sweep the next one begins, sweepOldest how far any of them goes back.
	sweepOverlap = time.Hour
	sweepOldest  = 24 * time.Hour
)

// Run serves webhooks until ctx ends.
func Run(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceWebhook)
	connected, err := cfg.Bus(ctx, event.ServiceWebhook)
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return err
	}
	registry, err := all.Registry()
	if err != nil {
		return err
	}
	followed, err := cfg.follow(ctx, connected, registry)
	if err != nil {
		return err
	}
	defer followed.stop()
	endpoints, err := cfg.endpoints(registry, followed.own)
	if err != nil {
		return err
	}
	files, links, err := cfg.openFiles(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()
	handler, err := cfg.handler(ctx, connected, followed, endpoints, files)
	if err != nil {
		return err
	}
	sweeper, err := cfg.sweeper(ctx, connected, handler)
	if err != nil {
		return err
	}
	health := service.NewHealth()
	health.Add("nats", func(context.Context) error { return connected.Healthy() })
	mux := cfg.routes(health, links, connected)
	handler.Register(mux)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return service.Serve(ctx, cfg.Address, mux, cfg.Ready) })
	group.Go(func() error {
		cfg.Sealing.Watch(ctx, cfg.Logger, followed.own.Use)
		return nil
	})
	group.Go(func() error { return cfg.answerOperators(ctx, connected, files, handler) })
	if cfg.SweepEvery > 0 {
		group.Go(func() error {
			sweeper.Run(ctx, endpoints.Platform())
			return nil
		})
	}
	return group.Wait()
}

// routes are the paths beside the webhooks of channels.
func (c Config) routes(health *service.Health, links http.Handler, connected *bus.Bus) *http.ServeMux {
	mux, ops := http.NewServeMux(), c.Ops(health)
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		mux.Handle(path, ops)
	}
	if c.Profiling {
		mux.Handle("GET "+service.ProfilePath, ops)
	}
	if links != nil {
		mux.Handle("GET /api/media", links)
	}
	if c.StripeWebhookSecret != "" {
		mux.Handle("POST /api/webhooks/stripe", payment.NewHandler(connected, c.StripeWebhookSecret, c.Logger))
	}
	return mux
}

// answerOperators answers what is asked of the quarantine, until ctx ends.
func (c Config) answerOperators(ctx context.Context, connected *bus.Bus, files *blob.Bucket, handler *hook.Handler) error {
	desk, err := quarantine.New(ctx, connected, files, handler, c.MaxBodyBytes, c.Logger)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // told to stop before it had begun
	}
	if err != nil {
		return err
	}
	return connected.Serve(ctx, event.ServiceWebhook, desk.Endpoints())
}

// copies are the local copies of buckets.
type copies struct {
	router *hook.Router
	calls  *bus.Mirror[*bucketv1.CallSettings]
	routes *bus.Mirror[*bucketv1.Route]
	own    *credentials.Book
}

// follow loads the copies and keeps them current.
func (c Config) follow(ctx context.Context, connected *bus.Bus, registry *channel.Registry) (*copies, error) {
	opener, err := c.Sealing.Load()
	if err != nil {
		return nil, err
	}
	bucket, err := connected.Bucket(ctx, event.BucketCalls)
	if err != nil {
		return nil, fmt.Errorf("opening the settings of calls: %w", err)
	}
	calls, err := bus.NewMirror(ctx, bucket, func() *bucketv1.CallSettings { return &bucketv1.CallSettings{} })
	if err != nil {
		return nil, fmt.Errorf("loading the settings of calls: %w", err)
	}
	router, routes, err := followRoutes(ctx, connected)
	if err != nil {
		calls.Stop()
		return nil, err
	}
	own, err := credentials.Follow(ctx, connected, opener, registry, c.Lookup)
	if err != nil {
		calls.Stop()
		routes.Stop()
		return nil, err
	}
	return &copies{router: router, calls: calls, routes: routes, own: own}, nil
}

func (c *copies) stop() {
	c.calls.Stop()
	c.routes.Stop()
	c.own.Stop()
}

// callSettings is what a workspace does with calls; nil when it has not said.
func (c *copies) callSettings(workspaceID string) *bucketv1.CallSettings {
	ws, err := workspace.ParseID(workspaceID)
	if err != nil {
		return nil
	}
	found, _ := c.calls.Get(event.CallSettingsKey(ws))
	return found
}

func (c Config) handler(
	ctx context.Context, connected *bus.Bus, followed *copies, endpoints *hook.Endpoints, files *blob.Bucket,
) (*hook.Handler, error) {
	consents, err := consent.Open(ctx, connected)
	if err != nil {
		return nil, err
	}
	return hook.New(hook.Dependencies{
		Bus: connected, Endpoints: endpoints, Router: followed.router,
		Media: media.New(files, c.AllowedPrivateHosts), Consents: consents,
		Calls:  call.NewFlow(c.PublicURL, followed.callSettings),
		Logger: c.Logger, Metrics: c.Metrics, Tracing: c.Tracing,
	}, c.limits())
}

// openFiles opens the blob store, and the links to what is in it; nil where the store has none of ours.
func (c Config) openFiles(ctx context.Context) (*blob.Bucket, http.Handler, error) {
	if err := blobstore.MakeSecret(c.BlobURL); err != nil {
		return nil, nil, err
	}
	files, err := blobstore.Open(ctx, c.BlobURL)
	if err != nil {
		return nil, nil, err
	}
	links, err := media.NewLinks(files, c.BlobURL)
	if errors.Is(err, media.ErrNoLinks) {
		return files, nil, nil
	}
	if err != nil {
		_ = files.Close()
		return nil, nil, err
	}
	return files, links, nil
}

func (c Config) sweeper(ctx context.Context, connected *bus.Bus, handler *hook.Handler) (*sweep.Sweeper, error) {
	ledger, err := connected.Bucket(ctx, event.BucketLedger)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	return sweep.New(sweep.Config{
		Every: c.SweepEvery, First: c.SweepFirst, Overlap: sweepOverlap, Oldest: sweepOldest,
	}, ledger, handler.Take, c.Logger, c.Metrics)
}

// followRoutes keeps a router current from the bucket of routes.
func followRoutes(ctx context.Context, connected *bus.Bus) (*hook.Router, *bus.Mirror[*bucketv1.Route], error) {
	bucket, err := connected.Bucket(ctx, event.BucketRoutes)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the routes: %w", err)
	}
	router := hook.NewRouter(func(ctx context.Context, key string) (*bucketv1.Route, bool, error) {
		route := &bucketv1.Route{}
		entry, err := bucket.Get(ctx, key)
		if errors.Is(err, bus.ErrKeyNotFound) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, fmt.Errorf("asking for a route: %w", err)
		}
		if err := proto.Unmarshal(entry.Value, route); err != nil {
			return nil, false, fmt.Errorf("reading a route: %w", err)
		}
		return route, true, nil
	})
	mirror, err := bus.NewMirror(ctx, bucket, func() *bucketv1.Route { return &bucketv1.Route{} }, router.Apply)
	if err != nil {
		return nil, nil, fmt.Errorf("loading the routes: %w", err)
	}
	return router, mirror, nil
}

// endpoints connects every provider the platform has a credential for.
func (c Config) endpoints(registry *channel.Registry, own *credentials.Book) (*hook.Endpoints, error) {
	accounts, err := channel.PlatformAccounts(registry, c.Lookup)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Timeout:   providerTimeout,
		Transport: otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(c.Tracing)),
	}
	guarded := egress.NewClient(c.AllowedPrivateHosts)
	guarded.Timeout = providerTimeout
	endpoints := hook.NewEndpoints(registry, own, guarded)
	var failures []error
	for _, account := range accounts {
		failures = append(failures, endpoints.Connect(account, client))
	}
	return endpoints, errors.Join(failures...)
}

func (c Config) limits() hook.Limits {
	return hook.Limits{
		PublicURL: c.PublicURL, MaxBodyBytes: c.MaxBodyBytes, MemoryBytes: c.MemoryBytes, ReadTimeout: c.ReadTimeout,
		QuarantineRate: c.QuarantineRate, QuarantineBurst: c.QuarantineBurst, TrustedProxies: c.TrustedProxies,
	}
}
