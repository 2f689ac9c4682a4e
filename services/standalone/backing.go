package standalone

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/galaxyco-ai/conversations/pkg/bus/embedded"
	"github.com/galaxyco-ai/conversations/pkg/pgserver"
)

const (
	stopTimeout = 20 * time.Second
	restartWait = time.Second
)

// backing is what the services stand on: a NATS server and a Postgres, each ours or somebody else's.
type backing struct {
	nats        *server.Server // nil when NATS_URL is set
	natsURL     string
	postgres    *pgserver.Server // nil when DATABASE_URL is set
	databaseURL string
	logger      *slog.Logger
}

func startBacking(ctx context.Context, cfg Config) (*backing, error) {
	b := &backing{databaseURL: cfg.DatabaseURL, logger: cfg.Logger}
	var err error
	if b.natsURL, _ = cfg.Lookup("NATS_URL"); b.natsURL == "" {
		b.nats, err = embedded.Start(embedded.Config{
			Directory: filepath.Join(cfg.DataDirectory, "nats"), Port: embedded.InProcessOnly,
			SyncAlways: cfg.SyncAlways, Logger: cfg.Logger,
		})
		if err != nil {
			return nil, fmt.Errorf("starting NATS: %w", err)
		}
	}
	if b.databaseURL != "" {
		return b, nil
	}
	b.postgres, err = pgserver.Start(ctx, pgserver.Config{
		Directory: filepath.Join(cfg.DataDirectory, "postgres"), Logger: cfg.Logger,
	})
	if err != nil {
		b.stop(ctx)
		return nil, fmt.Errorf("starting Postgres: %w", err)
	}
	b.databaseURL = b.postgres.URL("postgres")
	return b, nil
}

// watch brings the local Postgres back when it ends by itself; the services do without it meanwhile.
func (b *backing) watch(ctx context.Context) error {
	if b.postgres == nil {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.postgres.Done():
		}
		b.logger.WarnContext(ctx, "postgres ended, starting it again")
		if err := b.postgres.Restart(ctx); err != nil {
			b.logger.ErrorContext(ctx, "postgres does not start", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(restartWait):
		}
	}
}

func (b *backing) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if b.postgres != nil {
		if err := b.postgres.Stop(ctx); err != nil {
			b.logger.WarnContext(ctx, "postgres did not stop", slog.Any("err", err))
		}
	}
	if b.nats != nil {
		b.nats.Shutdown()
		b.nats.WaitForShutdown()
	}
}
