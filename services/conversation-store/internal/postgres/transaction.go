package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// ErrNoWorkspace is returned when a transaction is asked for without naming a workspace.
var ErrNoWorkspace = errors.New("no workspace")

// rollbackTime bounds a rollback, which must happen even when the caller has gone.
const rollbackTime = 5 * time.Second

// ChangeTx is a transaction that may write CHANGE facts and bucket entries: it holds the lanes of its workspaces.
type ChangeTx struct{ pgx.Tx }

// InWorkspace runs fn in a transaction that sees the rows of ws and no others. It commits when fn returns nil.
func (db *DB) InWorkspace(ctx context.Context, ws workspace.ID, fn func(ctx context.Context, tx pgx.Tx) error) error {
	if ws.IsZero() {
		return ErrNoWorkspace
	}
	return inTransaction(ctx, db.app, beginIn(ws), fn)
}

// ChangeInWorkspace is InWorkspace for a change others must hear of: fn may write to the outbox.
func (db *DB) ChangeInWorkspace(ctx context.Context, ws workspace.ID, fn func(ctx context.Context, tx ChangeTx) error) error {
	if ws.IsZero() {
		return ErrNoWorkspace
	}
	lanes := []int{Lane(ws)}
	leave, err := db.enter(ctx, lanes)
	if err != nil {
		return err
	}
	defer leave()
	return inTransaction(ctx, db.app, beginIn(ws)+lockStatements(lanes), func(ctx context.Context, tx pgx.Tx) error {
		return fn(ctx, ChangeTx{tx})
	})
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
	ids := make([]string, 0, len(workspaces))
	for _, ws := range workspaces {
		ids = append(ids, ws.String())
	}
	begin := "begin; select set_config('app.current_workspace_ids', '{" + strings.Join(ids, ",") + "}', true)"
	return inTransaction(ctx, db.writer, begin+lockStatements(lanes), func(ctx context.Context, tx pgx.Tx) error {
		return fn(ctx, ChangeTx{tx})
	})
}

// WithoutWorkspace runs fn as the serving role with no workspace set: no row is visible, only the functions that come
// before a workspace is known can be called.
func (db *DB) WithoutWorkspace(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return inTransaction(ctx, db.app, "begin", fn)
}

// InRelay runs fn in the transaction that empties the outbox; there is one at a time in all processes.
func (db *DB) InRelay(ctx context.Context, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return inTransaction(ctx, db.relay, "begin"+lockStatements([]int{relayLock}), fn)
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

// beginIn is sent as one simple query. An ID is a UUID by construction, so its text needs no quoting.
func beginIn(ws workspace.ID) string {
	return "begin; select set_config('app.current_workspace_id', '" + ws.String() + "', true)"
}

type beginner interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

func inTransaction(
	ctx context.Context, from beginner, begin string, fn func(ctx context.Context, tx pgx.Tx) error,
) (err error) {
	tx, err := from.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		if rolled := tx.Rollback(bounded); rolled != nil && !errors.Is(rolled, pgx.ErrTxClosed) {
			err = errors.Join(err, fmt.Errorf("rolling back: %w", rolled))
		}
	}()
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
