package postgres

import (
	"context"
	_ "embed"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/pgserver/pgservertest"
)

//go:embed testdata/version_8.sql
var fillVersion8 string

func TestDataOfTheFirstVersionIsCarriedOn(t *testing.T) {
	t.Parallel()
	url := pgservertest.Database(t)
	require.NoError(t, ensureRolesAndSchema(t.Context(), url))
	cfg, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	setParameters(cfg, roleOwner)
	require.NoError(t, migrate(t.Context(), cfg, 8))
	db, err := Open(t.Context(), Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	asOwner := func(fn func(tx Tx) error) {
		require.NoError(t, db.AsOwner(t.Context(), func(_ context.Context, tx Tx) error { return fn(tx) }))
	}
	asOwner(func(tx Tx) error {
		_, err := tx.Exec(t.Context(), fillVersion8)
		return err
	})
	require.NoError(t, db.Migrate(t.Context()))
	for query, want := range map[string]string{
		"SELECT string_agg(address, ' ' ORDER BY address) FROM conversation_participants":     "ann@example.com us@example.com",
		"SELECT (changed_at = '2026-05-06 07:08:09Z')::text || ' ' || reason FROM consents":   "true ",
		"SELECT is_seen::text FROM email_references":                                          "true",
		"SELECT address FROM routes":                                                          "us@example.com",
		"SELECT cardinality(cc) || ' ' || segments || reply_body FROM conversation_messages":  "0 0",
		"SELECT has_window::text || COALESCE(window_expires_at::text, '') FROM conversations": "false",
	} {
		var got string
		asOwner(func(tx Tx) error { return tx.QueryRow(t.Context(), query).Scan(&got) })
		require.Equal(t, want, got, query)
	}
}
