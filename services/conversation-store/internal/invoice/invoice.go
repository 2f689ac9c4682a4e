// Package invoice charges months that are over, from the ledger. What an invoice charges never changes: what receipts tell after it was
// issued stands on the next one.
package invoice

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	// every is how often months that are over are looked for.
	every = time.Hour
	// Grace is how long after its end a month is charged: most receipts have come by then.
	Grace = 48 * time.Hour
	// back is how many months are looked at again for what came later.
	back = 3
)

// What may become of an invoice.
const (
	// StateNotCollected is the state of one that nobody is asked to pay here.
	StateNotCollected = "not_collected"
	StateOpen         = "open"
	StatePaid         = "paid"
	StateFailed       = "failed"
)

var (
	//go:embed sql/due.sql
	selectDue string
	//go:embed sql/terms.sql
	selectTerms string
	//go:embed sql/used.sql
	selectUsed string
	//go:embed sql/invoiced.sql
	selectInvoiced string
	//go:embed sql/create.sql
	createInvoice string
	//go:embed sql/list.sql
	listInvoices string
)

// line is a line of an invoice as its row holds it.
type line struct {
	// Period is the month that the line is for: another than the invoice's own on an adjustment.
	Period          string `json:"period"`
	Meter           string `json:"meter"`
	Units           int64  `json:"units"`
	Included        int64  `json:"included"`
	Unlimited       bool   `json:"unlimited"`
	Billed          int64  `json:"billed"`
	UnitPriceMicros int64  `json:"unit_price_micros"`
	AmountMinor     int64  `json:"amount_minor"`
}

// Issuer issues invoices. It is safe for concurrent use, by several processes too: a month has one invoice.
type Issuer struct {
	db     *postgres.DB
	logger *slog.Logger
	now    func() time.Time
	// isCollected tells that somebody asks for the money.
	isCollected bool
}

// New makes an Issuer; now is the clock, nil for time.Now.
func New(db *postgres.DB, logger *slog.Logger, now func() time.Time) *Issuer {
	if now == nil {
		now = time.Now
	}
	return &Issuer{db: db, logger: logger, now: now}
}

// Run issues what is due until ctx ends.
func (i *Issuer) Run(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		issued, err := i.Issue(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			i.logger.WarnContext(ctx, "invoices not issued yet", slog.Any("err", err))
		case issued > 0:
			i.logger.InfoContext(ctx, "invoices issued", slog.Int("count", issued))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// payer is a workspace whose months may cost something.
type payer struct {
	workspace workspace.ID
	since     time.Time
	zone      *time.Location
}

// Issue charges every month that is over and not charged yet. The second time there is none.
func (i *Issuer) Issue(ctx context.Context) (issued int, err error) {
	payers, err := i.payers(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range payers {
		for _, period := range p.over(i.now()) {
			isNew, err := i.charge(ctx, p, period)
			if err != nil {
				return issued, fmt.Errorf("charging %s to workspace %s: %w", period, p.workspace, err)
			}
			if isNew {
				issued++
			}
		}
	}
	return issued, nil
}

func (i *Issuer) payers(ctx context.Context) (payers []payer, err error) {
	err = i.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, selectDue)
		if err != nil {
			return fmt.Errorf("reading who pays: %w", err)
		}
		var id, zone string
		var p payer
		_, err = pgx.ForEachRow(rows, []any{&id, &p.since, &zone}, func() error {
			if p.workspace, err = workspace.ParseID(id); err != nil {
				return fmt.Errorf("reading who pays: %w", err)
			}
			if p.zone, err = plan.LoadZone(zone); err != nil {
				return err
			}
			payers = append(payers, p)
			return nil
		})
		return err
	})
	return payers, err
}

// over lists the last months of a workspace that are over and settled, the oldest first.
func (p payer) over(now time.Time) []plan.Period {
	var periods []plan.Period
	last := plan.PeriodAt(now.Add(-Grace), p.zone).Start()
	for ago := back; ago > 0; ago-- {
		period := plan.PeriodAt(last.AddDate(0, -ago, 0), p.zone)
		if period.End().After(p.since) {
			periods = append(periods, period)
		}
	}
	return periods
}

// Collected makes the invoices to come such that somebody asks for the money.
func (i *Issuer) Collected() *Issuer {
	i.isCollected = true
	return i
}

// stateFor is the state that an invoice begins with.
func (i *Issuer) stateFor(total int64) string {
	switch {
	case !i.isCollected:
		return StateNotCollected
	case total == 0:
		return StatePaid
	}
	return StateOpen
}

// charge issues the invoice of a month, unless there is one or nothing to charge.
func (i *Issuer) charge(ctx context.Context, p payer, period plan.Period) (isNew bool, err error) {
	err = i.db.ChangeInWorkspace(ctx, p.workspace, func(ctx context.Context, tx postgres.ChangeTx) error {
		terms, lines, err := bill(ctx, tx, period)
		if err != nil {
			return err
		}
		for ago := back; ago > 0; ago-- {
			earlier := plan.PeriodAt(period.Start().AddDate(0, -ago, 0), p.zone)
			adjustment, err := adjust(ctx, tx, earlier, period)
			if err != nil {
				return err
			}
			lines = append(lines, adjustment...)
		}
		var total int64
		for _, each := range lines {
			total += each.AmountMinor
		}
		if !slices.ContainsFunc(lines, func(l line) bool { return l.AmountMinor != 0 }) {
			return nil
		}
		id, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("making the id of an invoice: %w", err)
		}
		tag, err := tx.Exec(ctx, createInvoice, p.workspace.UUID(), id, period.String(), terms.PlanID, terms.PlanName, terms.Currency.String(), lines,
			total, i.stateFor(total))
		if err != nil {
			return fmt.Errorf("writing the invoice: %w", err)
		}
		isNew = tag.RowsAffected() > 0
		return nil
	})
	return isNew, err
}

// bill is what a month costs by the ledger and by what was agreed in it.
func bill(ctx context.Context, tx postgres.Tx, period plan.Period) (plan.Terms, []line, error) {
	var agreed bucket.Terms
	if err := tx.QueryRow(ctx, selectTerms, period.Start(), period.End()).Scan(&agreed); err != nil {
		return plan.Terms{}, nil, fmt.Errorf("reading what was agreed: %w", err)
	}
	terms, err := plan.Read(agreed.Value())
	if err != nil {
		return plan.Terms{}, nil, err
	}
	rows, err := tx.Query(ctx, selectUsed, period.String())
	if err != nil {
		return plan.Terms{}, nil, fmt.Errorf("adding up: %w", err)
	}
	used := plan.Used{}
	var meter string
	var units int64
	if _, err := pgx.ForEachRow(rows, []any{&meter, &units}, func() error {
		used[terms.CountedWith(plan.Meter(meter))] += units
		return nil
	}); err != nil {
		return plan.Terms{}, nil, fmt.Errorf("adding up: %w", err)
	}
	var lines []line
	for _, each := range terms.Bill(used) {
		lines = append(lines, line{
			Period: period.String(), Meter: string(each.Meter), Units: each.Units, Included: each.Included, Unlimited: each.Unlimited,
			Billed: each.Billed, UnitPriceMicros: each.UnitPrice, AmountMinor: each.Amount,
		})
	}
	return terms, lines, nil
}

// adjust is the line for what an earlier month costs more or less than was charged for it. One that was not charged has none.
func adjust(ctx context.Context, tx postgres.Tx, earlier, on plan.Period) ([]line, error) {
	var charged *int64
	if err := tx.QueryRow(ctx, selectInvoiced, earlier.String(), on.String()).Scan(&charged); err != nil {
		return nil, fmt.Errorf("reading what was charged: %w", err)
	}
	if charged == nil {
		return nil, nil
	}
	_, lines, err := bill(ctx, tx, earlier)
	if err != nil {
		return nil, err
	}
	due := -*charged
	for _, each := range lines {
		due += each.AmountMinor
	}
	if due == 0 {
		return nil, nil
	}
	return []line{{Period: earlier.String(), AmountMinor: due}}, nil
}

// List answers the invoices of a workspace, the newest first.
func (i *Issuer) List(ctx context.Context, ws workspace.ID, _ *storev1.ListInvoicesRequest) (*storev1.ListInvoicesResponse, error) {
	invoices, err := postgres.Query(ctx, i.db, ws, scan, listInvoices)
	if err != nil {
		return nil, fmt.Errorf("reading invoices: %w", err)
	}
	return &storev1.ListInvoicesResponse{Invoices: invoices}, nil
}

func scan(row pgx.CollectableRow) (*storev1.Invoice, error) {
	var lines []line
	var at time.Time
	invoice := &storev1.Invoice{}
	err := row.Scan(&invoice.Id, &invoice.Period, &invoice.PlanId, &invoice.PlanName, &invoice.Currency, &lines, &invoice.TotalMinor,
		&invoice.State, &at, &invoice.PaymentUrl, &invoice.Problem)
	invoice.IssuedAt = timestamppb.New(at)
	for _, each := range lines {
		invoice.Lines = append(invoice.Lines, &storev1.InvoiceLine{
			Period: each.Period, Meter: each.Meter, Units: each.Units, Included: each.Included, Unlimited: each.Unlimited,
			Billed: each.Billed, UnitPriceMicros: each.UnitPriceMicros, AmountMinor: each.AmountMinor,
		})
	}
	return invoice, err //nolint:wrapcheck // the caller says what was read
}
