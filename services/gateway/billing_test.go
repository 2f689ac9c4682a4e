package gateway_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	operatorv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/operator/v1"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
)

// billingEndpoints answer as the store does, about a workspace of the plan Pro that is over its texts.
func (s *store) billingEndpoints() []bus.Endpoint {
	terms := &bucketv1.Terms{
		PlanId: "pro", PlanName: "Pro", Currency: "USD", PriceMinor: 4900, TimeZone: "Europe/Madrid", SpendCapMinor: 2000,
		Allowances: []*bucketv1.Allowance{{Meter: "sms", Included: 1000, OverageMicros: 12_000}, {Meter: "email", Included: 5000}},
	}
	at := timestamppb.New(time.Date(2025, 11, 3, 4, 5, 6, 0, time.UTC))
	return []bus.Endpoint{
		answering(s, "usage", "get", func(_ workspace.ID, r *storev1.GetUsageRequest) (proto.Message, error) {
			period := r.GetPeriod()
			if period == "" {
				period = time.Now().UTC().Format("2006-01")
			}
			return &storev1.GetUsageResponse{Terms: terms, Period: period, Totals: []*storev1.UsageTotal{
				{Meter: "sms", Mode: "platform", Units: 1000, Entries: 900, Pending: 2},
				{Meter: "whatsapp", Mode: "platform", Units: 10, Entries: 10},
				{Meter: "sms", Mode: "byoc", Units: 77, Entries: 70},
				{Meter: "email", Mode: "platform", Units: 4000, Entries: 4000},
			}, Days: []*storev1.UsageDay{{Day: period + "-03", Meter: "sms", Units: 1000}}}, nil
		}),
		answering(s, "usage", "list", func(_ workspace.ID, r *storev1.ListUsageRequest) (proto.Message, error) {
			entry := &storev1.UsageEntry{
				MessageId: uuid.NewString(), Attempt: 1, Meter: "sms", Provider: "lines", Mode: "platform", Units: 2, Settled: true,
				UnitPriceMicros: 12_000, Currency: "USD", OccurredAt: at,
			}
			if r.GetCursor() == "" {
				return &storev1.ListUsageResponse{Entries: []*storev1.UsageEntry{entry, proto.CloneOf(entry)}, NextCursor: "more"}, nil
			}
			return &storev1.ListUsageResponse{Entries: []*storev1.UsageEntry{entry}}, nil
		}),
		answering(s, "plan", "list", func(workspace.ID, *storev1.ListPlansRequest) (proto.Message, error) {
			return &storev1.ListPlansResponse{Plans: []*storev1.Plan{{Id: "pro", Name: "Pro", Currency: "USD", PriceMinor: 4900}}}, nil
		}),
		answering(s, "payment", "get", func(workspace.ID, *storev1.GetPaymentRequest) (proto.Message, error) {
			return &storev1.GetPaymentResponse{Enabled: true, Method: "visa ending in 4242"}, nil
		}),
		answering(s, "payment", "choose-plan", func(_ workspace.ID, r *storev1.ChoosePlanRequest) (proto.Message, error) {
			return &storev1.ChoosePlanResponse{CheckoutUrl: "https://pay.example/" + r.GetPlanId() + "?back=" + r.GetReturnUrl()}, nil
		}),
		answering(s, "payment", "create-checkout", func(_ workspace.ID, r *storev1.CreateCheckoutRequest) (proto.Message, error) {
			return &storev1.CreateCheckoutResponse{Url: "https://pay.example/by-" + r.GetActor().GetKind()}, nil
		}),
		answering(s, "payment", "create-portal", func(workspace.ID, *storev1.CreatePortalRequest) (proto.Message, error) {
			return &storev1.CreatePortalResponse{Url: "https://pay.example/portal"}, nil
		}),
		answering(s, "invoice", "list", func(workspace.ID, *storev1.ListInvoicesRequest) (proto.Message, error) {
			return &storev1.ListInvoicesResponse{Invoices: []*storev1.Invoice{{
				Id: uuid.NewString(), Period: "2025-10", PlanName: "Pro", Currency: "USD", TotalMinor: 4900, State: "not_collected", IssuedAt: at,
				Lines: []*storev1.InvoiceLine{{Period: "2025-10", AmountMinor: 4900}},
			}}}, nil
		}),
		answering(s, "terms", "set", func(_ workspace.ID, r *storev1.SetTermsRequest) (proto.Message, error) {
			changed := proto.CloneOf(terms)
			if r.PlanId != nil {
				changed.PlanId = r.GetPlanId()
			}
			if r.SpendCapMinor != nil {
				changed.SpendCapMinor = r.GetSpendCapMinor()
			}
			return &storev1.SetTermsResponse{Terms: changed}, nil
		}),
		answering(s, "plan", "set", func(_ workspace.ID, r *operatorv1.SetPlanRequest) (proto.Message, error) {
			return &operatorv1.SetPlanResponse{Plan: r.GetPlan()}, nil
		}),
		answering(s, "plan", "remove", func(workspace.ID, *operatorv1.RemovePlanRequest) (proto.Message, error) {
			return &operatorv1.RemovePlanResponse{}, nil
		}),
		answering(s, "workspace-usage", "list", func(workspace.ID, *operatorv1.ListWorkspaceUsageRequest) (proto.Message, error) {
			return &operatorv1.ListWorkspaceUsageResponse{Workspaces: []*operatorv1.WorkspaceUsage{{
				WorkspaceId: uuid.NewString(), Name: "Home", PlanId: "pro", Currency: "USD", ChargedMinor: 4912, CostMinor: 798,
				Unpriced: []string{"email"},
			}}}, nil
		}),
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.answerQuestions(t)
	ada := g.join(t)

	t.Run("adds up what is counted together", func(t *testing.T) {
		t.Parallel()
		response := send(t, ada.request(t, http.MethodGet, "/api/usage?period=2025-11", nil))
		require.Equal(t, http.StatusOK, response.StatusCode, response.body)
		var usage struct {
			StartsAt, EndsAt time.Time
			Allowances       []struct {
				Meter                                                          string
				Included, Used, Pending, Forecast, Reached, OveragePriceMicros int64
			}
			Meters []struct{ Meter, Mode string }
		}
		response.decode(t, &usage)
		require.Equal(t, "2025-10-31T23:00:00Z", usage.StartsAt.Format(time.RFC3339), "midnight of the workspace's zone")
		require.Equal(t, "2025-11-30T23:00:00Z", usage.EndsAt.Format(time.RFC3339))
		require.Len(t, usage.Allowances, 2)
		mails, texts := usage.Allowances[0], usage.Allowances[1]
		require.Equal(t, []int64{5000, 4000, 4000, 80}, []int64{mails.Included, mails.Used, mails.Forecast, mails.Reached})
		require.Equal(t, []int64{1000, 1010, 2, 1010, 100, 12_000},
			[]int64{texts.Included, texts.Used, texts.Pending, texts.Forecast, texts.Reached, texts.OveragePriceMicros})
		require.Len(t, usage.Meters, 4)
	})

	t.Run("costs the plan and what is beyond it", func(t *testing.T) {
		t.Parallel()
		response := send(t, ada.request(t, http.MethodGet, "/api/billing?period=2025-11", nil))
		require.Equal(t, http.StatusOK, response.StatusCode, response.body)
		var billing struct {
			TotalMinor, ForecastMinor, SpendCapMinor int64
			Lines                                    []struct {
				Meter               string
				Billed, AmountMinor int64
			}
			Plans []struct{ ID string }
		}
		response.decode(t, &billing)
		require.Equal(t, []int64{4912, 4912, 2000}, []int64{billing.TotalMinor, billing.ForecastMinor, billing.SpendCapMinor})
		require.Len(t, billing.Lines, 3)
		require.EqualValues(t, 12, billing.Lines[2].AmountMinor, "10 texts at 0.012")
		require.Len(t, billing.Plans, 1)
	})

	t.Run("is a file of every line", func(t *testing.T) {
		t.Parallel()
		response := send(t, ada.request(t, http.MethodGet, "/api/usage/entries.csv?period=2025-11", nil))
		require.Equal(t, http.StatusOK, response.StatusCode, response.body)
		require.Contains(t, response.Header.Get("Content-Disposition"), "usage-2025-11.csv")
		rows, err := csv.NewReader(strings.NewReader(response.body)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 4, "both pages, and their names")
		require.Equal(t, "2", rows[1][4])
	})

	t.Run("a period that is none is refused", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/api/usage?period=November", "/api/billing?period=2025", "/api/usage/entries.csv", "/api/usage/entries?period="} {
			require.Equal(t, http.StatusUnprocessableEntity, send(t, ada.request(t, http.MethodGet, path, nil)).StatusCode, path)
		}
	})
}

func TestBilling_WhoMaySeeAndChange(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.answerQuestions(t)
	for role, may := range map[string]struct{ see, change bool }{
		"owner": {true, true}, "admin": {true, false}, "agent": {false, false},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			ada := g.join(t)
			principal := &bucketv1.Principal{
				Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), UserId: ada.userID, Role: role,
				ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
			}
			ada.token = "token-" + uuid.NewString()
			g.putPrincipal(t, ada.token, principal)
			require.Eventually(t, func() bool {
				status, _ := ada.call(t, http.MethodGet, "/api/settings/communications", nil)
				return status == http.StatusOK
			}, patience, 5*time.Millisecond)
			for _, path := range []string{"/api/usage", "/api/billing", "/api/usage/entries?period=2025-11", "/api/usage/entries.csv?period=2025-11", "/api/billing/invoices"} {
				want := http.StatusForbidden
				if may.see {
					want = http.StatusOK
				}
				require.Equal(t, want, send(t, ada.request(t, http.MethodGet, path, nil)).StatusCode, path)
			}
			want := http.StatusForbidden
			if may.change {
				want = http.StatusOK
			}
			response := send(t, ada.request(t, http.MethodPut, "/api/billing/terms", map[string]any{"spendCapMinor": 500, "currency": "USD"}))
			require.Equal(t, want, response.StatusCode, response.body)
			require.Equal(t, http.StatusNotFound, send(t, ada.request(t, http.MethodGet, "/api/operator/usage?period=2025-11", nil)).StatusCode)
		})
	}
}

func TestOperatorsSeeTheMargin(t *testing.T) {
	t.Parallel()
	g := setup(t)
	g.answerQuestions(t)
	operator := g.operator(t)
	response := send(t, operator.request(t, http.MethodGet, "/api/operator/usage?period=2025-11", nil))
	require.Equal(t, http.StatusOK, response.StatusCode, response.body)
	var page struct {
		Items []struct{ ChargedMinor, CostMinor, MarginMinor int64 }
	}
	response.decode(t, &page)
	require.Len(t, page.Items, 1)
	require.EqualValues(t, 4114, page.Items[0].MarginMinor)
}
