package plans_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

func TestTheDefaultsAreTheirs(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ws := s.NewWorkspace(t)
	response, err := plans.New(s.DB, s.Relay, s.Logger).List(t.Context(), ws.ID, &storev1.ListPlansRequest{})
	require.NoError(t, err)
	limits := map[string]map[string]int64{}
	prices := map[string]int64{}
	for _, plan := range response.GetPlans() {
		limits[plan.GetId()], prices[plan.GetId()] = map[string]int64{}, plan.GetPriceMinor()
		for _, allowance := range plan.GetAllowances() {
			included := allowance.GetIncluded()
			if allowance.GetUnlimited() {
				included = -1
			}
			limits[plan.GetId()][allowance.GetMeter()] = included
		}
	}
	require.Equal(t, map[string]map[string]int64{
		"unlimited": {}, "free": {"sms": 50, "call_minute": 30, "email": 100},
		"pro": {"sms": 1000, "call_minute": 500, "email": 5000}, "enterprise": {"sms": -1, "call_minute": -1, "email": -1},
	}, limits)
	require.Equal(t, map[string]int64{"unlimited": 0, "free": 0, "pro": 4900, "enterprise": 19900}, prices)
}

func TestSetTerms(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	require.NoError(t, s.Bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	ws := s.NewWorkspace(t)
	offers := plans.New(s.DB, s.Relay, s.Logger)
	set := func(request *storev1.SetTermsRequest) (*bucketv1.Terms, error) {
		request.Actor = &storev1.Actor{Kind: "session", Id: "ada", Remote: "192.0.2.1"}
		response, err := offers.Set(t.Context(), ws.ID, request)
		return response.GetTerms(), err
	}
	audits := func() int { return storetest.Value[int](t, s, "SELECT count(*) FROM audit_entries") }

	got, err := set(&storev1.SetTermsRequest{PlanId: new("pro"), TimeZone: new("Europe/Madrid"), SpendCapMinor: new(int64(2500)), Currency: "USD"})
	require.NoError(t, err)
	require.Equal(t, "pro", got.GetPlanId())
	require.Equal(t, "Europe/Madrid", got.GetTimeZone())
	require.EqualValues(t, 2500, got.GetSpendCapMinor())
	require.Equal(t, 3, audits())
	_, err = set(&storev1.SetTermsRequest{PlanId: new("pro"), SpendCapMinor: new(int64(2500)), Currency: "USD"})
	require.NoError(t, err)
	require.Equal(t, 3, audits(), "the same again changes nothing")

	for field, request := range map[string]*storev1.SetTermsRequest{
		"planId":   {PlanId: new("gold")},
		"timeZone": {TimeZone: new("Local")},
		"spendCap": {SpendCapMinor: new(int64(-1)), Currency: "USD"},
		"currency": {SpendCapMinor: new(int64(10)), Currency: "EUR"},
	} {
		_, err := set(request)
		storetest.RequireRefusal(t, err, bus.CodeInvalid, field)
	}
	require.Equal(t, 3, audits(), "what is refused leaves nothing behind")
}

func TestOperatorsMakePlans(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	require.NoError(t, s.Bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	ws := s.NewWorkspace(t)
	desk := plans.NewDesk(s.DB, s.Bus, s.Logger, plans.Default)
	set := func(plan *storev1.Plan) error { return desk.Set(t.Context(), plan) }
	start := &storev1.Plan{Id: "start", Name: "Start", Currency: "EUR", PriceMinor: 900, Allowances: []*bucketv1.Allowance{
		{Meter: "sms", Included: 10, OverageMicros: 20_000}, {Meter: "email", Unlimited: true},
	}}
	require.NoError(t, set(start))
	offers := plans.New(s.DB, s.Relay, s.Logger)
	_, err := offers.Set(t.Context(), ws.ID, &storev1.SetTermsRequest{
		PlanId: new("start"), SpendCapMinor: new(int64(100)), Currency: "EUR", Actor: &storev1.Actor{Kind: "session", Id: "ada"},
	})
	require.NoError(t, err)
	start.Allowances = start.GetAllowances()[:1]
	start.GetAllowances()[0].Included = 20
	require.NoError(t, set(start))
	require.Len(t, s.Keys(t, event.BucketPlans), 1, "who uses it is told")

	_, err = offers.Set(t.Context(), ws.ID, &storev1.SetTermsRequest{PlanId: new("pro"), Actor: &storev1.Actor{Kind: "session", Id: "ada"}})
	storetest.RequireRefusal(t, err, bus.CodeConflict, "currency")
	storetest.RequireRefusal(t, desk.Remove(t.Context(), "start"), bus.CodeConflict, "id")
	storetest.RequireRefusal(t, desk.Remove(t.Context(), plans.Default), bus.CodeConflict, "id")
	storetest.RequireRefusal(t, desk.Remove(t.Context(), "gold"), bus.CodeNotFound, "")
	require.NoError(t, desk.Remove(t.Context(), "free"))

	spoiled := func(spoil func(*storev1.Plan)) *storev1.Plan {
		plan := &storev1.Plan{Id: "start", Name: "Start", Currency: "EUR", Allowances: []*bucketv1.Allowance{{Meter: "sms"}, {Meter: "email"}}}
		spoil(plan)
		return plan
	}
	for field, spoil := range map[string]func(*storev1.Plan){
		"id":                     func(p *storev1.Plan) { p.Id = "Gold Plan" },
		"name":                   func(p *storev1.Plan) { p.Name = " " },
		"currency":               func(p *storev1.Plan) { p.Currency = "euro" },
		"price":                  func(p *storev1.Plan) { p.PriceMinor = -1 },
		"allowances[1].meter":    func(p *storev1.Plan) { p.Allowances[1].Meter = "sms" },
		"allowances[0].included": func(p *storev1.Plan) { p.Allowances[0].Included = -1 },
		"allowances[0].overage":  func(p *storev1.Plan) { p.Allowances[0].OverageMicros = -1 },
	} {
		storetest.RequireRefusal(t, set(spoiled(spoil)), bus.CodeInvalid, field)
	}
	storetest.RequireRefusal(t, set(spoiled(func(p *storev1.Plan) { p.Currency = "USD" })), bus.CodeConflict, "currency")
}

func TestPricesBeginWithTheListPrices(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	registry, err := all.Registry()
	require.NoError(t, err)
	require.NoError(t, plans.Price(t.Context(), s.DB, registry))
	const prices = "SELECT count(*) FROM provider_prices WHERE unit_cost_micros > 0"
	require.Positive(t, storetest.Value[int](t, s, prices))
	s.Exec(t, "UPDATE provider_prices SET unit_cost_micros = 0")
	require.NoError(t, plans.Price(t.Context(), s.DB, registry))
	require.Zero(t, storetest.Value[int](t, s, prices), "the operator's prices stay")
}
