package api

import (
	"context"
	"net/http"
	"strings"

	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// billingPage is where a person comes back to from the payment provider.
const billingPage = "/settings/usage"

// Payment is how a workspace pays.
type Payment struct {
	Enabled bool   `json:"enabled" doc:"Whether money is collected here at all."`
	Method  string `json:"method,omitempty" example:"visa ending in 4242" doc:"What invoices are charged to; absent when there is nothing."`
}

// PlanChoice is the plan a workspace wants.
type PlanChoice struct {
	PlanID string `json:"planId" minLength:"1" maxLength:"40" example:"pro"`
}

// PlanChosen is the plan a workspace has, and where to say first how another is paid.
type PlanChosen struct {
	PlanID      string `json:"planId,omitempty" doc:"Absent while it is not known how the plan is paid."`
	CheckoutURL string `json:"checkoutUrl,omitempty" doc:"Where a person says how. The plan changes when that is done."`
}

// PaymentPage is a page of the payment provider.
type PaymentPage struct {
	URL string `json:"url"`
}

type choosePlanInput struct {
	Idempotent
	Body PlanChoice
}

type planChosenOutput struct {
	Replayable
	Body PlanChosen
}

type paymentPageInput struct{ Idempotent }

type paymentPageOutput struct {
	Replayable
	Body PaymentPage
}

func (a *API) registerPayment() {
	registerOnce(a, with(protected("choose-plan", http.MethodPost, "/api/billing/plan", tagBilling, "Choose a plan"), http.StatusOK,
		"Owners only, and only where payments are collected. A month is charged by the dearest plan it had."), a.choosePlan)
	registerOnce(a, with(protected("create-checkout", http.MethodPost, "/api/billing/checkout", tagBilling, "Say how the workspace pays"),
		http.StatusOK, "Owners only. Answers a page of the payment provider."), a.createCheckout)
	registerOnce(a, with(protected("create-portal", http.MethodPost, "/api/billing/portal", tagBilling, "Change how the workspace pays"),
		http.StatusOK, "Owners only. Answers a page of the payment provider, with receipts."), a.createPortal)
}

func (a *API) choosePlan(ctx context.Context, input *choosePlanInput) (*planChosenOutput, error) {
	principal := principalOf(ctx)
	if principal.Role != access.RoleOwner {
		return nil, forbidden("Only owners decide what may be spent.")
	}
	request := &storev1.ChoosePlanRequest{Actor: actorOf(ctx), PlanId: input.Body.PlanID, ReturnUrl: a.billingURL()}
	response := &storev1.ChoosePlanResponse{}
	if err := a.ask(ctx, principal.Workspace, "payment", "choose-plan", request, response); err != nil {
		return nil, err
	}
	return &planChosenOutput{Body: PlanChosen{PlanID: response.GetTerms().GetPlanId(), CheckoutURL: response.GetCheckoutUrl()}}, nil
}

func (a *API) createCheckout(ctx context.Context, _ *paymentPageInput) (*paymentPageOutput, error) {
	principal := principalOf(ctx)
	if principal.Role != access.RoleOwner {
		return nil, forbidden("Only owners decide how the workspace pays.")
	}
	response := &storev1.CreateCheckoutResponse{}
	request := &storev1.CreateCheckoutRequest{Actor: actorOf(ctx), ReturnUrl: a.billingURL()}
	if err := a.ask(ctx, principal.Workspace, "payment", "create-checkout", request, response); err != nil {
		return nil, err
	}
	return &paymentPageOutput{Body: PaymentPage{URL: response.GetUrl()}}, nil
}

func (a *API) createPortal(ctx context.Context, _ *paymentPageInput) (*paymentPageOutput, error) {
	principal := principalOf(ctx)
	if principal.Role != access.RoleOwner {
		return nil, forbidden("Only owners decide how the workspace pays.")
	}
	response := &storev1.CreatePortalResponse{}
	request := &storev1.CreatePortalRequest{ReturnUrl: a.billingURL()}
	if err := a.ask(ctx, principal.Workspace, "payment", "create-portal", request, response); err != nil {
		return nil, err
	}
	return &paymentPageOutput{Body: PaymentPage{URL: response.GetUrl()}}, nil
}

func (a *API) billingURL() string {
	return strings.TrimRight(a.deps.PublicURL.String(), "/") + billingPage
}
