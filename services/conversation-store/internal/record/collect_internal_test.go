package record

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// table is rows of two columns, as a query brings them.
type table struct {
	columns []string
	rows    [][]any
	next    int
}

func (t *table) FieldDescriptions() []pgconn.FieldDescription {
	described := make([]pgconn.FieldDescription, len(t.columns))
	for i, name := range t.columns {
		described[i].Name = name
	}
	return described
}

func (t *table) Scan(targets ...any) error {
	for i, target := range targets {
		switch into := target.(type) {
		case *string:
			*into = t.rows[t.next][i].(string)
		case *[]string: // a null leaves what is there
			if value, ok := t.rows[t.next][i].([]string); ok {
				*into = value
			}
		}
	}
	t.next++
	return nil
}

func (t *table) Values() ([]any, error) { return t.rows[t.next], nil }

func (t *table) RawValues() [][]byte { return nil }

type labelled struct {
	Name   string   `db:"name"`
	Labels []string `db:"labels"`
}

func TestCollect_ReadsEachColumnIntoTheFieldOfItsNameAndNothingOfTheRowBefore(t *testing.T) {
	t.Parallel()
	rows := &table{columns: []string{"labels", "name"}, rows: [][]any{{[]string{"new"}, "first"}, {nil, "second"}}}
	read := collect(same[labelled])
	first, err := read(rows)
	require.NoError(t, err)
	second, err := read(rows)
	require.NoError(t, err)
	require.Equal(t, labelled{Name: "first", Labels: []string{"new"}}, first)
	require.Equal(t, labelled{Name: "second"}, second)
}

func TestCollect_RefusesColumnsThatAreNotThoseOfTheRow(t *testing.T) {
	t.Parallel()
	for name, columns := range map[string][]string{
		"one too few": {"name"}, "one too many": {"name", "labels", "tags"}, "another": {"name", "tags"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := collect(same[labelled])(&table{columns: columns})
			require.ErrorIs(t, err, errColumns)
		})
	}
}
