package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/answer"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/callsetting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/consent"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/inbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/payment"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/relay"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/setting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

// migrateWait is the pause before a database that is away is tried again.
const migrateWait = time.Second

var errNotMigrated = errors.New("not migrated yet")

// Run serves until ctx ends. A database that is away, at the start or later, is waited for: readiness says so.
func Run(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceStore)
	connected, err := cfg.Bus(ctx, event.ServiceStore)
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{
		URL: cfg.DatabaseURL, AppConnections: cfg.ReadConnections, WriterConnections: cfg.WriteConnections,
	})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	outgoing, err := cfg.relay(db, connected)
	if err != nil {
		return err
	}
	registry, err := all.Registry()
	if err != nil {
		return err
	}
	accounts, err := cfg.accounts(db, outgoing, registry)
	if err != nil {
		return err
	}
	endpoints, err := cfg.endpoints(db, outgoing, accounts)
	if err != nil {
		return err
	}
	var migrated atomic.Bool
	health := newHealth(connected, db, &migrated)

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return service.Serve(ctx, cfg.Address, cfg.Ops(health), cfg.Ready) })
	group.Go(func() error { return connected.Janitor(ctx, event.Streams()) })
	group.Go(func() error {
		if err := cfg.migrate(ctx, db); err != nil || ctx.Err() != nil {
			return err
		}
		migrated.Store(true)
		group.Go(func() error { return connected.Serve(ctx, event.ServiceStore, endpoints) })
		group.Go(func() error { return outgoing.Run(ctx) })
		group.Go(func() error {
			return insist(ctx, cfg.Logger, accounts.Complete, func(ctx context.Context) error { return plans.Price(ctx, db, registry) }, func(ctx context.Context) error {
				_, err := rebuild.Buckets(ctx, db, connected, cfg.Logger, event.BucketRoutes, event.BucketCalls, event.BucketPlans)
				return err
			})
		})
		projector := project.New(db, connected, windows(registry), outgoing.Wake, cfg.Logger)
		settler := usage.NewSettler(db, connected, cfg.Logger, usage.SettlerConfig{})
		projector.OnUse(settler.Touch)
		group.Go(func() error { return settler.Run(ctx) })
		group.Go(func() error { return cfg.bill(ctx, db) })
		group.Go(func() error { return cfg.answerOperators(ctx, connected, db, outgoing, projector) })
		return projector.Run(ctx)
	})
	return group.Wait()
}

// bill charges months that are over and, where somebody collects, has them paid, until ctx ends.
func (c Config) bill(ctx context.Context, db *postgres.DB) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.issuer(db).Run(ctx) })
	if client := c.stripe(); client != nil {
		group.Go(func() error { return payment.NewCollector(db, client, c.Logger).Run(ctx) })
	}
	return group.Wait()
}

// accounts are users, workspaces and the channels that the platform offers them.
func (c Config) accounts(db *postgres.DB, outgoing *relay.Relay, registry *channel.Registry) (*account.Accounts, error) {
	platform, err := channel.PlatformAccounts(registry, c.Lookup)
	if err != nil {
		return nil, err
	}
	preferred, err := platformProviders(c.PlatformProviders, registry)
	if err != nil {
		return nil, err
	}
	return account.New(db, outgoing, c.Logger, account.Config{
		Platform: platform, Preferred: preferred, Experimental: experimental(registry), Sandbox: c.Sandbox,
		Plan: c.DefaultPlan,
	})
}

// endpoints is every question the service answers.
func (c Config) endpoints(db *postgres.DB, outgoing *relay.Relay, accounts *account.Accounts) ([]bus.Endpoint, error) {
	conversations, err := inbox.New(db, outgoing, c.Logger, nil)
	if err != nil {
		return nil, err
	}
	offers := plans.New(db, outgoing, c.Logger)
	return answer.Endpoints(answer.Deps{
		Accounts: accounts, Inbox: conversations, Consents: consent.New(db, outgoing, c.Logger, nil),
		CallSettings: callsetting.New(db, outgoing, c.Logger), Settings: setting.New(db, outgoing, c.Logger, c.Sandbox), Audit: audit.New(db),
		Plans: offers, Usage: usage.New(db, nil), Invoices: c.issuer(db),
		Payments: payment.NewDesk(db, offers, c.stripe(), c.Logger),
	}), nil
}

// insist does what is due once after a start, one after the other, however often it takes: give workspaces the channels
// the platform has got, and compare what is looked up when something arrives with the rows. The version before this one
// may have keyed routes in another way, and a route that is not found is a message that nobody gets.
func insist(ctx context.Context, logger *slog.Logger, tasks ...func(context.Context) error) error {
	for _, task := range tasks {
		for err := task(ctx); err != nil && ctx.Err() == nil; err = task(ctx) {
			logger.WarnContext(ctx, "not done yet what is due after a start", slog.Any("err", err))
			select {
			case <-time.After(migrateWait):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// relay publishes what is committed, and is measured.
func (c Config) relay(db *postgres.DB, connected *bus.Bus) (*relay.Relay, error) {
	outgoing := relay.New(db, connected, c.Logger)
	for _, collector := range outgoing.Collectors() {
		if err := c.Metrics.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
	}
	return outgoing, nil
}

// migrate brings the tables up to date, however long it takes until there is a database to do it in, and makes sure that
// new workspaces have a plan to get.
func (c Config) migrate(ctx context.Context, db *postgres.DB) error {
	err := db.Migrate(ctx)
	for err != nil && ctx.Err() == nil {
		if !postgres.Unavailable(err) {
			return fmt.Errorf("preparing the database: %w", err)
		}
		c.Logger.WarnContext(ctx, "database away", slog.Any("err", err))
		select {
		case <-time.After(migrateWait):
		case <-ctx.Done():
		}
		err = db.Migrate(ctx)
	}
	if err != nil { // told to stop
		return nil //nolint:nilerr // it is not what failed
	}
	return plans.Check(ctx, db, c.defaultPlan())
}

func newHealth(connected *bus.Bus, db *postgres.DB, migrated *atomic.Bool) *service.Health {
	health := service.NewHealth()
	health.Add("nats", func(context.Context) error { return connected.Healthy() })
	health.Add("postgres", func(ctx context.Context) error {
		if !migrated.Load() {
			return errNotMigrated
		}
		return db.Ping(ctx)
	})
	health.Add("questions", func(ctx context.Context) error {
		_, err := connected.Conn().RequestWithContext(ctx, "$SRV.PING."+event.ServiceStore, nil)
		return err
	})
	return health
}
