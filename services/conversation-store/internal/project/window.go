package project

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/record"
)

//go:embed sql/windows.sql
var selectWindows string

// openWindows tells the bucket until when customers who wrote can be answered freely.
func (w *work) openWindows(ctx context.Context, tx postgres.ChangeTx, done *changes) error {
	var keys []record.Key
	for _, m := range w.messages {
		if _, isNew := done.created[m.key()]; isNew && m.windowEnd != nil {
			keys = append(keys, m.thread())
		}
	}
	if len(keys) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, selectWindows,
		column(keys, func(k record.Key) uuid.UUID { return k.Workspace }),
		column(keys, func(k record.Key) uuid.UUID { return k.ID }))
	if err != nil {
		return fmt.Errorf("reading windows: %w", err)
	}
	windows, err := pgx.CollectRows(rows, pgx.RowToStructByName[bucket.Window])
	if err != nil {
		return fmt.Errorf("reading windows: %w", err)
	}
	entries := make([]outbox.Entry, 0, len(windows))
	for _, window := range windows {
		ws, err := workspace.ParseID(window.WorkspaceID.String())
		if err != nil {
			return fmt.Errorf("projecting a window: %w", err)
		}
		value, err := proto.Marshal(window.Value())
		if err != nil {
			return fmt.Errorf("encoding a window: %w", err)
		}
		entries = append(entries, outbox.Entry{
			Workspace: ws, Target: event.BucketWindows, Key: window.Key(), Payload: value, Trace: outbox.TraceOf(ctx),
		})
	}
	outbox.Write(tx, entries)
	return nil
}
