package api

import (
	"context"
	"net/http"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/plan"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// modePlatform is who pays where no own account is used.
const modePlatform = "platform"

// Usage is what a workspace used in a calendar month of its time zone.
type Usage struct {
	Period     string           `json:"period" example:"2026-11"`
	StartsAt   time.Time        `json:"startsAt"`
	EndsAt     time.Time        `json:"endsAt" doc:"The first instant of the next period."`
	Allowances []AllowanceUsage `json:"allowances" nullable:"false" doc:"What the plan includes, and what of it is used."`
	Meters     []MeterUsage     `json:"meters" nullable:"false" doc:"Every meter that was used, by who pays."`
	Days       []DayUsage       `json:"days" nullable:"false"`
}

// AllowanceUsage is how far an allowance of the plan is used.
type AllowanceUsage struct {
	Meter              string `json:"meter" enum:"email,sms,mms,whatsapp,call_minute,recording"`
	Included           int64  `json:"included"`
	Unlimited          bool   `json:"unlimited"`
	Used               int64  `json:"used" doc:"Of the platform's accounts, with the meters that are counted with this one."`
	Pending            int64  `json:"pending" doc:"What messages on their way are expected to take."`
	Forecast           int64  `json:"forecast" doc:"What will be used at the end of the period when it goes on as until now."`
	Reached            int64  `json:"reached" doc:"The highest threshold that is reached, in percent: 0, 80 or 100."`
	OveragePriceMicros int64  `json:"overagePriceMicros" doc:"Price of a unit beyond, in millionths of the currency's unit. 0 when there is none to be had."`
}

// MeterUsage is what was used of a meter and who pays for it.
type MeterUsage struct {
	Meter   string `json:"meter" enum:"email,sms,mms,whatsapp,call_minute,recording"`
	Mode    string `json:"mode" enum:"platform,byoc" doc:"With byoc the workspace's own account pays, and nothing is charged."`
	Units   int64  `json:"units"`
	Entries int64  `json:"entries" doc:"Messages and calls."`
	Pending int64  `json:"pending"`
}

// DayUsage is what was used of a meter on a day, whoever pays.
type DayUsage struct {
	Day   string `json:"day" example:"2026-11-24"`
	Meter string `json:"meter"`
	Units int64  `json:"units"`
}

// UsageEntry is one billable effect of an attempt at a message or of a call.
type UsageEntry struct {
	MessageID       string    `json:"messageId"`
	Attempt         int32     `json:"attempt"`
	Meter           string    `json:"meter"`
	Provider        string    `json:"provider"`
	Mode            string    `json:"mode" enum:"platform,byoc"`
	Units           int64     `json:"units"`
	Settled         bool      `json:"settled" doc:"False while units is what the message is expected to take."`
	UnitPriceMicros int64     `json:"unitPriceMicros" doc:"Beyond the allowance, in millionths of the currency's unit."`
	Currency        string    `json:"currency,omitempty"`
	OccurredAt      time.Time `json:"occurredAt"`
}

// UsageEntries is a page of the ledger, oldest first.
type UsageEntries struct {
	Items      []UsageEntry `json:"items" nullable:"false"`
	NextCursor string       `json:"nextCursor,omitempty" doc:"Absent on the last page."`
}

type usageInput struct {
	Period string `query:"period" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"A month such as 2026-11. The present one when left out."`
}

type usageOutput struct{ Body Usage }

type usageEntriesInput struct {
	Period string `query:"period" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$"`
	Limit  int32  `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"256"`
}

type usageEntriesOutput struct{ Body UsageEntries }

func (a *API) registerUsage() {
	register(a, with(protected("get-usage", http.MethodGet, "/api/usage", tagBilling, "What was used"), http.StatusOK,
		"Owners and admins only. From the ledger, which receipts write."), a.getUsage)
	register(a, with(protected("list-usage-entries", http.MethodGet, "/api/usage/entries", tagBilling, "The ledger, line by line"),
		http.StatusOK, "Owners and admins only. Oldest first."), a.listUsageEntries)
	a.registerUsageFile()
}

func (a *API) getUsage(ctx context.Context, input *usageInput) (*usageOutput, error) {
	counted, err := a.usageOf(ctx, input.Period)
	if err != nil {
		return nil, err
	}
	return &usageOutput{Body: counted.usage(time.Now())}, nil
}

func (a *API) listUsageEntries(ctx context.Context, input *usageEntriesInput) (*usageEntriesOutput, error) {
	response, err := a.askForEntries(ctx, input.Period, input.Cursor, input.Limit)
	if err != nil {
		return nil, err
	}
	return &usageEntriesOutput{Body: UsageEntries{
		Items: mapped(response.GetEntries(), toUsageEntry), NextCursor: response.GetNextCursor(),
	}}, nil
}

func (a *API) askForEntries(ctx context.Context, period, cursor string, limit int32) (*storev1.ListUsageResponse, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return nil, forbiddenUsage()
	}
	response := &storev1.ListUsageResponse{}
	request := &storev1.ListUsageRequest{Period: period, Limit: limit, Cursor: cursor}
	return response, a.askForList(ctx, principal.Workspace, "usage", request, response)
}

func forbiddenUsage() *Problem {
	return forbidden("Only owners and admins see what is used and what it costs.")
}

// counted is what the store says was used, with the terms it is paid by.
type counted struct {
	response *storev1.GetUsageResponse
	terms    plan.Terms
	period   plan.Period
	used     plan.Used
}

// usageOf asks what the caller's workspace used in a period.
func (a *API) usageOf(ctx context.Context, period string) (counted, error) {
	principal := principalOf(ctx)
	if !principal.Manages() {
		return counted{}, forbiddenUsage()
	}
	c := counted{response: &storev1.GetUsageResponse{}, used: plan.Used{}}
	err := a.ask(ctx, principal.Workspace, "usage", "get", &storev1.GetUsageRequest{Period: period}, c.response)
	if err != nil {
		return counted{}, err
	}
	if c.terms, err = plan.Read(c.response.GetTerms()); err != nil {
		return counted{}, err
	}
	if c.period, err = plan.ParsePeriod(c.response.GetPeriod(), c.terms.Zone); err != nil {
		return counted{}, err
	}
	for _, total := range c.response.GetTotals() {
		if total.GetMode() == modePlatform {
			c.used[c.terms.CountedWith(plan.Meter(total.GetMeter()))] += total.GetUnits()
		}
	}
	return c, nil
}

func (c counted) usage(now time.Time) Usage {
	usage := Usage{
		Period: c.period.String(), StartsAt: c.period.Start().UTC(), EndsAt: c.period.End().UTC(),
		Allowances: []AllowanceUsage{}, Meters: mapped(c.response.GetTotals(), toMeterUsage), Days: mapped(c.response.GetDays(), toDayUsage),
	}
	pending := plan.Used{}
	for _, total := range c.response.GetTotals() {
		if total.GetMode() == modePlatform {
			pending[c.terms.CountedWith(plan.Meter(total.GetMeter()))] += total.GetPending()
		}
	}
	for _, meter := range plan.Meters() {
		allowance, ok := c.terms.Allowances[meter]
		if !ok {
			continue
		}
		used := c.used[meter]
		usage.Allowances = append(usage.Allowances, AllowanceUsage{
			Meter: string(meter), Included: allowance.Included, Unlimited: allowance.Unlimited, Used: used, Pending: pending[meter],
			Forecast: c.period.Forecast(used, now), Reached: allowance.Reached(used + pending[meter]), OveragePriceMicros: allowance.Overage,
		})
	}
	return usage
}

func toMeterUsage(t *storev1.UsageTotal) MeterUsage {
	return MeterUsage{Meter: t.GetMeter(), Mode: t.GetMode(), Units: t.GetUnits(), Entries: t.GetEntries(), Pending: t.GetPending()}
}

func toDayUsage(d *storev1.UsageDay) DayUsage {
	return DayUsage{Day: d.GetDay(), Meter: d.GetMeter(), Units: d.GetUnits()}
}

func toUsageEntry(e *storev1.UsageEntry) UsageEntry {
	return UsageEntry{
		MessageID: e.GetMessageId(), Attempt: e.GetAttempt(), Meter: e.GetMeter(), Provider: e.GetProvider(), Mode: e.GetMode(),
		Units: e.GetUnits(), Settled: e.GetSettled(), UnitPriceMicros: e.GetUnitPriceMicros(), Currency: e.GetCurrency(),
		OccurredAt: toTime(e.GetOccurredAt()),
	}
}

// PlanAllowance is what a plan includes of a meter.
type PlanAllowance struct {
	Meter              string `json:"meter" enum:"email,sms,mms,whatsapp,call_minute,recording"`
	Included           int64  `json:"included,omitempty" minimum:"0"`
	Unlimited          bool   `json:"unlimited,omitempty"`
	OveragePriceMicros int64  `json:"overagePriceMicros,omitempty" minimum:"0" doc:"Price of a unit beyond, in millionths of the currency's unit; 0 allows none."`
}

func toPlanAllowance(a *bucketv1.Allowance) PlanAllowance {
	return PlanAllowance{
		Meter: a.GetMeter(), Included: a.GetIncluded(), Unlimited: a.GetUnlimited(), OveragePriceMicros: a.GetOverageMicros(),
	}
}
