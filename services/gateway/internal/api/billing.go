package api

import (
	"context"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// Billing is what a period costs a workspace, and what it could pay instead.
type Billing struct {
	Period        string        `json:"period" example:"2026-11"`
	Currency      string        `json:"currency" example:"USD"`
	PlanID        string        `json:"planId"`
	TimeZone      string        `json:"timeZone" example:"Europe/Madrid" doc:"Whose calendar months are the periods."`
	SpendCapMinor int64         `json:"spendCapMinor" doc:"What use beyond the plan may cost in a period, in minor units of the currency. 0 allows none."`
	Lines         []BillingLine `json:"lines" nullable:"false"`
	TotalMinor    int64         `json:"totalMinor" doc:"Until now, in minor units of the currency."`
	ForecastMinor int64         `json:"forecastMinor" doc:"At the end of the period when it goes on as until now."`
	Plans         []Plan        `json:"plans" nullable:"false" doc:"What there is to choose from."`
	Payment       Payment       `json:"payment"`
}

// BillingLine is a line of what a period costs.
type BillingLine struct {
	Meter           string `json:"meter,omitempty" doc:"Absent on the line of the plan's own price."`
	Units           int64  `json:"units"`
	Included        int64  `json:"included"`
	Unlimited       bool   `json:"unlimited"`
	Billed          int64  `json:"billed" doc:"Units beyond what is included."`
	UnitPriceMicros int64  `json:"unitPriceMicros"`
	AmountMinor     int64  `json:"amountMinor"`
}

// Plan is what a workspace may choose.
type Plan struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Currency   string `json:"currency"`
	PriceMinor int64  `json:"priceMinor" doc:"Of a month, in minor units of the currency."`
	// SelfService plans are chosen by owners.
	SelfService bool            `json:"selfService,omitempty" doc:"Whether owners choose it themselves, where payments are collected."`
	Allowances  []PlanAllowance `json:"allowances" nullable:"false" doc:"A meter that is not listed has no limit and no price. WhatsApp and MMS are counted with sms unless they have an allowance of their own."`
}

// Invoice is what was charged for a month.
type Invoice struct {
	ID         string        `json:"id"`
	Period     string        `json:"period" example:"2026-11"`
	PlanName   string        `json:"planName"`
	Currency   string        `json:"currency"`
	Lines      []InvoiceLine `json:"lines" nullable:"false"`
	TotalMinor int64         `json:"totalMinor"`
	State      string        `json:"state" enum:"not_collected,open,paid,failed" doc:"not_collected: nobody is asked for the money here."`
	IssuedAt   time.Time     `json:"issuedAt"`
	PaymentURL string        `json:"paymentUrl,omitempty" doc:"Where a person can pay it."`
	Problem    string        `json:"problem,omitempty" doc:"Why it is not collected yet."`
}

// InvoiceLine is a line of an invoice. One of another period than the invoice's is what that turned out to cost more or less;
// GET /api/usage/entries lists the messages.
type InvoiceLine struct {
	BillingLine

	Period string `json:"period"`
}

// Invoices are those of a workspace, the newest first.
type Invoices struct {
	Items []Invoice `json:"items" nullable:"false"`
}

type invoicesOutput struct{ Body Invoices }

// TermsChange is what a workspace changes of what it pays by. What is left out stays.
type TermsChange struct {
	TimeZone      *string `json:"timeZone,omitempty" maxLength:"64" example:"Europe/Madrid"`
	SpendCapMinor *int64  `json:"spendCapMinor,omitempty" minimum:"0"`
	Currency      string  `json:"currency,omitempty" maxLength:"3" doc:"The one spendCapMinor is meant in."`
}

// Terms are what a workspace pays by.
type Terms struct {
	PlanID        string `json:"planId"`
	Currency      string `json:"currency"`
	TimeZone      string `json:"timeZone"`
	SpendCapMinor int64  `json:"spendCapMinor"`
}

type billingOutput struct{ Body Billing }

type changeTermsInput struct {
	Idempotent
	Body TermsChange
}

type termsOutput struct {
	Replayable
	Body Terms
}

func (a *API) registerBilling() {
	register(a, with(protected("get-billing", http.MethodGet, "/api/billing", tagBilling, "What it costs"), http.StatusOK,
		"Owners and admins only."), a.getBilling)
	register(a, with(protected("list-invoices", http.MethodGet, "/api/billing/invoices", tagBilling, "List invoices"), http.StatusOK,
		"Owners and admins only. A month is charged two days after its end; what receipts tell later is on the next invoice."), a.listInvoices)
	registerOnce(a, with(protected("change-terms", http.MethodPut, "/api/billing/terms", tagBilling, "Set spend cap and time zone"),
		http.StatusOK, "Owners only. The time zone counts from the next message on."), a.changeTerms)
	a.registerPayment()
}

func (a *API) getBilling(ctx context.Context, input *usageInput) (*billingOutput, error) {
	c, err := a.usageOf(ctx, input.Period)
	if err != nil {
		return nil, err
	}
	offers := &storev1.ListPlansResponse{}
	if err := a.ask(ctx, principalOf(ctx).Workspace, "plan", "list", &storev1.ListPlansRequest{}, offers); err != nil {
		return nil, err
	}
	payment := &storev1.GetPaymentResponse{}
	if err := a.ask(ctx, principalOf(ctx).Workspace, "payment", "get", &storev1.GetPaymentRequest{}, payment); err != nil {
		return nil, err
	}
	lines := c.terms.Bill(c.used)
	expected := make(plan.Used, len(c.used))
	for meter, used := range c.used {
		expected[meter] = c.period.Forecast(used, time.Now())
	}
	return &billingOutput{Body: Billing{
		Period: c.period.String(), Currency: c.terms.Currency.String(), PlanID: c.terms.PlanID, TimeZone: c.terms.Zone.String(),
		SpendCapMinor: c.terms.SpendCap, Lines: mapped(lines, toBillingLine), TotalMinor: plan.Total(lines),
		ForecastMinor: plan.Total(c.terms.Bill(expected)), Plans: mapped(offers.GetPlans(), toPlan),
		Payment: Payment{Enabled: payment.GetEnabled(), Method: payment.GetMethod()},
	}}, nil
}

func (a *API) listInvoices(ctx context.Context, _ *struct{}) (*invoicesOutput, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbiddenUsage()
	}
	response := &storev1.ListInvoicesResponse{}
	if err := a.ask(ctx, principal.Workspace, "invoice", "list", &storev1.ListInvoicesRequest{}, response); err != nil {
		return nil, err
	}
	return &invoicesOutput{Body: Invoices{Items: mapped(response.GetInvoices(), toInvoice)}}, nil
}

func toInvoice(i *storev1.Invoice) Invoice {
	return Invoice{
		ID: i.GetId(), Period: i.GetPeriod(), PlanName: i.GetPlanName(), Currency: i.GetCurrency(), TotalMinor: i.GetTotalMinor(),
		State: i.GetState(), IssuedAt: toTime(i.GetIssuedAt()), PaymentURL: i.GetPaymentUrl(), Problem: i.GetProblem(),
		Lines: mapped(i.GetLines(), toInvoiceLine),
	}
}

func toInvoiceLine(l *storev1.InvoiceLine) InvoiceLine {
	return InvoiceLine{Period: l.GetPeriod(), BillingLine: BillingLine{
		Meter: l.GetMeter(), Units: l.GetUnits(), Included: l.GetIncluded(), Unlimited: l.GetUnlimited(), Billed: l.GetBilled(),
		UnitPriceMicros: l.GetUnitPriceMicros(), AmountMinor: l.GetAmountMinor(),
	}}
}

func (a *API) changeTerms(ctx context.Context, input *changeTermsInput) (*termsOutput, error) {
	principal := principalOf(ctx)
	if principal.Role != access.RoleOwner {
		return nil, forbidden("Only owners decide what may be spent.")
	}
	request := &storev1.SetTermsRequest{
		Actor: actorOf(ctx), TimeZone: input.Body.TimeZone, SpendCapMinor: input.Body.SpendCapMinor, Currency: input.Body.Currency,
	}
	response := &storev1.SetTermsResponse{}
	if err := a.ask(ctx, principal.Workspace, "terms", "set", request, response); err != nil {
		return nil, err
	}
	return &termsOutput{Body: toTerms(response.GetTerms())}, nil
}

func toTerms(t *bucketv1.Terms) Terms {
	return Terms{PlanID: t.GetPlanId(), Currency: t.GetCurrency(), TimeZone: t.GetTimeZone(), SpendCapMinor: t.GetSpendCapMinor()}
}

func toBillingLine(l plan.Line) BillingLine {
	return BillingLine{
		Meter: string(l.Meter), Units: l.Units, Included: l.Included, Unlimited: l.Unlimited, Billed: l.Billed,
		UnitPriceMicros: l.UnitPrice, AmountMinor: l.Amount,
	}
}

func toPlan(p *storev1.Plan) Plan {
	return Plan{
		ID: p.GetId(), Name: p.GetName(), Currency: p.GetCurrency(), PriceMinor: p.GetPriceMinor(),
		SelfService: p.GetSelfService(), Allowances: mapped(p.GetAllowances(), toPlanAllowance),
	}
}
