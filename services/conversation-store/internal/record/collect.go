package record

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	eventv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/event/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// errColumns is returned when the columns of a query are not those of the row.
var errColumns = errors.New("the columns are not those of the row")

// CollectConversations reads rows as facts and answers carry them. It is for one query.
func CollectConversations() pgx.RowToFunc[*eventv1.Conversation] {
	return collect(func(c *Conversation) *eventv1.Conversation { return c.Proto() })
}

// send asks what a batch asks, if anything.
func send(ctx context.Context, tx postgres.Tx, batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	if err := tx.Send(ctx, batch); err != nil {
		return fmt.Errorf("reading rows: %w", err)
	}
	return nil
}

// collect reads rows into one value that is used again, each column into the field tagged with its name, and gives what
// convert makes of it. The fields are found once a query: pgx.RowToStructByName looks for them in every row.
func collect[T, R any](convert func(row *T) R) pgx.RowToFunc[R] {
	var (
		row, empty T
		targets    []any
	)
	return func(read pgx.CollectableRow) (R, error) {
		var none R
		if targets == nil {
			var err error
			if targets, err = targetsOf(&row, read.FieldDescriptions()); err != nil {
				return none, err
			}
		}
		row = empty
		if err := read.Scan(targets...); err != nil {
			return none, err //nolint:wrapcheck // pgx names the column
		}
		return convert(&row), nil
	}
}

// same gives the row itself.
func same[T any](row *T) T { return *row }

// targetsOf are the fields of the row in the order of the columns.
func targetsOf(row any, columns []pgconn.FieldDescription) ([]any, error) {
	fields := map[string]any{}
	for field, value := range reflect.ValueOf(row).Elem().Fields() {
		fields[field.Tag.Get("db")] = value.Addr().Interface()
	}
	if len(fields) != len(columns) {
		return nil, fmt.Errorf("%w: %d for %d fields", errColumns, len(columns), len(fields))
	}
	targets := make([]any, len(columns))
	for i, column := range columns {
		target, ok := fields[column.Name]
		if !ok {
			return nil, fmt.Errorf("%w: no field for %s", errColumns, column.Name)
		}
		targets[i] = target
	}
	return targets, nil
}
