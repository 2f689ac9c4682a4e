package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func TestPayments_AKeyIsForOneRequestAlone(t *testing.T) {
	t.Parallel()
	h := setup(t, nil)
	base := h.url
	post := func(path, key, idempotency string, form url.Values) (int, map[string]any, http.Header) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/"+path, strings.NewReader(form.Encode()))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+key)
		request.Header.Set("Idempotency-Key", idempotency)
		response, err := h.client.Do(request)
		require.NoError(t, err)
		defer func() { require.NoError(t, response.Body.Close()) }()
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		var body map[string]any
		require.NoError(t, json.Unmarshal(content, &body))
		return response.StatusCode, body, response.Header
	}
	ann := url.Values{"name": {"Ann"}}
	status, _, _ := post("customers", "sk_another", "k", ann)
	require.Equal(t, http.StatusUnauthorized, status)
	status, first, _ := post("customers", sandbox.StripeKey, "k1", ann)
	require.Equal(t, http.StatusOK, status)
	status, again, header := post("customers", sandbox.StripeKey, "k1", ann)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, first["id"], again["id"])
	require.Equal(t, "true", header.Get("Idempotent-Replayed"))
	status, refused, _ := post("customers", sandbox.StripeKey, "k1", url.Values{"name": {"Bob"}})
	require.Equal(t, http.StatusBadRequest, status)
	about, _ := refused["error"].(map[string]any)
	require.Equal(t, "idempotency_error", about["type"])
	_, other, _ := post("customers", sandbox.StripeKey, "k2", ann)
	require.NotEqual(t, first["id"], other["id"])

	id, _ := first["id"].(string)
	status, _, _ = post("invoices", sandbox.StripeKey, "i1", url.Values{"customer": {id}, "currency": {"usd"}})
	require.Equal(t, http.StatusOK, status)
	status, _, _ = post("invoices", sandbox.StripeKey, "i2", url.Values{"customer": {id}, "currency": {"eur"}})
	require.Equal(t, http.StatusBadRequest, status, "a customer pays in one currency")
	status, _, _ = post("customers/"+id, sandbox.StripeKey, "c1", url.Values{"invoice_settings[default_payment_method]": {"pm_another"}})
	require.Equal(t, http.StatusBadRequest, status)
	status, _, _ = post("invoices/in_none/finalize", sandbox.StripeKey, "f1", url.Values{})
	require.Equal(t, http.StatusNotFound, status)
}
