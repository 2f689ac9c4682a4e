package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v85"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/audit"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// Apply takes notice of an event of Stripe, of which the signature is proved. An event about something that is not ours
// changes nothing.
func (d *Desk) Apply(ctx context.Context, _ workspace.ID, request *storev1.ApplyPaymentEventRequest) (*storev1.ApplyPaymentEventResponse, error) {
	if d.stripe == nil {
		return nil, errOff()
	}
	var err error
	switch kind, id := request.GetType(), request.GetObjectId(); {
	case kind == string(stripe.EventTypeCheckoutSessionCompleted):
		err = d.checkedOut(ctx, id)
	case strings.HasPrefix(kind, "invoice."):
		err = d.invoiceChanged(ctx, id)
	case kind == string(stripe.EventTypeCustomerUpdated), kind == string(stripe.EventTypeCustomerDeleted):
		err = d.customerChanged(ctx, id)
	}
	if errors.Is(err, errGone) {
		d.logger.WarnContext(ctx, "Stripe tells of what it does not have", slog.String("id", request.GetObjectId()))
		err = nil
	}
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	return &storev1.ApplyPaymentEventResponse{}, nil
}

// checkedOut carries a checkout out: the workspace pays so from now on, and has the plan that it was for.
func (d *Desk) checkedOut(ctx context.Context, id string) error {
	session, err := d.stripe.session(ctx, id)
	if err != nil {
		return err
	}
	if session.Status != stripe.CheckoutSessionStatusComplete || session.Customer == nil ||
		session.SetupIntent == nil || session.SetupIntent.PaymentMethod == nil {
		return nil
	}
	ws, err := workspace.ParseID(session.Metadata[keyWorkspace])
	if err != nil {
		return nil //nolint:nilerr // it is not one of ours
	}
	pays, ok, err := accountOf(ctx, d.db, ws)
	if err != nil {
		return err
	}
	at := time.Unix(session.Created, 0)
	if !ok || pays.CustomerID != session.Customer.ID || pays.CheckoutID == id || pays.CheckoutAt != nil && at.Before(*pays.CheckoutAt) {
		return nil // carried out already, or overtaken by a newer one
	}
	if err := d.stripe.payBy(ctx, pays.CustomerID, session.SetupIntent.PaymentMethod.ID); err != nil {
		return err
	}
	method, err := d.stripe.method(ctx, pays.CustomerID)
	if err != nil {
		return err
	}
	actor := &storev1.Actor{Kind: session.Metadata[keyActorKind], Id: session.Metadata[keyActorID]}
	if err := d.planPaid(ctx, ws, actor, session.Metadata); err != nil {
		return err
	}
	return d.keepMethod(ctx, ws, actor, method, id, &at)
}

// planPaid gives the workspace the plan that a checkout was for, unless that costs something else by now.
func (d *Desk) planPaid(ctx context.Context, ws workspace.ID, actor *storev1.Actor, about map[string]string) error {
	if about[keyPlan] == "" {
		return nil
	}
	chosen, err := d.choice(ctx, ws, about[keyPlan])
	if err != nil || about[keyPrice] != strconv.FormatInt(chosen.PriceMinor, 10) || about[keyCurrency] != chosen.Currency {
		d.logger.WarnContext(ctx, "a plan that was chosen is not what it was: it is not given",
			slog.String("workspace", ws.String()), slog.String("plan", about[keyPlan]), slog.Any("err", err))
		return nil // the person chooses again
	}
	_, err = d.plans.Set(ctx, ws, &storev1.SetTermsRequest{Actor: actor, PlanId: &chosen.ID})
	return err
}

// keepMethod keeps what the workspace pays by. checkout is empty when no checkout said it.
func (d *Desk) keepMethod(ctx context.Context, ws workspace.ID, actor *storev1.Actor, method, checkout string, at *time.Time) error {
	return d.db.ChangeInWorkspace(ctx, ws, func(ctx context.Context, tx postgres.ChangeTx) error {
		const keep = `UPDATE payment_accounts SET method = $1, checkout_id = COALESCE(NULLIF($2, ''), checkout_id),
			checkout_at = COALESCE($3, checkout_at) FROM (SELECT method FROM payment_accounts FOR UPDATE) before RETURNING before.method`
		var before string
		if err := tx.QueryRow(ctx, keep, method, checkout, at).Scan(&before); err != nil {
			return fmt.Errorf("keeping how the workspace pays: %w", err)
		}
		if before == method {
			return nil
		}
		action := "payment_method.changed"
		if method == "" {
			action = "payment_method.removed"
		}
		return audit.Write(ctx, tx, ws, actor, audit.Entry{Action: action, Subject: "payment method", Detail: method})
	})
}

// customerChanged takes notice of what was changed in the portal.
func (d *Desk) customerChanged(ctx context.Context, id string) error {
	var text string
	err := d.db.AsOwner(ctx, func(ctx context.Context, tx postgres.Tx) error {
		return tx.QueryRow(ctx, "SELECT workspace_id::text FROM payment_accounts WHERE customer_id = $1", id).Scan(&text)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // not one of ours
	}
	if err != nil {
		return fmt.Errorf("reading whose customer it is: %w", err)
	}
	ws, err := workspace.ParseID(text)
	if err != nil {
		return fmt.Errorf("reading whose customer it is: %w", err)
	}
	method, err := d.stripe.method(ctx, id)
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	return d.keepMethod(ctx, ws, &storev1.Actor{Kind: "payment_portal", Id: id}, method, "", nil)
}

// invoiceChanged takes notice of what became of an invoice.
func (d *Desk) invoiceChanged(ctx context.Context, id string) error {
	found, err := d.stripe.invoice(ctx, id)
	if err != nil {
		return err
	}
	ws, err := workspace.ParseID(found.Metadata[keyWorkspace])
	if err != nil {
		return nil //nolint:nilerr // it is not one of ours
	}
	return keepOutcome(ctx, d.db, ws, found)
}
