package store

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/account"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/deadletter"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/project"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/relay"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/replay"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/setting"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/usage"
)

// SetOperator makes the user of an e-mail address one of those who run the platform, or takes that away, in their open
// sessions too. The services may run meanwhile.
func SetOperator(email string, operator bool) func(ctx context.Context, cfg Config) error {
	return func(ctx context.Context, cfg Config) error {
		cfg.Defaults(event.ServiceStore)
		return cfg.beside(ctx, "operator", func(connected *bus.Bus, db *postgres.DB) error {
			id, err := account.SetOperator(ctx, db, email, operator)
			if err != nil {
				return err
			}
			cfg.Logger.InfoContext(ctx, "operator role changed", slog.String("user", id.String()), slog.Bool("operator", operator))
			_, err = rebuild.Buckets(ctx, db, connected, cfg.Logger, event.BucketAccess)
			return err
		})
	}
}

// RebuildMessages fills the database with what the streams still hold of messages, and returns. What is there already is
// left as it is, so that the services may run meanwhile, and a second time changes nothing. Workspaces and their channel
// accounts have to be there: the streams do not hold them.
func RebuildMessages(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceStore)
	return cfg.beside(ctx, "rebuild-messages", func(connected *bus.Bus, db *postgres.DB) error {
		registry, err := all.Registry()
		if err != nil {
			return err
		}
		projector := project.New(db, connected, windows(registry), func() {}, cfg.Logger)
		_, err = replay.All(ctx, connected, projector, cfg.Logger)
		return err
	})
}

// beside runs a command on the bus and a migrated database.
func (c Config) beside(ctx context.Context, name string, run func(connected *bus.Bus, db *postgres.DB) error) error {
	connected, err := c.Bus(ctx, name)
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: c.DatabaseURL, AppConnections: 1, WriterConnections: 1})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return fmt.Errorf("preparing the database: %w", err)
	}
	return run(connected, db)
}

// answerOperators answers what is asked of dead letters, replays, plans, all workspaces' usage and their sealed
// credentials, until ctx ends.
func (c Config) answerOperators(
	ctx context.Context, connected *bus.Bus, db *postgres.DB, outgoing *relay.Relay, projector *project.Projector,
) error {
	letters, err := deadletter.New(ctx, connected, c.Logger)
	if err != nil {
		return err
	}
	replays := replay.NewDesk(connected, projector, c.Logger)
	offers := plans.NewDesk(db, connected, c.Logger, c.defaultPlan())
	return connected.Serve(ctx, event.ServiceStore, slices.Concat(
		letters.Endpoints(), []bus.Endpoint{replays.Endpoint()}, offers.Endpoints(), usage.New(db, nil).Endpoints(),
		setting.New(db, outgoing, c.Logger, c.Sandbox).Endpoints()))
}
