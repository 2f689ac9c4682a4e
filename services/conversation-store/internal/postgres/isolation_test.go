package postgres_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/pgtest"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

var (
	// fillWorkspace writes a row into every tenant table that a new workspace leaves empty: a new table gets its row here.
	//
	//go:embed testdata/fill_workspace.sql
	fillWorkspace string
	//go:embed testdata/tables.sql
	selectTables string
)

// table is a table of the schema as the catalogue knows it.
type table struct {
	Name      string
	Protected bool
	// Tenant is the column that names the workspace; empty when the table belongs to none.
	Tenant string
	// Columns can be written.
	Columns []string
}

func TestEveryTableIsBehindForcedRowLevelSecurity(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	a, b := filled(t, db), filled(t, db)
	var tables []table
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		rows, err := tx.Query(ctx, selectTables)
		require.NoError(t, err)
		tables, err = pgx.CollectRows(rows, pgx.RowToStructByName[table])
		require.NoError(t, err)
		// Row-level security has to hold alone: a table is not safe because a grant happens to be missing.
		_, err = tx.Exec(ctx, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA conversations "+
			"TO conversations_app, conversations_writer")
		require.NoError(t, err)
	})
	require.Greater(t, len(tables), 15)

	for _, table := range tables {
		t.Run(table.Name, func(t *testing.T) {
			t.Parallel()
			require.True(t, table.Protected, "row-level security is enabled and forced")
			require.Positive(t, table.count(t, owner(db), ""), "the owner sees rows, so that a zero means something")
			for name, within := range map[string]door{
				"the serving role without a workspace":   db.WithoutWorkspace,
				"the serving role in an unknown one":     in(db, workspace.NewID()),
				"the writer with an unknown one":         among(db, workspace.NewID()),
				"the relay, but for the outbox":          relayDoor(t, db, table),
				"the serving role under the writer's":    mixed(db.WithoutWorkspace, "app.current_workspace_ids", "{"+a.String()+"}"),
				"the writer under the serving role's":    mixed(among(db, workspace.NewID()), "app.current_workspace_id", a.String()),
				"the serving role with an empty setting": mixed(db.WithoutWorkspace, "app.current_workspace_id", ""),
			} {
				require.Zero(t, table.count(t, within, ""), name)
			}
			if table.Tenant != "" {
				table.requireWall(t, db, a, b)
			}
		})
	}

	t.Run("a workspace sees its members and no other users", func(t *testing.T) {
		t.Parallel()
		users := table{Name: "users"}
		require.Equal(t, 2, users.count(t, owner(db), ""))
		require.Equal(t, 1, users.count(t, in(db, a), ""))
	})
}

// requireWall stands in workspace a and tries to reach b, as either role.
func (x table) requireWall(t *testing.T, db *postgres.DB, a, b workspace.ID) {
	t.Helper()
	ofA, ofB := " WHERE "+x.Tenant+" = '"+a.String()+"'", " WHERE "+x.Tenant+" = '"+b.String()+"'"
	require.Positive(t, x.count(t, owner(db), ofA))
	require.Positive(t, x.count(t, owner(db), ofB))
	columns := strings.Join(x.Columns, ", ")
	var rowOfB string
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		err := tx.QueryRow(ctx, "SELECT to_jsonb(r)::text FROM "+x.Name+" r "+ofB+" LIMIT 1").Scan(&rowOfB)
		require.NoError(t, err)
	})
	for name, within := range map[string]door{"serving role": in(db, a), "writer": among(db, a)} {
		require.Equal(t, x.count(t, owner(db), ofA), x.count(t, within, ""), "the %s sees all of its own and nothing else", name)
		require.Zero(t, x.count(t, within, ofB))

		changed, err := exec(t, within, "UPDATE "+x.Name+" SET "+x.Tenant+" = "+x.Tenant+ofB)
		require.NoError(t, err)
		require.Zero(t, changed, "the %s cannot change another's row", name)
		deleted, err := exec(t, within, "DELETE FROM "+x.Name+ofB)
		require.NoError(t, err)
		require.Zero(t, deleted, "the %s cannot delete another's row", name)
		_, err = exec(t, within, "UPDATE "+x.Name+" SET "+x.Tenant+" = '"+b.String()+"'")
		requirePolicy(t, err, "the %s cannot give its row away", name)
		_, err = exec(t, within, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)",
			x.Name, columns, columns, x.Name), rowOfB)
		requirePolicy(t, err, "the %s cannot write another's row", name)
	}
}

func TestNoRoleOwnsOrBypassesMoreThanItMust(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		for what, query := range map[string]string{
			"a role of ours that may do more than its grants": `SELECT rolname FROM pg_roles
				WHERE starts_with(rolname, 'conversations_')
				AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin)`,
			"a relation that somebody else owns": `SELECT relname FROM pg_class
				WHERE relnamespace = 'conversations'::regnamespace AND relowner <> 'conversations_owner'::regrole`,
			"a function everybody may run": `SELECT proname FROM pg_proc
				WHERE pronamespace = 'conversations'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')`,
			"a function of the owner's that looks for its tables where the caller says": `SELECT proname FROM pg_proc
				WHERE pronamespace = 'conversations'::regnamespace AND prosecdef
				AND NOT COALESCE('search_path=conversations, pg_temp' = ANY (proconfig), false)`,
		} {
			rows, err := tx.Query(ctx, query)
			require.NoError(t, err)
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			require.Empty(t, found, what)
		}
	})
	var role string
	require.NoError(t, db.WithoutWorkspace(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, "RESET ROLE"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT current_user").Scan(&role)
	}))
	require.Equal(t, "conversations_app", role, "resetting the role does not lead out of it")
}

func TestSearchSeesItsWorkspaceAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	a, _ := filled(t, db), filled(t, db)
	search := func(within door, words string) int {
		found := 0
		require.NoError(t, within(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM search_conversations($1, 100)", words).Scan(&found)
		}), words)
		return found
	}
	require.Equal(t, 1, search(in(db, a), "needle"))
	require.Equal(t, 1, search(in(db, a), "here need"), "the last word is a beginning")
	require.Equal(t, 1, search(in(db, a), "contact name"), "a contact is found by name")
	require.Equal(t, 1, search(in(db, a), "+14155550123"), "a contact is found by address")
	require.Zero(t, search(in(db, a), "absent"))
	require.Zero(t, search(db.WithoutWorkspace, "needle"))
	require.Zero(t, search(in(db, workspace.NewID()), "needle"))
	for _, words := range []string{"", "'", `"`, "-", "or", "!needle:*", `-"a b"`, "\\", ":* & |", "a'b", strings.Repeat("x ", 5000)} {
		search(in(db, a), words)
	}
}

// door runs a function in a transaction of some role and setting.
type door func(ctx context.Context, fn func(ctx context.Context, tx postgres.Tx) error) error

func owner(db *postgres.DB) door { return db.AsOwner }

func in(db *postgres.DB, ws workspace.ID) door {
	return func(ctx context.Context, fn func(ctx context.Context, tx postgres.Tx) error) error {
		return db.InWorkspace(ctx, ws, fn)
	}
}

func among(db *postgres.DB, ws workspace.ID) door {
	return func(ctx context.Context, fn func(ctx context.Context, tx postgres.Tx) error) error {
		return db.InWorkspaces(ctx, []workspace.ID{ws}, func(ctx context.Context, tx postgres.ChangeTx) error {
			return fn(ctx, tx.Tx)
		})
	}
}

// mixed adds a setting that is not meant for the role.
func mixed(within door, setting, value string) door {
	return func(ctx context.Context, fn func(ctx context.Context, tx postgres.Tx) error) error {
		return within(ctx, func(ctx context.Context, tx postgres.Tx) error {
			if _, err := tx.Exec(ctx, "SELECT set_config($1, $2, true)", setting, value); err != nil {
				return err
			}
			return fn(ctx, tx)
		})
	}
}

// relayDoor is the relay, for the tables it has no business with.
func relayDoor(t *testing.T, db *postgres.DB, x table) door {
	t.Helper()
	if x.Name == "outbox" {
		return db.WithoutWorkspace
	}
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		_, err := tx.Exec(ctx, "GRANT SELECT ON "+x.Name+" TO conversations_relay")
		require.NoError(t, err)
	})
	return func(ctx context.Context, fn func(ctx context.Context, tx postgres.Tx) error) error {
		return db.InRelay(ctx, func(ctx context.Context, tx postgres.ChangeTx) error { return fn(ctx, tx.Tx) })
	}
}

func (x table) count(t *testing.T, within door, where string) int {
	t.Helper()
	count := 0
	require.NoError(t, within(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM "+x.Name+where).Scan(&count)
	}))
	return count
}

func exec(t *testing.T, within door, sql string, args ...any) (changed int64, err error) {
	t.Helper()
	err = within(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, sql, args...)
		changed = tag.RowsAffected()
		return err
	})
	return changed, err
}

func requirePolicy(t *testing.T, err error, format string, args ...any) {
	t.Helper()
	var failed *pgconn.PgError
	require.ErrorAs(t, err, &failed, append([]any{format}, args...)...)
	require.Contains(t, failed.Message, "violates row-level security policy", append([]any{format}, args...)...)
}

func asOwner(t *testing.T, db *postgres.DB, fn func(ctx context.Context, tx postgres.Tx)) {
	t.Helper()
	require.NoError(t, db.AsOwner(t.Context(), func(ctx context.Context, tx postgres.Tx) error {
		fn(ctx, tx)
		return nil
	}))
}

// filled is a workspace with a row in every tenant table.
func filled(t *testing.T, db *postgres.DB) workspace.ID {
	t.Helper()
	ws := pgtest.NewWorkspace(t, db)
	asOwner(t, db, func(ctx context.Context, tx postgres.Tx) {
		_, err := tx.Exec(ctx, "SELECT set_config('test.workspace', $1, true)", ws.ID.String())
		require.NoError(t, err)
		_, err = tx.Exec(ctx, fillWorkspace)
		require.NoError(t, err)
	})
	return ws.ID
}
