// Package storetest gives a test a store of its own: a migrated database, a bus and the relay between them.
package storetest

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/bus/bustest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/relay"
)

// Store is a database, a bus and the relay between them.
type Store struct {
	DB     *postgres.DB
	Bus    *bus.Bus
	Relay  *relay.Relay
	Logger *slog.Logger
}

// New is a Store on an empty, migrated database.
func New(tb testing.TB) *Store {
	tb.Helper()
	return On(tb, pgtest.Migrated(tb))
}

// On is a Store on the database at url, which it migrates.
func On(tb testing.TB, url string) *Store {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), postgres.Config{URL: url})
	require.NoError(tb, err)
	tb.Cleanup(db.Close)
	require.NoError(tb, db.Migrate(tb.Context()))
	connected := bustest.New(tb)
	logger := slog.New(slog.DiscardHandler)
	return &Store{DB: db, Bus: connected, Relay: relay.New(db, connected, logger), Logger: logger}
}

// Exec runs a statement as the owner.
func (s *Store) Exec(tb testing.TB, sql string, args ...any) {
	tb.Helper()
	require.NoError(tb, s.DB.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}))
}

// Value reads one value as the owner.
func Value[T any](tb testing.TB, s *Store, sql string, args ...any) T {
	tb.Helper()
	var value T
	require.NoError(tb, s.DB.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, sql, args...).Scan(&value)
	}))
	return value
}

// Keys is what a bucket holds, read in one pass: a test beside this one may delete a key meanwhile.
func (s *Store) Keys(tb testing.TB, bucket string) map[string]string {
	tb.Helper()
	opened, err := s.Bus.Bucket(tb.Context(), bucket)
	require.NoError(tb, err)
	held := map[string]string{}
	for entry, err := range opened.Entries(tb.Context()) {
		require.NoError(tb, err)
		held[entry.Key] = string(entry.Value)
	}
	return held
}

// RequireRefusal fails the test unless err is a refusal with this code and field.
func RequireRefusal(tb testing.TB, err error, code, field string) {
	tb.Helper()
	var refusal *bus.AskError
	require.ErrorAs(tb, err, &refusal)
	require.Equal(tb, code, refusal.Code)
	require.Equal(tb, field, refusal.Field)
	require.NotEmpty(tb, refusal.Message)
}
