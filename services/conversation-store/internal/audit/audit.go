// Package audit keeps who changed a setting, a role or a key of a workspace: what, when and from where. An entry commits
// with its change and is never changed itself.
package audit

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	defaultPage = 50
	maxPage     = 200
)

var (
	//go:embed sql/write.sql
	writeEntry string
	//go:embed sql/list.sql
	listEntries string
)

// Entry is one change, in words that hold no secret.
type Entry struct {
	// Action is for example "credential.replaced", Subject what it was done to, Detail what came of it.
	Action, Subject, Detail string
}

// Write adds an entry to the transaction of its change. Its id tells its place: ids of one workspace ascend.
func Write(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, actor *storev1.Actor, entry Entry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("making the id of an audit entry: %w", err)
	}
	_, err = tx.Exec(ctx, writeEntry, ws.UUID(), id, actor.GetKind(), actor.GetId(), actor.GetRemote(),
		entry.Action, entry.Subject, entry.Detail)
	if err != nil {
		return fmt.Errorf("writing the audit entry: %w", err)
	}
	return nil
}

// Log answers what was changed. It is safe for concurrent use.
type Log struct{ db *postgres.DB }

// New makes a Log.
func New(db *postgres.DB) *Log { return &Log{db} }

// List answers the newest entries, newest first.
func (l *Log) List(
	ctx context.Context, ws workspace.ID, request *storev1.ListAuditRequest,
) (*storev1.ListAuditResponse, error) {
	var before *uuid.UUID
	if text := request.GetBefore(); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, refuse.Invalid("before", "is no id of an entry")
		}
		before = &id
	}
	limit := int(request.GetLimit())
	if limit <= 0 {
		limit = defaultPage
	}
	entries, err := postgres.Query(ctx, l.db, ws, scan, listEntries, before, min(limit, maxPage))
	if err != nil {
		return nil, err
	}
	return &storev1.ListAuditResponse{Entries: entries}, nil
}

func scan(row pgx.CollectableRow) (*storev1.AuditEntry, error) {
	entry := &storev1.AuditEntry{Actor: &storev1.Actor{}}
	var id uuid.UUID
	var at time.Time
	err := row.Scan(&id, &at, &entry.Actor.Kind, &entry.Actor.Id, &entry.Actor.Remote, &entry.Action, &entry.Subject, &entry.Detail)
	entry.Id, entry.At = id.String(), timestamppb.New(at)
	return entry, err //nolint:wrapcheck // the caller says what was read
}
