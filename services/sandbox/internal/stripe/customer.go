package stripe

import (
	"net/http"
	"net/url"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
)

func (a *API) createCustomer(_ string, form url.Values) provider.Answer {
	return provider.JSON(http.StatusOK, a.make("cus", "customer", object{
		"name": form.Get("name"), "email": form.Get("email"), "metadata": nested(form, "metadata"),
		"invoice_settings": object{"default_payment_method": nil},
	}))
}

func (a *API) updateCustomer(id string, form url.Values) provider.Answer {
	if _, ok := a.find(id, "customer"); !ok {
		return missing(id)
	}
	if method := form.Get("invoice_settings[default_payment_method]"); method != "" {
		found, ok := a.find(method, "payment_method")
		if !ok || found.text("customer") != id {
			return fail(http.StatusBadRequest, "resource_missing", "The customer does not have a payment method with the ID "+method+".")
		}
		a.payBy(id, method)
	}
	return provider.JSON(http.StatusOK, a.change(id, nil))
}

// payBy makes a payment method the customer's default one, or takes it away when it is nil, and tells of it.
func (a *API) payBy(customer string, method any) {
	a.tell("customer.updated", a.change(customer, object{"invoice_settings": object{"default_payment_method": method}}))
}

// card is a new card of a customer: one that works, or one that is declined when it is charged.
func (a *API) card(customer string, works bool) object {
	last4 := "4242"
	if !works {
		last4 = "0341"
	}
	return a.make("pm", "payment_method", object{
		"type": "card", "customer": customer, "card": object{"brand": "visa", "last4": last4, "exp_month": 12, "exp_year": 2034},
	})
}

// methodOf is the customer's default payment method.
func (a *API) methodOf(customer string) (object, bool) {
	found, _ := a.find(customer, "customer")
	settings, _ := found["invoice_settings"].(object)
	return a.find(settings.text("default_payment_method"), "payment_method")
}

func (a *API) createCheckout(_ string, form url.Values) provider.Answer {
	customer := form.Get("customer")
	switch _, ok := a.find(customer, "customer"); {
	case !ok:
		return missing(customer)
	case form.Get("mode") != "setup":
		return fail(http.StatusBadRequest, "parameter_invalid", "The sandbox knows mode setup alone.")
	case form.Get("currency") == "" || !provider.IsURL(form.Get("success_url")) || !provider.IsURL(form.Get("cancel_url")):
		return fail(http.StatusBadRequest, "parameter_missing", "Missing required param: currency, success_url or cancel_url.")
	}
	made := a.make("cs_test", "checkout.session", object{
		"mode": "setup", "status": "open", "customer": customer, "currency": form.Get("currency"), "metadata": nested(form, "metadata"),
		"success_url": form.Get("success_url"), "cancel_url": form.Get("cancel_url"), "setup_intent": nil,
	})
	return provider.JSON(http.StatusOK, a.change(made.text("id"), object{"url": a.publicURL() + "/stripe/checkout/" + made.text("id")}))
}

func (a *API) createPortal(_ string, form url.Values) provider.Answer {
	customer := form.Get("customer")
	if _, ok := a.find(customer, "customer"); !ok {
		return missing(customer)
	}
	made := a.make("bps", "billing_portal.session", object{"customer": customer, "return_url": form.Get("return_url")})
	return provider.JSON(http.StatusOK, a.change(made.text("id"), object{"url": a.publicURL() + "/stripe/portal/" + made.text("id")}))
}
