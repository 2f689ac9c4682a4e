package invoice_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/event"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/storetest"
)

// rig is a workspace of the plan pro since January 2026, with a clock.
type rig struct {
	*storetest.Store

	ws     *storetest.Workspace
	offers *plans.Plans
	now    time.Time
}

func setup(t *testing.T) *rig {
	t.Helper()
	r := &rig{Store: storetest.New(t), now: time.Date(2026, 4, 2, 23, 0, 0, 0, time.UTC)}
	require.NoError(t, r.Bus.Ensure(t.Context(), event.Streams(), event.Buckets()))
	r.ws, r.offers = r.NewWorkspace(t), plans.New(r.DB, r.Relay, r.Logger)
	r.set(t, "pro", "2026-03-01")
	r.Exec(t, "UPDATE workspaces SET created_at = '2026-03-01' WHERE id = $1", r.ws.ID.UUID())
	return r
}

// set gives the workspace a plan, since a day.
func (r *rig) set(t *testing.T, id, since string) {
	t.Helper()
	_, err := r.offers.Set(t.Context(), r.ws.ID, &storev1.SetTermsRequest{PlanId: &id, Actor: &storev1.Actor{Kind: "session", Id: "ada"}})
	require.NoError(t, err)
	r.Exec(t, "UPDATE terms_history SET since = $2::timestamptz WHERE workspace_id = $1 AND since > '2026-06-01'", r.ws.ID.UUID(), since)
}

// use writes to the ledger, as the projector does.
func (r *rig) use(t *testing.T, period, meter, mode string, units int) uuid.UUID {
	t.Helper()
	id := uuid.New()
	r.Exec(t, `INSERT INTO usage_entries (workspace_id, message_id, attempt, meter, period, provider, mode, expected, units, occurred_at)
		VALUES ($1, $2, 1, $3, $4, 'phone', $5, 1, $6, now())`, r.ws.ID.UUID(), id, meter, period, mode, units)
	return id
}

func (r *rig) issue(t *testing.T) int {
	t.Helper()
	issued, err := invoice.New(r.DB, r.Logger, func() time.Time { return r.now }).Issue(t.Context())
	require.NoError(t, err)
	return issued
}

func (r *rig) invoices(t *testing.T) []*storev1.Invoice {
	t.Helper()
	listed, err := invoice.New(r.DB, r.Logger, nil).List(t.Context(), r.ws.ID, &storev1.ListInvoicesRequest{})
	require.NoError(t, err)
	return listed.GetInvoices()
}

func TestIssue_AMonthIsChargedOnceWhenItIsOver(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.use(t, "2026-03", "sms", "platform", 1010)
	r.use(t, "2026-03", "whatsapp", "platform", 40)
	r.use(t, "2026-03", "sms", "byoc", 9000)
	r.use(t, "2026-03", "email", "platform", 4999)
	r.use(t, "2026-04", "sms", "platform", 5000)
	require.Zero(t, r.issue(t), "receipts may still come")
	r.now = r.now.Add(2 * time.Hour)
	require.Equal(t, 1, r.issue(t))
	require.Zero(t, r.issue(t), "the second time changes nothing")

	listed := r.invoices(t)
	require.Len(t, listed, 1)
	got := listed[0]
	require.Equal(t, "2026-03", got.GetPeriod())
	require.Equal(t, "Pro", got.GetPlanName())
	require.Equal(t, invoice.StateNotCollected, got.GetState())
	require.EqualValues(t, 4900+60, got.GetTotalMinor(), "50 texts beyond, at 0.012")
	var sum int64
	for _, line := range got.GetLines() {
		sum += line.GetAmountMinor()
	}
	require.Equal(t, got.GetTotalMinor(), sum, "the lines agree with the total")
}

func TestIssue_WhatComesLaterIsOnTheNext(t *testing.T) {
	t.Parallel()
	r := setup(t)
	late := r.use(t, "2026-03", "sms", "platform", 1100)
	r.now = r.now.Add(2 * time.Hour)
	require.Equal(t, 1, r.issue(t))
	require.EqualValues(t, 5020, r.invoices(t)[0].GetTotalMinor())

	r.Exec(t, "UPDATE usage_entries SET units = 1050 WHERE message_id = $1", late)
	r.now = r.now.AddDate(0, 1, 0)
	require.Equal(t, 1, r.issue(t))
	listed := r.invoices(t)
	require.Len(t, listed, 2)
	require.EqualValues(t, 4900-60, listed[0].GetTotalMinor())
	last := listed[0].GetLines()[len(listed[0].GetLines())-1]
	require.Equal(t, "2026-03", last.GetPeriod())
	require.EqualValues(t, -60, last.GetAmountMinor())
	r.now = r.now.AddDate(0, 1, 0)
	require.Equal(t, 1, r.issue(t))
	require.EqualValues(t, 4900, r.invoices(t)[0].GetTotalMinor(), "an adjustment is made once")
}

func TestIssue_AMonthIsChargedByTheDearestPlanItHad(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.now = r.now.Add(2 * time.Hour)
	r.set(t, "free", "2026-03-31T23:59:59Z")
	require.Equal(t, 1, r.issue(t))
	require.EqualValues(t, 4900, r.invoices(t)[0].GetTotalMinor(), "whoever leaves a second before the end pays for the month")
	r.now = r.now.AddDate(0, 1, 0)
	require.Zero(t, r.issue(t), "nothing costs nothing")
}

func TestIssue_AMonthEndsAtMidnightOfTheWorkspacesZone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.Exec(t, "UPDATE workspaces SET time_zone = 'Asia/Tokyo' WHERE id = $1", r.ws.ID.UUID())
	r.now = time.Date(2026, 4, 2, 14, 59, 0, 0, time.UTC)
	require.Zero(t, r.issue(t))
	r.now = r.now.Add(2 * time.Minute)
	require.Equal(t, 1, r.issue(t))
}
