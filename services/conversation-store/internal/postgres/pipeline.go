package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

// rollbackTime bounds a rollback, which must happen even when the caller has gone.
const rollbackTime = 5 * time.Second

// statement is a statement and what fills its places.
type statement struct {
	sql  string
	args []any
}

func setWorkspace(ws workspace.ID) statement {
	return statement{"select set_config('app.current_workspace_id', $1, true)", []any{ws.String()}}
}

// changing is setWorkspace and takeLanes in one.
func changing(ws workspace.ID, lanes []int32) statement {
	return statement{
		"select set_config('app.current_workspace_id', $1, true), pg_advisory_xact_lock($2, lane) from unnest($3::integer[]) as lane",
		[]any{ws.String(), int32(lockClass), pgtype.FlatArray[int32](lanes)},
	}
}

// writing is the same for every one of the workspaces.
func writing(workspaces []workspace.ID, lanes []int32) statement {
	ids := make([]string, 0, len(workspaces))
	for _, ws := range workspaces {
		ids = append(ids, ws.String())
	}
	return statement{
		"select set_config('app.current_workspace_ids', $1, true), pg_advisory_xact_lock($2, lane) from unnest($3::integer[]) as lane",
		[]any{"{" + strings.Join(ids, ",") + "}", int32(lockClass), pgtype.FlatArray[int32](lanes)},
	}
}

// pipeline is a transaction in which nothing has a round trip to itself: it begins with its first batch, and what is
// last goes with the commit. One that only writes one batch and its facts takes two. It has the connection alone.
type pipeline struct {
	conn  *pgx.Conn
	first []statement // what comes right after begin
	begun bool
	last  pgx.Batch
}

// inTransaction runs fn in a transaction that opens with the statements of first. It commits when fn returns nil.
func inTransaction(
	ctx context.Context, pool *pgxpool.Pool, first []statement, fn func(ctx context.Context, tx ChangeTx) error,
) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer conn.Release()
	return onConn(ctx, conn.Conn(), first, fn)
}

func onConn(
	ctx context.Context, conn *pgx.Conn, first []statement, fn func(ctx context.Context, tx ChangeTx) error,
) (err error) {
	p := &pipeline{conn: conn, first: first}
	defer func() {
		if failed := p.end(ctx); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	if err := fn(ctx, ChangeTx{Tx: p, last: &p.last}); err != nil {
		return err
	}
	return p.commit(ctx)
}

// Exec implements Tx.
func (p *pipeline) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := p.begin(ctx); err != nil {
		return pgconn.CommandTag{}, err
	}
	return p.conn.Exec(ctx, sql, args...) //nolint:wrapcheck // as pgx.Tx does
}

// Query implements Tx.
func (p *pipeline) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := p.begin(ctx); err != nil {
		return nil, err
	}
	return p.conn.Query(ctx, sql, args...) //nolint:wrapcheck // as pgx.Tx does
}

// QueryRow implements Tx.
func (p *pipeline) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := p.begin(ctx); err != nil {
		return failedRow{err}
	}
	return p.conn.QueryRow(ctx, sql, args...)
}

// Send implements Tx.
func (p *pipeline) Send(ctx context.Context, batch *pgx.Batch) error {
	if !p.begun {
		whole := p.opening()
		whole.QueuedQueries = append(whole.QueuedQueries, batch.QueuedQueries...)
		batch = whole
	}
	return p.conn.SendBatch(ctx, batch).Close() //nolint:wrapcheck // as pgx.Tx does
}

// begin begins the transaction if nothing has.
func (p *pipeline) begin(ctx context.Context) error {
	if p.begun {
		return nil
	}
	if err := p.Send(ctx, &pgx.Batch{}); err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	return nil
}

// opening is what a transaction begins with.
func (p *pipeline) opening() *pgx.Batch {
	p.begun = true
	var batch pgx.Batch
	batch.Queue("begin")
	for _, s := range p.first {
		batch.Queue(s.sql, s.args...)
	}
	return &batch
}

// commit sends what was deferred and the commit. A transaction in which a statement failed that nobody minded is
// rolled back by the server, which is an error here.
func (p *pipeline) commit(ctx context.Context) error {
	if !p.begun && p.last.Len() == 0 {
		return nil
	}
	rolledBack := false
	p.last.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		rolledBack = tag.String() == "ROLLBACK"
		return nil
	})
	if err := p.Send(ctx, &p.last); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	if rolledBack {
		return fmt.Errorf("committing: %w", pgx.ErrTxCommitRollback)
	}
	return nil
}

// end rolls back what is not committed.
func (p *pipeline) end(ctx context.Context) error {
	if raw := p.conn.PgConn(); raw.IsClosed() || raw.TxStatus() == idle {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	if _, err := p.conn.Exec(ctx, "rollback"); err != nil {
		return fmt.Errorf("rolling back: %w", err)
	}
	return nil
}

// idle is the status of a connection outside of a transaction, as ReadyForQuery gives it in PostgreSQL's protocol.
const idle = 'I'

// failedRow is the row of a query that was not sent.
type failedRow struct{ err error }

// Scan implements pgx.Row.
func (r failedRow) Scan(...any) error { return r.err }
