package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:// blob URLs
	_ "gocloud.dev/blob/s3blob"   // s3:// blob URLs
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/call"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/consent"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/media"
)

// providerTimeout bounds one call to a provider's API.
const providerTimeout = 10 * time.Second

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
	router, stopRoutes, err := followRoutes(ctx, connected)
	if err != nil {
		return err
	}
	defer stopRoutes()
	calls, stopCalls, err := cfg.followCalls(ctx, connected)
	if err != nil {
		return err
	}
	defer stopCalls()
	consents, err := consent.Open(ctx, connected)
	if err != nil {
		return err
	}
	endpoints, err := cfg.endpoints()
	if err != nil {
		return err
	}
	files, err := blob.OpenBucket(ctx, cfg.BlobURL)
	if err != nil {
		return fmt.Errorf("opening the blob store: %w", err)
	}
	defer func() { _ = files.Close() }()
	handler, err := hook.New(hook.Dependencies{
		Bus: connected, Endpoints: endpoints, Router: router,
		Media: media.New(files, cfg.AllowedPrivateHosts), Consents: consents, Calls: calls,
		Logger: cfg.Logger, Metrics: cfg.Metrics, Tracing: cfg.Tracing,
	}, cfg.limits())
	if err != nil {
		return err
	}
	health := service.NewHealth()
	health.Add("nats", func(context.Context) error { return connected.Healthy() })
	mux := http.NewServeMux()
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		mux.Handle(path, service.Ops(health, cfg.Metrics))
	}
	handler.Register(mux)
	return service.Serve(ctx, cfg.Address, mux, cfg.Ready)
}

// followRoutes keeps a router current from the bucket of routes.
func followRoutes(ctx context.Context, connected *bus.Bus) (*hook.Router, func(), error) {
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
	return router, mirror.Stop, nil
}

// followCalls keeps what workspaces do with calls current from its bucket.
func (c Config) followCalls(ctx context.Context, connected *bus.Bus) (*call.Flow, func(), error) {
	bucket, err := connected.Bucket(ctx, event.BucketCalls)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the settings of calls: %w", err)
	}
	mirror, err := bus.NewMirror(ctx, bucket, func() *bucketv1.CallSettings { return &bucketv1.CallSettings{} })
	if err != nil {
		return nil, nil, fmt.Errorf("loading the settings of calls: %w", err)
	}
	settings := func(workspaceID string) *bucketv1.CallSettings {
		ws, err := workspace.ParseID(workspaceID)
		if err != nil {
			return nil
		}
		found, _ := mirror.Get(event.CallSettingsKey(ws))
		return found
	}
	return call.NewFlow(c.PublicURL, settings), mirror.Stop, nil
}

// endpoints connects every provider the platform has a credential for.
func (c Config) endpoints() (*hook.Endpoints, error) {
	registry, err := all.Registry()
	if err != nil {
		return nil, err
	}
	accounts, err := channel.PlatformAccounts(registry, c.Lookup)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Timeout:   providerTimeout,
		Transport: otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(c.Tracing)),
	}
	endpoints := hook.NewEndpoints(registry)
	var failures []error
	for _, account := range accounts {
		failures = append(failures, endpoints.Connect(registry, account, client))
	}
	return endpoints, errors.Join(failures...)
}

func (c Config) limits() hook.Limits {
	return hook.Limits{
		PublicURL: c.PublicURL, MaxBodyBytes: c.MaxBodyBytes, ReadTimeout: c.ReadTimeout,
		QuarantineRate: c.QuarantineRate, QuarantineBurst: c.QuarantineBurst, TrustedProxies: c.TrustedProxies,
	}
}
