package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// ErrNoWorkspace is returned when a transaction is asked for without naming a workspace.
var ErrNoWorkspace = errors.New("no workspace")

// Tx is a transaction as those see it who neither began it nor end it.
type Tx interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	// Send sends a batch in one round trip. Its results go to the functions that were given for them when they were queued.
	Send(ctx context.Context, batch *pgx.Batch) error
}

// ChangeTx is a transaction that may write CHANGE facts and bucket entries: from its first statement on it holds the
// lanes of its workspaces.
type ChangeTx struct {
	Tx
	last *pgx.Batch
}

// Defer sends a statement with the commit, after the statements that were deferred before it, and so spares a round trip.
// If it fails nothing is committed.
func (tx ChangeTx) Defer(sql string, args ...any) { tx.last.Queue(sql, args...) }

// InWorkspace runs fn in a transaction that sees the rows of ws and no others. It commits when fn returns nil.
func (db *DB) InWorkspace(ctx context.Context, ws workspace.ID, fn func(ctx context.Context, tx Tx) error) error {
	if ws.IsZero() {
		return ErrNoWorkspace
	}
	return inTransaction(ctx, db.app, []statement{setWorkspace(ws)}, withTx(fn))
}

// ChangeInWorkspace is InWorkspace for a change others must hear of: fn may write to the outbox.
func (db *DB) ChangeInWorkspace(ctx context.Context, ws workspace.ID, fn func(ctx context.Context, tx ChangeTx) error) error {
	if ws.IsZero() {
		return ErrNoWorkspace
	}
	lanes := []int32{Lane(ws)}
	leave, err := db.enter(ctx, lanes)
	if err != nil {
		return err
	}
	defer leave()
	return inTransaction(ctx, db.app, []statement{changing(ws, lanes)}, fn)
}

// InWorkspaces runs fn as the writer, in a transaction that sees the rows of every one of the workspaces.
func (db *DB) InWorkspaces(
	ctx context.Context, workspaces []workspace.ID, fn func(ctx context.Context, tx ChangeTx) error,
) error {
	if len(workspaces) == 0 {
		return ErrNoWorkspace
	}
	lanes := lanesOf(workspaces)
	leave, err := db.enter(ctx, lanes)
	if err != nil {
		return err
	}
	defer leave()
	return inTransaction(ctx, db.writer, []statement{writing(workspaces, lanes)}, fn)
}

// WithoutWorkspace runs fn as the serving role with no workspace set: no row is visible, only the functions that come
// before a workspace is known can be called.
func (db *DB) WithoutWorkspace(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	return inTransaction(ctx, db.app, nil, withTx(fn))
}

// InRelay runs fn in the transaction that empties the outbox; there is one at a time in all processes, from the first
// statement of fn on.
func (db *DB) InRelay(ctx context.Context, fn func(ctx context.Context, tx ChangeTx) error) error {
	return inTransaction(ctx, db.relay, []statement{takeLanes([]int32{relayLock})}, fn)
}

func withTx(fn func(ctx context.Context, tx Tx) error) func(ctx context.Context, tx ChangeTx) error {
	return func(ctx context.Context, tx ChangeTx) error { return fn(ctx, tx.Tx) }
}

// Query sends the setting of the workspace and one query in a single round trip and collects the rows with collect.
func Query[T any](
	ctx context.Context, db *DB, ws workspace.ID, collect pgx.RowToFunc[T], sql string, args ...any,
) (rows []T, err error) {
	if ws.IsZero() {
		return nil, ErrNoWorkspace
	}
	var batch pgx.Batch // without a begin of its own it is one implicit transaction
	batch.Queue("select set_config('app.current_workspace_id', $1, true)", ws.String())
	batch.Queue(sql, args...)
	results := db.app.SendBatch(ctx, &batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("setting the workspace: %w", err)
	}
	found, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("querying: %w", err)
	}
	rows, err = pgx.CollectRows(found, collect)
	if err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	return rows, nil
}
