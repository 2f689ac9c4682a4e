// Package usage answers what workspaces have used, from the ledger that the projector writes, and gives back to the quotas
// what was reserved and not used.
package usage

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/page"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

var (
	//go:embed sql/totals.sql
	selectTotals string
	//go:embed sql/days.sql
	selectDays string
	//go:embed sql/list.sql
	listEntries string
)

// Ledger answers what a workspace has used. It is safe for concurrent use.
type Ledger struct {
	db  *postgres.DB
	now func() time.Time
}

// New makes a Ledger; now is the clock, nil for time.Now.
func New(db *postgres.DB, now func() time.Time) *Ledger {
	if now == nil {
		now = time.Now
	}
	return &Ledger{db: db, now: now}
}

// Get answers what was used in a period, by meter and by day, with what it is paid by.
func (l *Ledger) Get(ctx context.Context, ws workspace.ID, request *storev1.GetUsageRequest) (*storev1.GetUsageResponse, error) {
	response := &storev1.GetUsageResponse{}
	err := l.db.InWorkspace(ctx, ws, func(ctx context.Context, tx postgres.Tx) error {
		terms, err := plans.Of(ctx, tx)
		if err != nil {
			return err
		}
		if response.Period, err = l.periodOf(terms, request.GetPeriod()); err != nil {
			return err
		}
		response.Terms = terms.Value()
		rows, err := tx.Query(ctx, selectTotals, response.GetPeriod())
		if err != nil {
			return fmt.Errorf("adding up: %w", err)
		}
		if response.Totals, err = pgx.CollectRows(rows, scanTotal); err != nil {
			return fmt.Errorf("adding up: %w", err)
		}
		if rows, err = tx.Query(ctx, selectDays, response.GetPeriod(), terms.TimeZone); err != nil {
			return fmt.Errorf("adding up days: %w", err)
		}
		if response.Days, err = pgx.CollectRows(rows, scanDay); err != nil {
			return fmt.Errorf("adding up days: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return response, nil
}

// periodOf is the period that was asked for, or the present one of the workspace.
func (l *Ledger) periodOf(terms bucket.Terms, wanted string) (string, error) {
	zone, err := plan.LoadZone(terms.TimeZone)
	if err != nil {
		return "", err
	}
	if wanted == "" {
		return plan.PeriodAt(l.now(), zone).String(), nil
	}
	period, err := plan.ParsePeriod(wanted, zone)
	if err != nil {
		return "", refuse.Invalid("period", "is no month such as 2026-11")
	}
	return period.String(), nil
}

func scanTotal(row pgx.CollectableRow) (*storev1.UsageTotal, error) {
	total := &storev1.UsageTotal{}
	err := row.Scan(&total.Meter, &total.Mode, &total.Units, &total.Entries, &total.Pending)
	return total, err //nolint:wrapcheck // the caller says what was read
}

func scanDay(row pgx.CollectableRow) (*storev1.UsageDay, error) {
	day := &storev1.UsageDay{}
	err := row.Scan(&day.Day, &day.Meter, &day.Units)
	return day, err //nolint:wrapcheck // the caller says what was read
}

// List answers the ledger of a period, oldest first.
func (l *Ledger) List(ctx context.Context, ws workspace.ID, request *storev1.ListUsageRequest) (*storev1.ListUsageResponse, error) {
	period, err := plan.ParsePeriod(request.GetPeriod(), time.UTC)
	if err != nil {
		return nil, refuse.Invalid("period", "is no month such as 2026-11")
	}
	scope := "usage " + period.String()
	limit, after, err := page.Of(scope, request.GetLimit(), request.GetCursor())
	if err != nil {
		return nil, err
	}
	var at *time.Time
	var id *uuid.UUID
	if after != nil {
		at, id = &after.At, &after.ID
	}
	entries, err := postgres.Query(ctx, l.db, ws, scanEntry, listEntries, period.String(), at, id, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	response := &storev1.ListUsageResponse{Entries: entries}
	messages := map[string]bool{}
	for _, entry := range entries {
		messages[entry.GetMessageId()] = true
	}
	if len(messages) == limit {
		last := entries[len(entries)-1]
		lastID, err := uuid.Parse(last.GetMessageId())
		if err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		response.NextCursor = page.Position{At: last.GetOccurredAt().AsTime(), ID: lastID}.Encode(scope)
	}
	return response, nil
}

func scanEntry(row pgx.CollectableRow) (*storev1.UsageEntry, error) {
	entry := &storev1.UsageEntry{}
	var at time.Time
	err := row.Scan(&entry.MessageId, &entry.Attempt, &entry.Meter, &entry.Provider, &entry.Mode, &entry.Units, &entry.Settled,
		&entry.UnitPriceMicros, &entry.Currency, &at)
	entry.OccurredAt = timestamppb.New(at)
	return entry, err //nolint:wrapcheck // the caller says what was read
}
