package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/bucket"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/refuse"
)

// Desk answers the questions about how workspaces pay. It is safe for concurrent use.
type Desk struct {
	db     *postgres.DB
	plans  *plans.Plans
	stripe *Stripe
	logger *slog.Logger
}

// NewDesk makes a Desk. Without a client nothing is collected.
func NewDesk(db *postgres.DB, offers *plans.Plans, client *Stripe, logger *slog.Logger) *Desk {
	return &Desk{db: db, plans: offers, stripe: client, logger: logger}
}

// Get answers how a workspace pays.
func (d *Desk) Get(ctx context.Context, ws workspace.ID, _ *storev1.GetPaymentRequest) (*storev1.GetPaymentResponse, error) {
	if d.stripe == nil {
		return &storev1.GetPaymentResponse{}, nil
	}
	found, _, err := accountOf(ctx, d.db, ws)
	return &storev1.GetPaymentResponse{Enabled: true, Method: found.Method}, err
}

// offer is a plan to choose, its columns by name.
type offer struct {
	ID, Name, Currency string
	PriceMinor         int64
	SelfService        bool
}

// ChoosePlan gives a workspace another plan. One that costs something is given when it is known how it is paid: until then
// the answer says where that is said.
func (d *Desk) ChoosePlan(ctx context.Context, ws workspace.ID, request *storev1.ChoosePlanRequest) (*storev1.ChoosePlanResponse, error) {
	if d.stripe == nil {
		return nil, errOff()
	}
	chosen, err := d.choice(ctx, ws, request.GetPlanId())
	if err != nil {
		return nil, err
	}
	pays, err := customerOf(ctx, d.db, d.stripe, ws)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	if chosen.PriceMinor == 0 || pays.Method != "" {
		set, err := d.plans.Set(ctx, ws, &storev1.SetTermsRequest{Actor: request.GetActor(), PlanId: &chosen.ID})
		return &storev1.ChoosePlanResponse{Terms: set.GetTerms()}, err
	}
	url, err := d.stripe.checkout(ctx, pays.CustomerID, chosen.Currency, request.GetReturnUrl(), about(ws, request.GetActor(), &chosen))
	return &storev1.ChoosePlanResponse{CheckoutUrl: url}, d.explain(ctx, err)
}

// choice is a plan that the workspace may choose.
func (d *Desk) choice(ctx context.Context, ws workspace.ID, id string) (chosen offer, err error) {
	var present bucket.Terms
	err = d.db.InWorkspace(ctx, ws, func(ctx context.Context, tx postgres.Tx) error {
		if present, err = plans.Of(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "SELECT id, name, currency, price_minor, self_service FROM plans WHERE id = $1", id)
		if err != nil {
			return fmt.Errorf("reading the plan: %w", err)
		}
		chosen, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[offer])
		if errors.Is(err, pgx.ErrNoRows) {
			return refuse.Invalid("planId", "is no plan that there is")
		}
		return err
	})
	switch {
	case err != nil:
		return offer{}, err
	case !chosen.SelfService:
		return offer{}, refuse.Invalid("planId", "is a plan that only whoever runs this installation gives")
	case present.Currency != chosen.Currency:
		return offer{}, refuse.Invalid("planId", "is paid in "+chosen.Currency+", and yours in "+present.Currency+": ask whoever runs this installation")
	}
	if _, err := amountOf(chosen.Currency, chosen.PriceMinor); err != nil {
		return offer{}, refuse.Invalid("planId", "is paid in "+chosen.Currency+", in which nothing can be collected here")
	}
	return chosen, nil
}

// about is what a checkout carries, so that its end can be carried out without us remembering its beginning.
func about(ws workspace.ID, actor *storev1.Actor, chosen *offer) map[string]string {
	told := map[string]string{keyWorkspace: ws.String(), keyActorKind: actor.GetKind(), keyActorID: actor.GetId()}
	if chosen != nil {
		told[keyPlan], told[keyPrice], told[keyCurrency] = chosen.ID, strconv.FormatInt(chosen.PriceMinor, 10), chosen.Currency
	}
	return told
}

// Checkout answers where a person says how the workspace pays.
func (d *Desk) Checkout(ctx context.Context, ws workspace.ID, request *storev1.CreateCheckoutRequest) (*storev1.CreateCheckoutResponse, error) {
	if d.stripe == nil {
		return nil, errOff()
	}
	var terms bucket.Terms
	err := d.db.InWorkspace(ctx, ws, func(ctx context.Context, tx postgres.Tx) (err error) {
		terms, err = plans.Of(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	pays, err := customerOf(ctx, d.db, d.stripe, ws)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	url, err := d.stripe.checkout(ctx, pays.CustomerID, terms.Currency, request.GetReturnUrl(), about(ws, request.GetActor(), nil))
	return &storev1.CreateCheckoutResponse{Url: url}, d.explain(ctx, err)
}

// Portal answers where a person changes how the workspace pays.
func (d *Desk) Portal(ctx context.Context, ws workspace.ID, request *storev1.CreatePortalRequest) (*storev1.CreatePortalResponse, error) {
	if d.stripe == nil {
		return nil, errOff()
	}
	pays, err := customerOf(ctx, d.db, d.stripe, ws)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	url, err := d.stripe.portal(ctx, pays.CustomerID, request.GetReturnUrl())
	return &storev1.CreatePortalResponse{Url: url}, d.explain(ctx, err)
}

func errOff() error {
	return refuse.Conflict("", "Nothing is collected here: whoever runs this installation changes the plan.")
}

// explain tells a person what Stripe refuses, and that it can be tried again where it only did not answer.
func (d *Desk) explain(ctx context.Context, err error) error {
	if refused, ok := errors.AsType[refusedError](err); ok {
		d.logger.ErrorContext(ctx, "Stripe refuses", slog.Any("err", err))
		return refuse.Conflict("", refused.Error())
	}
	if !errors.Is(err, errAway) && !errors.Is(err, errGone) {
		return err
	}
	d.logger.WarnContext(ctx, "Stripe was not asked", slog.Any("err", err))
	return refuse.Conflict("", "The payment provider does not answer. Try again in a minute.")
}
