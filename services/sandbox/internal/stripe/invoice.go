package stripe

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

func (a *API) createInvoice(_ string, form url.Values) provider.Answer {
	customer := form.Get("customer")
	if _, ok := a.find(customer, "customer"); !ok {
		return missing(customer)
	}
	currency := form.Get("currency")
	others := a.objects.Newest(1, func(o object) bool {
		return o.text("object") == "invoice" && o.text("customer") == customer && o.text("currency") != currency
	})
	if len(others) > 0 {
		return fail(http.StatusBadRequest, "", "You cannot combine currencies on a single customer. This customer has had an invoice with currency "+
			others[0].text("currency")+".")
	}
	return provider.JSON(http.StatusOK, a.make("in", "invoice", object{
		"customer": customer, "currency": currency, "status": "draft", "total": int64(0), "amount_due": int64(0),
		"collection_method": form.Get("collection_method"), "description": form.Get("description"), "attempted": false,
		"attempt_count": int64(0), "metadata": nested(form, "metadata"), "lines": list([]any{}),
	}))
}

func list(data []any) object { return object{"object": "list", "data": data, "has_more": false} }

func (a *API) listInvoices(call provider.Call) provider.Answer {
	customer := call.URL.Query().Get("customer")
	found := a.objects.Newest(maxList, func(o object) bool {
		return o.text("object") == "invoice" && (customer == "" || o.text("customer") == customer)
	})
	data := make([]any, 0, len(found))
	for _, each := range found {
		data = append(data, each)
	}
	return provider.JSON(http.StatusOK, list(data))
}

func (a *API) addLines(id string, form url.Values) provider.Answer {
	found, ok := a.find(id, "invoice")
	if !ok {
		return missing(id)
	}
	if found.text("status") != "draft" {
		return fail(http.StatusBadRequest, "invoice_not_editable", "Finalized invoices can't be updated in this way.")
	}
	lines, _ := found["lines"].(object)
	data, _ := lines["data"].([]any)
	total := found.number("total")
	for number := 0; form.Has(fmt.Sprintf("lines[%d][amount]", number)); number++ {
		amount, err := strconv.ParseInt(form.Get(fmt.Sprintf("lines[%d][amount]", number)), 10, 64)
		if err != nil {
			return fail(http.StatusBadRequest, "parameter_invalid_integer", "Invalid integer.")
		}
		total += amount
		data = append(data, object{
			"id": "il_" + strconv.Itoa(len(data)), "object": "line_item", "amount": amount, "currency": found.text("currency"),
			"description": form.Get(fmt.Sprintf("lines[%d][description]", number)),
		})
	}
	return provider.JSON(http.StatusOK, a.change(id, object{"lines": list(data), "total": total, "amount_due": max(total, 0)}))
}

// finalize answers the invoice as it is before it is charged, as Stripe does, and then charges it.
func (a *API) finalize(id string, form url.Values) provider.Answer {
	found, ok := a.find(id, "invoice")
	if !ok {
		return missing(id)
	}
	if found.text("status") != "draft" {
		return fail(http.StatusBadRequest, "", "This invoice is already finalized, you can't re-finalize a non-draft invoice.")
	}
	final := a.change(id, object{"status": "open", "hosted_invoice_url": a.publicURL() + "/stripe/invoice/" + id})
	a.tell("invoice.finalized", final)
	switch {
	case final.number("total") <= 0:
		final = a.paid(id)
	case form.Get("auto_advance") == "true":
		a.attempt(id)
	}
	return provider.JSON(http.StatusOK, final)
}

// attempt charges an invoice to the customer's card.
func (a *API) attempt(id string) {
	found, _ := a.find(id, "invoice")
	if method, ok := a.methodOf(found.text("customer")); ok {
		if card, _ := method["card"].(object); card.text("last4") == "4242" {
			a.paid(id)
			return
		}
	}
	failed := a.change(id, object{"attempted": true, "attempt_count": found.number("attempt_count") + 1})
	a.tell("invoice.payment_failed", failed)
}

func (a *API) paid(id string) object {
	paid := a.change(id, object{"status": "paid", "attempted": true, "amount_remaining": int64(0)})
	a.tell("invoice.paid", paid)
	return paid
}
