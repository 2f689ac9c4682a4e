package plans

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

//go:embed sql/price.sql
var addPrice string

// Price writes down the list prices of the providers where the database has none.
func Price(ctx context.Context, db *postgres.DB, registry *channel.Registry) error {
	return db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		for _, name := range registry.Names() {
			for _, cost := range registry.Description(name).UnitCosts {
				if _, err := tx.Exec(ctx, addPrice, name, cost.Meter, cost.Currency, cost.Micros); err != nil {
					return fmt.Errorf("writing the price of %s at %s: %w", cost.Meter, name, err)
				}
			}
		}
		return nil
	})
}
