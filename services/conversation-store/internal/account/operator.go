package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// ErrNoSuchUser is returned by SetOperator for an e-mail address that nobody signed up with.
var ErrNoSuchUser = errors.New("nobody signed up with this e-mail address")

// SetOperator makes a user one of those who run the platform, or takes that away. No question leads here: it is for a
// command of whoever has the database. The user's sessions hear of it when the access bucket is rebuilt.
func SetOperator(ctx context.Context, db *postgres.DB, email string, operator bool) (uuid.UUID, error) {
	var id uuid.UUID
	err := db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, grantOperator, email, operator).Scan(&id)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return id, ErrNoSuchUser
	}
	if err != nil {
		return id, fmt.Errorf("changing what a user may do: %w", err)
	}
	return id, nil
}
