package payment

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
)

func TestAnAmountIsWhatStripeCounts(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		currency    string
		minor, want int64
		err         error
	}{
		{"USD", 4900, 4900, nil},
		{"USD", -60, -60, nil},
		{"JPY", 500, 500, nil},
		{"ISK", 500, 50000, nil},
		{"UGX", 7, 700, nil},
		{"KWD", 1234, 0, ErrCurrency},
	} {
		got, err := amountOf(each.currency, each.minor)
		require.ErrorIs(t, err, each.err, each.currency)
		require.Equal(t, each.want, got, each.currency)
	}
}

func TestTheStateOfAnInvoiceIsWhatStripeSays(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		status    stripe.InvoiceStatus
		attempted bool
		want      string
	}{
		{stripe.InvoiceStatusDraft, false, invoice.StateOpen},
		{stripe.InvoiceStatusOpen, false, invoice.StateOpen},
		{stripe.InvoiceStatusOpen, true, invoice.StateFailed},
		{stripe.InvoiceStatusPaid, true, invoice.StatePaid},
		{stripe.InvoiceStatusPaid, false, invoice.StatePaid},
		{stripe.InvoiceStatusVoid, false, invoice.StateFailed},
		{stripe.InvoiceStatusUncollectible, true, invoice.StateFailed},
	} {
		require.Equal(t, each.want, stateOf(&stripe.Invoice{Status: each.status, Attempted: each.attempted}), each.status)
	}
}

func TestALineSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	of := bill{ID: uuid.New(), Period: "2026-10", PlanName: "Pro"}
	require.Equal(t, "Plan Pro, 2026-10", line{Period: "2026-10"}.describe(of))
	require.Equal(t, "sms, 2026-10: 1050 used, 50 beyond the plan", line{Period: "2026-10", Meter: "sms", Units: 1050, Billed: 50}.describe(of))
	require.Equal(t, "What 2026-09 turned out to cost", line{Period: "2026-09"}.describe(of))
}

func TestWhatStripeAnswersIsToldApart(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		http.StatusNotFound: errGone, http.StatusInternalServerError: errAway, http.StatusTooManyRequests: errAway,
		http.StatusConflict: errAway, http.StatusBadRequest: refusedError("That is wrong."), http.StatusUnauthorized: refusedError("That is wrong."),
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"error":{"type":"api_error","message":"That is wrong.","payment_method":{"billing_details":{"name":"a person"}}}}`))
		}))
		_, err := NewStripe("sk_test_1", server.URL).customer(t.Context(), workspace.NewID(), "Home", "ann@example.com")
		require.ErrorIs(t, err, want, status)
		require.NotContains(t, err.Error(), "a person", "what a customer entered is not told")
		require.NotContains(t, err.Error(), "sk_test_1")
		server.Close()
		_, err = NewStripe("sk_test_1", server.URL).customer(t.Context(), workspace.NewID(), "Home", "")
		require.ErrorIs(t, err, errAway)
		require.NotErrorIs(t, err, errGone)
	}
}
