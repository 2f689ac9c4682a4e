package usage

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

const (
	defaultPage = 50
	maxPage     = 100
)

//go:embed sql/everybody.sql
var selectEverybody string

// Endpoints are what operators ask.
func (l *Ledger) Endpoints() []bus.Endpoint {
	return []bus.Endpoint{bus.Answer("workspace-usage", "list", l.everybody)}
}

// row is what a workspace used of a meter, its columns by name.
type row struct {
	WorkspaceID             uuid.UUID
	Meter, Mode             string
	Units, Entries, Pending int64
	CostMicros              int64
	IsUnpriced              bool
}

// named is a workspace with its terms.
type named struct {
	bucket.Terms

	Name string
}

// everybody answers what every workspace used in a period, what it is charged and what the providers take for it.
func (l *Ledger) everybody(ctx context.Context, _ workspace.ID, request *operatorv1.ListWorkspaceUsageRequest) (proto.Message, error) {
	period, err := plan.ParsePeriod(request.GetPeriod(), time.UTC)
	if err != nil {
		return nil, refuse.Invalid("period", "is no month such as 2026-11")
	}
	var after uuid.UUID
	if text := request.GetAfter(); text != "" {
		if after, err = uuid.Parse(text); err != nil {
			return nil, refuse.Invalid("after", "is no id of a workspace")
		}
	}
	limit := int(request.GetLimit())
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	response := &operatorv1.ListWorkspaceUsageResponse{}
	err = l.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		var err error
		response.Workspaces, err = addUp(ctx, tx, period.String(), after, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	if count := len(response.GetWorkspaces()); count == limit {
		response.Next = response.GetWorkspaces()[count-1].GetWorkspaceId()
	}
	return response, nil
}

// addUp is what the workspaces after one used in a period, in the order of their ids.
func addUp(ctx context.Context, tx postgres.Tx, period string, after uuid.UUID, limit int) ([]*operatorv1.WorkspaceUsage, error) {
	const list = "SELECT t.*, w.name FROM workspaces w JOIN (%s) t ON t.workspace_id = w.id WHERE w.id > $1 ORDER BY w.id LIMIT $2"
	found, err := collect[named](ctx, tx, fmt.Sprintf(list, bucket.SelectTerms), after, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(found))
	for _, each := range found {
		ids = append(ids, each.WorkspaceID)
	}
	used, err := collect[row](ctx, tx, selectEverybody, ids, period)
	if err != nil {
		return nil, err
	}
	workspaces := make([]*operatorv1.WorkspaceUsage, 0, len(found))
	for _, each := range found {
		told, err := each.told(used)
		if err != nil {
			return nil, err
		}
		workspaces = append(workspaces, told)
	}
	return workspaces, nil
}

func collect[T any](ctx context.Context, tx postgres.Tx, sql string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("reading usage: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, fmt.Errorf("reading usage: %w", err)
	}
	return found, nil
}

// told is what a workspace used, out of the rows of all.
func (n named) told(all []row) (*operatorv1.WorkspaceUsage, error) {
	terms, err := plan.Read(n.Value())
	if err != nil {
		return nil, err
	}
	told := &operatorv1.WorkspaceUsage{WorkspaceId: n.WorkspaceID.String(), Name: n.Name, PlanId: n.PlanID, Currency: n.Currency}
	used := plan.Used{}
	var cost int64
	for _, r := range all {
		if r.WorkspaceID != n.WorkspaceID {
			continue
		}
		told.Totals = append(told.Totals, &storev1.UsageTotal{
			Meter: r.Meter, Mode: r.Mode, Units: r.Units, Entries: r.Entries, Pending: r.Pending,
		})
		if r.Mode == "platform" {
			used[terms.CountedWith(plan.Meter(r.Meter))] += r.Units
		}
		cost += r.CostMicros
		if r.IsUnpriced {
			told.Unpriced = append(told.Unpriced, r.Meter)
		}
	}
	told.ChargedMinor, told.CostMinor = plan.Total(terms.Bill(used)), terms.Currency.Minor(cost)
	return told, nil
}
