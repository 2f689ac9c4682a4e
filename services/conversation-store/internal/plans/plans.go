// Package plans keeps what workspaces may use and what it costs them. The plans bucket tells the others.
package plans

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/outbox"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// Default is the plan of a workspace where nobody says otherwise.
const Default = "unlimited"

var (
	//go:embed sql/list.sql
	listPlans string
	//go:embed sql/remember.sql
	rememberTerms string
	//go:embed sql/set_terms.sql
	setTerms string
)

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Plans answers the questions about plans and terms. It is safe for concurrent use.
type Plans struct {
	db     *postgres.DB
	relay  Relay
	logger *slog.Logger
}

// New makes Plans.
func New(db *postgres.DB, relay Relay, logger *slog.Logger) *Plans {
	return &Plans{db: db, relay: relay, logger: logger}
}

// offer is a plan as its rows say it, its columns by name.
type offer struct {
	ID, Name, Currency string
	PriceMinor         int64
	SelfService        bool
	Allowances         []bucket.Allowance
}

func (o offer) told() *storev1.Plan {
	return &storev1.Plan{
		Id: o.ID, Name: o.Name, Currency: o.Currency, PriceMinor: o.PriceMinor, Allowances: bucket.Allowances(o.Allowances),
		SelfService: o.SelfService,
	}
}

// List answers the plans there are, the cheapest first.
func (p *Plans) List(ctx context.Context, ws workspace.ID, _ *storev1.ListPlansRequest) (*storev1.ListPlansResponse, error) {
	found, err := postgres.Query(ctx, p.db, ws, pgx.RowToStructByName[offer], listPlans)
	if err != nil {
		return nil, fmt.Errorf("reading the plans: %w", err)
	}
	response := &storev1.ListPlansResponse{}
	for _, each := range found {
		response.Plans = append(response.Plans, each.told())
	}
	return response, nil
}

// Tell puts a workspace's terms into the bucket, with the commit, and remembers since when they are so.
func Tell(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID) (bucket.Terms, error) {
	terms, err := Of(ctx, tx)
	if err != nil {
		return terms, err
	}
	if err := remember(ctx, tx, nil); err != nil {
		return terms, err
	}
	return terms, outbox.Put(ctx, tx, ws, event.BucketPlans, terms.Key(), terms.Value())
}

// remember writes down what the workspaces that the transaction sees pay by; of one plan, or of any when it is nil.
func remember(ctx context.Context, tx postgres.Tx, planID *string) error {
	if _, err := tx.Exec(ctx, fmt.Sprintf(rememberTerms, bucket.SelectTerms), planID); err != nil {
		return fmt.Errorf("remembering the terms: %w", err)
	}
	return nil
}

// Of is what the workspace of the transaction pays by.
func Of(ctx context.Context, tx postgres.Tx) (bucket.Terms, error) {
	rows, err := tx.Query(ctx, bucket.SelectTerms)
	if err != nil {
		return bucket.Terms{}, fmt.Errorf("reading the terms: %w", err)
	}
	terms, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bucket.Terms])
	if errors.Is(err, pgx.ErrNoRows) {
		return bucket.Terms{}, refuse.NotFound("workspace")
	}
	if err != nil {
		return bucket.Terms{}, fmt.Errorf("reading the terms: %w", err)
	}
	return terms, nil
}

// Set changes what a workspace pays by. The same again changes nothing.
func (p *Plans) Set(ctx context.Context, ws workspace.ID, request *storev1.SetTermsRequest) (*storev1.SetTermsResponse, error) {
	if request.TimeZone != nil {
		if _, err := plan.LoadZone(request.GetTimeZone()); err != nil {
			return nil, refuse.Invalid("timeZone", "is no IANA time zone such as Europe/Madrid")
		}
	}
	if request.GetSpendCapMinor() < 0 || request.GetSpendCapMinor() > maxMoney {
		return nil, refuse.Invalid("spendCap", "is no amount that a cap may have")
	}
	var saved *bucketv1.Terms
	err := p.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		var err error
		saved, err = change(ctx, tx, ws, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := p.relay.Flush(ctx); err != nil {
		p.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
	return &storev1.SetTermsResponse{Terms: saved}, nil
}

func change(ctx context.Context, tx postgres.ChangeTx, ws workspace.ID, request *storev1.SetTermsRequest) (*bucketv1.Terms, error) {
	before, err := Of(ctx, tx)
	if err != nil {
		return nil, err
	}
	if request.PlanId != nil && request.GetPlanId() != before.PlanID {
		if err := checkPlan(ctx, tx, request, before); err != nil {
			return nil, err
		}
	}
	if _, err := tx.Exec(ctx, setTerms, request.PlanId, request.TimeZone, request.SpendCapMinor); err != nil {
		return nil, fmt.Errorf("writing the terms: %w", err)
	}
	after, err := Tell(ctx, tx, ws)
	if err != nil {
		return nil, err
	}
	if request.SpendCapMinor != nil && request.GetCurrency() != after.Currency {
		return nil, refuse.Invalid("currency", "The plan is paid in "+after.Currency+": a cap in another currency limits nothing.")
	}
	for _, entry := range differences(before, after) {
		if err := audit.Write(ctx, tx, ws, request.GetActor(), entry); err != nil {
			return nil, err
		}
	}
	return after.Value(), nil
}

// checkPlan refuses a plan that is not there, and one in another currency than the cap is meant in.
func checkPlan(ctx context.Context, tx postgres.ChangeTx, request *storev1.SetTermsRequest, before bucket.Terms) error {
	rows, err := tx.Query(ctx, "SELECT currency FROM plans WHERE id = $1", request.GetPlanId())
	if err != nil {
		return fmt.Errorf("reading the plan: %w", err)
	}
	currencies, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("reading the plan: %w", err)
	}
	switch {
	case len(currencies) == 0:
		return refuse.Invalid("planId", "is no plan that there is")
	case currencies[0] != before.Currency && before.SpendCapMinor > 0 && request.SpendCapMinor == nil:
		return refuse.Conflict("currency", "The spend cap is in "+before.Currency+" and the plan in "+currencies[0]+": set the cap anew.")
	default:
		return nil
	}
}

func differences(before, after bucket.Terms) []audit.Entry {
	var entries []audit.Entry
	if before.PlanID != after.PlanID {
		entries = append(entries, audit.Entry{Action: "plan.changed", Subject: "plan", Detail: before.PlanID + " to " + after.PlanID})
	}
	if before.TimeZone != after.TimeZone {
		entries = append(entries, audit.Entry{Action: "time_zone.changed", Subject: "time zone", Detail: before.TimeZone + " to " + after.TimeZone})
	}
	if before.SpendCapMinor != after.SpendCapMinor {
		detail := after.Currency
		if currency, err := plan.ParseCurrency(after.Currency); err == nil {
			detail = currency.Format(before.SpendCapMinor) + " to " + currency.Format(after.SpendCapMinor)
		}
		entries = append(entries, audit.Entry{Action: "spend_cap.changed", Subject: "spend cap", Detail: detail})
	}
	return entries
}

// ErrUnknown is returned when there is no such plan.
var ErrUnknown = errors.New("no such plan")

// Check tells whether there is a plan.
func Check(ctx context.Context, db *postgres.DB, id string) error {
	return db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		var exists bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM plans WHERE id = $1)", id).Scan(&exists); err != nil {
			return fmt.Errorf("looking for the plan %q: %w", id, err)
		}
		if !exists {
			return fmt.Errorf("CONVERSATIONS_DEFAULT_PLAN: %w: %q", ErrUnknown, id)
		}
		return nil
	})
}
