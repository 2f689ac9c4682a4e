package store

import (
	"context"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/rebuild"
)

// RebuildBuckets writes the projection buckets anew from the database, and returns. The services may run meanwhile.
func RebuildBuckets(ctx context.Context, cfg Config) error {
	cfg.Defaults(event.ServiceStore)
	return cfg.beside(ctx, "rebuild-buckets", func(connected *bus.Bus, db *postgres.DB) error {
		_, err := rebuild.Buckets(ctx, db, connected, cfg.Logger)
		return err
	})
}
