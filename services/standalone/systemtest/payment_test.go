package systemtest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	billingPath = "/api/billing"
	worksCard   = "visa ending in 4242"
)

// press presses a button of a page of the payment provider.
func press(t *testing.T, address, what string) {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewBufferString(url.Values{"do": {what}}.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
}

// tellPayment posts an event of the payment provider, signed with a secret, and returns what is answered.
func (s *system) tellPayment(kind, id, secret string) int {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{
		"id": "evt_1", "object": "event", "type": kind, "data": map[string]any{"object": map[string]any{"id": id}},
	})
	require.NoError(s.t, err)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret})
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.webhook+"/api/webhooks/stripe", bytes.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Stripe-Signature", signed.Header)
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	return response.StatusCode
}

// waitPaysBy waits until a workspace has a plan and pays by a method.
func (c *client) waitPaysBy(plan, method string) {
	c.t.Helper()
	var billing answer
	require.Eventually(c.t, func() bool {
		billing = c.call(http.MethodGet, billingPath, nil)
		payment, _ := billing.body["payment"].(map[string]any)
		told, _ := payment["method"].(string)
		return billing.text("planId") == plan && told == method
	}, 30*time.Second, 50*time.Millisecond, "%v", billing.body["payment"])
}

// exec changes the database behind everybody's back.
func (s *system) exec(statement string, arguments ...any) {
	s.t.Helper()
	connection, err := pgx.Connect(s.t.Context(), s.env["DATABASE_URL"])
	require.NoError(s.t, err)
	_, err = connection.Exec(s.t.Context(), statement, arguments...)
	require.NoError(s.t, err)
	require.NoError(s.t, connection.Close(s.t.Context()))
}

// monthsAgo lets a workspace have what it has since days ago, and issues the invoices of the months that are over.
func (s *system) monthsAgo(days int) {
	s.t.Helper()
	since := time.Now().AddDate(0, 0, -days)
	for _, statement := range []string{
		"UPDATE conversations.workspaces SET created_at = $1",
		"UPDATE conversations.terms_history SET since = $1 WHERE terms ->> 'plan_id' = 'pro'",
	} {
		s.exec(statement, since)
	}
	s.services[event.ServiceStore].kill(s.t)
	s.start(event.ServiceStore, "").waitReady(s.t)
}

// waitInvoices waits until there are at least some invoices, none is open any more, and the oldest is of a state.
func (c *client) waitInvoices(least int, oldest string) []map[string]any {
	c.t.Helper()
	var found []map[string]any
	require.Eventually(c.t, func() bool {
		found = c.call(http.MethodGet, billingPath+"/invoices", nil).items()
		isOpen := func(each map[string]any) bool { return each["state"] == "open" }
		return len(found) >= least && found[len(found)-1]["state"] == oldest && !slices.ContainsFunc(found, isOpen)
	}, 60*time.Second, 100*time.Millisecond)
	return found
}

func TestPayment_a_plan_is_chosen_and_its_months_are_paid(t *testing.T) {
	t.Parallel()
	s := startSystem(t, map[string]string{"CONVERSATIONS_DEFAULT_PLAN": "free"})
	c := signUp(t, s.gateway)
	c.waitPaysBy("free", "")
	s.exec("INSERT INTO conversations.plans (id, name, currency, price_minor, self_service) VALUES ('euro', 'Euro', 'EUR', 100, true)")
	for _, wrong := range []string{"unlimited", "nothing", "euro"} {
		refused := c.call(http.MethodPost, billingPath+"/plan", map[string]any{"planId": wrong})
		require.Equal(t, http.StatusUnprocessableEntity, refused.status, refused.body)
	}
	chosen := c.call(http.MethodPost, billingPath+"/plan", map[string]any{"planId": "pro"})
	require.Equal(t, http.StatusOK, chosen.status, chosen.body)
	checkout := chosen.text("checkoutUrl")
	require.NotEmpty(t, checkout)
	c.waitPaysBy("free", "") // nothing is given before it is known how it is paid
	require.Equal(t, http.StatusBadRequest, s.tellPayment("checkout.session.completed", path.Base(checkout), "whsec_another"))
	require.Equal(t, http.StatusOK, s.tellPayment("checkout.session.completed", path.Base(checkout), sandbox.StripeWebhookSecret))
	c.waitPaysBy("free", "") // an event is not believed: the checkout is still open
	press(t, checkout, "works")
	c.waitPaysBy("pro", worksCard)

	s.monthsAgo(45)
	paid := c.waitInvoices(1, "paid")
	for _, each := range paid {
		require.InDelta(t, 4900, each["totalMinor"], 0)
	}
	portal := c.call(http.MethodPost, billingPath+"/portal", nil)
	require.Equal(t, http.StatusOK, portal.status, portal.body)
	press(t, portal.text("url"), "declined")
	c.waitPaysBy("pro", "visa ending in 0341")
	require.Equal(t, http.StatusOK, s.tellPayment("checkout.session.completed", path.Base(checkout), sandbox.StripeWebhookSecret))
	c.waitPaysBy("pro", "visa ending in 0341") // an old event told again changes nothing

	s.monthsAgo(110)
	failed := c.waitInvoices(len(paid)+1, "failed")
	for _, each := range failed[len(paid):] {
		require.Equal(t, "failed", each["state"])
		link, _ := each["paymentUrl"].(string)
		press(t, link, "pay")
	}
	for _, each := range c.waitInvoices(len(failed), "paid") {
		require.Equal(t, "paid", each["state"])
	}

	left := c.call(http.MethodPost, billingPath+"/plan", map[string]any{"planId": "free"})
	require.Equal(t, http.StatusOK, left.status, left.body)
	c.waitPaysBy("free", "visa ending in 0341")
	require.Equal(t, http.StatusOK, s.tellPayment("checkout.session.completed", path.Base(checkout), sandbox.StripeWebhookSecret))
	c.waitPaysBy("free", "visa ending in 0341")
	require.Empty(t, s.filesWith(sandbox.StripeKey), "keys are nowhere in clear")
	require.Empty(t, s.filesWith(sandbox.StripeWebhookSecret))
	var actions []any
	for _, each := range c.call(http.MethodGet, "/api/audit", nil).items() {
		actions = append(actions, each["action"])
	}
	require.ElementsMatch(t, []any{"plan.changed", "payment_method.changed", "payment_method.changed", "plan.changed"}, actions)
}
