package payment

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v85"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	// every is how often invoices that nobody has been asked to pay are looked for.
	every = 5 * time.Second
	// atOnce is how many of them one process takes at a time.
	atOnce = 20
)

var (
	//go:embed sql/claim.sql
	claimInvoices string
	//go:embed sql/outcome.sql
	saveOutcome string
)

// bill is an invoice to be collected, its columns by name.
type bill struct {
	WorkspaceID, ID            uuid.UUID
	Period, PlanName, Currency string
	Lines                      []line
	TotalMinor                 int64
	ExternalID                 string
}

// line is what of a line of an invoice a customer reads.
type line struct {
	Period      string `json:"period"`
	Meter       string `json:"meter"`
	Units       int64  `json:"units"`
	Billed      int64  `json:"billed"`
	AmountMinor int64  `json:"amount_minor"`
}

func (l line) describe(of bill) string {
	switch {
	case l.Period != of.Period:
		return "What " + l.Period + " turned out to cost"
	case l.Meter == "":
		return "Plan " + of.PlanName + ", " + l.Period
	}
	return fmt.Sprintf("%s, %s: %d used, %d beyond the plan", l.Meter, l.Period, l.Units, l.Billed)
}

// Collector has open invoices paid, and looks again at those that are not, in case an event was lost. Several may run: an
// invoice is one's at a time, and keys make a second time harmless.
type Collector struct {
	db     *postgres.DB
	stripe *Stripe
	logger *slog.Logger
}

// NewCollector makes a Collector.
func NewCollector(db *postgres.DB, client *Stripe, logger *slog.Logger) *Collector {
	return &Collector{db: db, stripe: client, logger: logger}
}

// Run collects until ctx ends.
func (c *Collector) Run(ctx context.Context) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := c.Collect(ctx); err != nil && ctx.Err() == nil {
			c.logger.WarnContext(ctx, "invoices not collected yet", slog.Any("err", err))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Collect takes the invoices that are due once.
func (c *Collector) Collect(ctx context.Context) error {
	var due []bill
	err := c.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		rows, err := tx.Query(ctx, claimInvoices, atOnce)
		if err != nil {
			return fmt.Errorf("reading the open invoices: %w", err)
		}
		due, err = pgx.CollectRows(rows, pgx.RowToStructByName[bill])
		return err
	})
	if err != nil {
		return fmt.Errorf("reading the open invoices: %w", err)
	}
	for _, each := range due {
		if err := c.collect(ctx, each); err != nil {
			c.logger.WarnContext(ctx, "an invoice is not collected yet", slog.String("invoice", each.ID.String()), slog.Any("err", err))
			if err := c.keepProblem(ctx, each, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Collector) collect(ctx context.Context, due bill) error {
	ws, err := workspace.ParseID(due.WorkspaceID.String())
	if err != nil {
		return fmt.Errorf("reading whose invoice it is: %w", err)
	}
	found, err := c.find(ctx, ws, due)
	if err != nil {
		return err
	}
	if found.Status == stripe.InvoiceStatusDraft {
		if found, err = c.finish(ctx, found, due); err != nil {
			return err
		}
	}
	return keepOutcome(ctx, c.db, ws, found)
}

// find is Stripe's invoice for ours.
func (c *Collector) find(ctx context.Context, ws workspace.ID, due bill) (*stripe.Invoice, error) {
	if due.ExternalID != "" {
		return c.stripe.invoice(ctx, due.ExternalID)
	}
	pays, err := customerOf(ctx, c.db, c.stripe, ws)
	if err != nil {
		return nil, err
	}
	return c.stripe.draft(ctx, pays.CustomerID, due)
}

var errOtherTotal = errors.New("what Stripe adds up is not the total")

// finish completes a draft and has it charged, if it says what ours says.
func (c *Collector) finish(ctx context.Context, draft *stripe.Invoice, due bill) (_ *stripe.Invoice, err error) {
	total, err := amountOf(due.Currency, due.TotalMinor)
	if err != nil {
		return nil, err
	}
	if draft.Lines == nil || len(draft.Lines.Data) == 0 {
		if draft, err = c.stripe.fill(ctx, draft.ID, due); err != nil {
			return nil, err
		}
	}
	if draft.Total != total {
		return nil, fmt.Errorf("%w: %d, not %d", errOtherTotal, draft.Total, total)
	}
	return c.stripe.charge(ctx, draft.ID, due)
}

// keepProblem tells why an invoice is not collected, where it is more than Stripe being away.
func (c *Collector) keepProblem(ctx context.Context, due bill, problem error) error {
	refused, isRefused := errors.AsType[refusedError](problem)
	text := ""
	switch {
	case isRefused:
		text = refused.Error()
	case errors.Is(problem, ErrCurrency), errors.Is(problem, errOtherTotal), errors.Is(problem, errGone):
		text = problem.Error()
	default:
		return nil
	}
	err := c.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE invoices SET problem = $3, next_try = now() + interval '1 hour' WHERE workspace_id = $1 AND id = $2",
			due.WorkspaceID, due.ID, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping why an invoice is not collected: %w", err)
	}
	return nil
}

// keepOutcome keeps what Stripe says of an invoice.
func keepOutcome(ctx context.Context, db *postgres.DB, ws workspace.ID, found *stripe.Invoice) error {
	id, err := uuid.Parse(found.Metadata[keyInvoice])
	if err != nil {
		return nil //nolint:nilerr // it is not one of ours
	}
	err = db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		_, err := tx.Exec(ctx, saveOutcome, id, stateOf(found), found.ID, found.HostedInvoiceURL)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping what became of an invoice: %w", err)
	}
	return nil
}

// stateOf is what our invoice is by what Stripe's is.
func stateOf(found *stripe.Invoice) string {
	switch {
	case found.Status == stripe.InvoiceStatusPaid:
		return invoice.StatePaid
	case found.Status == stripe.InvoiceStatusVoid, found.Status == stripe.InvoiceStatusUncollectible,
		found.Status == stripe.InvoiceStatusOpen && found.Attempted:
		return invoice.StateFailed
	}
	return invoice.StateOpen
}
