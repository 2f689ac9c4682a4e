package store

import (
	"context"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
)

// RebuildBuckets writes the projection buckets anew from the database, and returns. The services may run meanwhile.
func RebuildBuckets(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceStore)
	connected, err := cfg.Bus(ctx, "rebuild-buckets")
	if err != nil {
		return fmt.Errorf("connecting to the bus: %w", err)
	}
	defer connected.Close()
	if err := connected.Ensure(ctx, event.Streams(), event.Buckets()); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: cfg.DatabaseURL, AppConnections: 1, WriterConnections: 1})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	_, err = rebuild.Buckets(ctx, db, connected, cfg.Logger)
	return err
}
