package pgtest

import (
	"context"
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// node is a step of a plan, as EXPLAIN (FORMAT JSON) gives it.
type node struct {
	Type      string `json:"Node Type"`
	Relation  string `json:"Relation Name"`
	Index     string `json:"Index Name"`
	Condition string `json:"Index Cond"`
	Plans     []node `json:"Plans"`
}

// RequireKeyed requires that the statement, planned once for whatever its arguments are, finds every row by its key: it
// reads no table and no index from end to end, and no workspace from end to end, unless a LIMIT ends it.
func RequireKeyed(ctx context.Context, tb testing.TB, tx postgres.Tx, name, statement string) {
	tb.Helper()
	_, err := tx.Exec(ctx, "PREPARE probe AS "+statement)
	require.NoError(tb, err, name)
	var text string
	require.NoError(tb, tx.QueryRow(ctx, "EXPLAIN (FORMAT JSON) EXECUTE probe"+nulls(statement)).Scan(&text), name)
	_, err = tx.Exec(ctx, "DEALLOCATE probe")
	require.NoError(tb, err, name)
	var explained []struct {
		Plan node `json:"Plan"`
	}
	require.NoError(tb, json.Unmarshal([]byte(text), &explained), name)
	for _, one := range explained {
		for _, scan := range one.Plan.scans(false) {
			tb.Errorf("%s reads %s %s from end to end (%s by %q)", name, scan.Relation, scan.Index, scan.Type, scan.Condition)
		}
	}
}

var (
	place = regexp.MustCompile(`\$(\d+)`)
	// workspaceAlone is the condition of a scan that reads all of a workspace, or of several.
	workspaceAlone = regexp.MustCompile(`^\(+[\w.]*workspace_id = (ANY )?[^()]*(\([^()]*\))*\)+$`)
)

// nulls are as many NULLs as the statement has places, in brackets; nothing when it has none.
func nulls(statement string) string {
	most := 0
	for _, found := range place.FindAllStringSubmatch(statement, -1) {
		n, _ := strconv.Atoi(found[1]) // digits by the expression
		most = max(most, n)
	}
	if most == 0 {
		return ""
	}
	return "(" + strings.Join(slices.Repeat([]string{"NULL"}, most), ", ") + ")"
}

// scans are the steps that read from end to end.
func (n node) scans(limited bool) []node {
	var found []node
	limited = limited || n.Type == "Limit"
	switch n.Type {
	case "Seq Scan":
		found = append(found, n)
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		if !limited && (n.Condition == "" || !strings.Contains(n.Condition, " AND ") && workspaceAlone.MatchString(n.Condition)) {
			found = append(found, n)
		}
	}
	for _, below := range n.Plans {
		found = append(found, below.scans(limited)...)
	}
	return found
}

//go:embed sql/fill.sql
var fill string

// Fill puts so many rows into the database that a plan shows what it does with many.
func Fill(tb testing.TB, db *postgres.DB) {
	tb.Helper()
	require.NoError(tb, db.AsOwner(tb.Context(), func(ctx context.Context, tx postgres.Tx) error {
		for _, statement := range []string{fill, "ANALYZE"} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}))
}
