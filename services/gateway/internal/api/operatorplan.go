package api

import (
	"context"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// WorkspaceUsage is what a workspace used, what it is charged for it and what the providers take.
type WorkspaceUsage struct {
	WorkspaceID  string       `json:"workspaceId"`
	Name         string       `json:"name"`
	PlanID       string       `json:"planId"`
	Currency     string       `json:"currency"`
	Meters       []MeterUsage `json:"meters" nullable:"false"`
	ChargedMinor int64        `json:"chargedMinor"`
	CostMinor    int64        `json:"costMinor" doc:"What the providers take for what the platform pays, as far as their prices are known."`
	MarginMinor  int64        `json:"marginMinor"`
	Unpriced     []string     `json:"unpriced" nullable:"false" doc:"Meters whose provider's price is not known in this currency: costMinor lacks them."`
}

// WorkspaceUsagePage is a page of workspaces, in the order of their ids.
type WorkspaceUsagePage struct {
	Items []WorkspaceUsage `json:"items" nullable:"false"`
	Next  string           `json:"next,omitempty" doc:"Pass it as after for the next page. Absent on the last."`
}

// PlanChange is a plan as it is to be.
type PlanChange struct {
	Name        string          `json:"name" minLength:"1" maxLength:"80"`
	Currency    string          `json:"currency" minLength:"3" maxLength:"3" example:"USD"`
	PriceMinor  int64           `json:"priceMinor" minimum:"0"`
	SelfService bool            `json:"selfService,omitempty" doc:"Whether owners choose it themselves, where payments are collected."`
	Allowances  []PlanAllowance `json:"allowances" nullable:"false" maxItems:"6"`
}

// TermsByOperator are what an operator changes of what a workspace pays by. What is left out stays.
type TermsByOperator struct {
	PlanID        *string `json:"planId,omitempty" maxLength:"40"`
	SpendCapMinor *int64  `json:"spendCapMinor,omitempty" minimum:"0"`
	Currency      string  `json:"currency,omitempty" maxLength:"3" doc:"The one spendCapMinor is meant in."`
}

type workspaceUsageInput struct {
	Period string `query:"period" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"A month such as 2026-11. The present one of UTC when left out."`
	Limit  int32  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	After  string `query:"after" maxLength:"64"`
}

type workspaceUsageOutput struct{ Body WorkspaceUsagePage }

type setPlanInput struct {
	Idempotent
	Plan string `path:"plan" maxLength:"40"`
	Body PlanChange
}

type planOutput struct {
	Replayable
	Body Plan
}

type removePlanInput struct {
	Idempotent
	Plan string `path:"plan" maxLength:"40"`
}

type removedOutput struct{ Replayable }

type setTermsInput struct {
	Idempotent
	Workspace string `path:"workspace" maxLength:"64"`
	Body      TermsByOperator
}

func (a *API) registerOperatorPlans() {
	register(a, protected("list-workspace-usage", http.MethodGet, operatorPath+"usage", tagOperator, "What every workspace used"), a.listWorkspaceUsage)
	registerOnce(a, with(protected("set-plan", http.MethodPut, operatorPath+"plans/{plan}", tagOperator, "Make or change a plan"),
		http.StatusOK, "Whoever uses it has the new terms at once."), a.setPlan)
	registerOnce(a, with(protected("remove-plan", http.MethodDelete, operatorPath+"plans/{plan}", tagOperator, "Remove a plan"),
		http.StatusNoContent, "409 while workspaces use it."), a.removePlan)
	registerOnce(a, with(protected("set-terms", http.MethodPut, operatorPath+"workspaces/{workspace}/terms", tagOperator, "Set a workspace's plan"),
		http.StatusOK, ""), a.setTerms)
}

func (a *API) listWorkspaceUsage(ctx context.Context, input *workspaceUsageInput) (*workspaceUsageOutput, error) {
	period := input.Period
	if period == "" {
		period = plan.PeriodAt(time.Now(), time.UTC).String()
	}
	request := &operatorv1.ListWorkspaceUsageRequest{Period: period, Limit: input.Limit, After: input.After}
	response := &operatorv1.ListWorkspaceUsageResponse{}
	if err := a.operate(ctx, "workspace-usage", "list", request, response); err != nil {
		return nil, err
	}
	return &workspaceUsageOutput{Body: WorkspaceUsagePage{Items: mapped(response.GetWorkspaces(), toWorkspaceUsage), Next: response.GetNext()}}, nil
}

func toWorkspaceUsage(u *operatorv1.WorkspaceUsage) WorkspaceUsage {
	same := func(text string) string { return text }
	return WorkspaceUsage{
		WorkspaceID: u.GetWorkspaceId(), Name: u.GetName(), PlanID: u.GetPlanId(), Currency: u.GetCurrency(),
		Meters: mapped(u.GetTotals(), toMeterUsage), ChargedMinor: u.GetChargedMinor(), CostMinor: u.GetCostMinor(),
		MarginMinor: u.GetChargedMinor() - u.GetCostMinor(), Unpriced: mapped(u.GetUnpriced(), same),
	}
}

func (a *API) setPlan(ctx context.Context, input *setPlanInput) (*planOutput, error) {
	given := &storev1.Plan{
		Id: input.Plan, Name: input.Body.Name, Currency: input.Body.Currency, PriceMinor: input.Body.PriceMinor,
		SelfService: input.Body.SelfService,
		Allowances: mapped(input.Body.Allowances, func(a PlanAllowance) *bucketv1.Allowance {
			return &bucketv1.Allowance{Meter: a.Meter, Included: a.Included, Unlimited: a.Unlimited, OverageMicros: a.OveragePriceMicros}
		}),
	}
	response := &operatorv1.SetPlanResponse{}
	if err := a.operate(ctx, "plan", "set", &operatorv1.SetPlanRequest{Plan: given}, response); err != nil {
		return nil, err
	}
	return &planOutput{Body: toPlan(response.GetPlan())}, nil
}

func (a *API) removePlan(ctx context.Context, input *removePlanInput) (*removedOutput, error) {
	err := a.operate(ctx, "plan", "remove", &operatorv1.RemovePlanRequest{Id: input.Plan}, &operatorv1.RemovePlanResponse{})
	if err != nil {
		return nil, err
	}
	return &removedOutput{}, nil
}

func (a *API) setTerms(ctx context.Context, input *setTermsInput) (*termsOutput, error) {
	ws, err := workspace.ParseID(input.Workspace)
	if err != nil {
		return nil, notFound()
	}
	request := &storev1.SetTermsRequest{
		Actor: actorOf(ctx), PlanId: input.Body.PlanID, SpendCapMinor: input.Body.SpendCapMinor, Currency: input.Body.Currency,
	}
	response := &storev1.SetTermsResponse{}
	if err := a.ask(ctx, ws, "terms", "set", request, response); err != nil {
		return nil, err
	}
	return &termsOutput{Body: toTerms(response.GetTerms())}, nil
}
