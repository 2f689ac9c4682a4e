package stripe

import (
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed page.html
var source string

// page is what a person sees: a title, what it is about, and what can be done.
type page struct {
	Title, Text string
	Actions     []action
	Back        string
}

// action is a button: what it sends, and what stands on it.
type action struct{ Value, Label string }

// Pages serves the pages of a checkout, a portal and an invoice. Whoever has an address may use it, as at Stripe.
func (a *API) Pages() http.Handler {
	mux := http.NewServeMux()
	shown := template.Must(template.New("page").Parse(source))
	serve := func(path, kind string, show func(object) page, do func(about object, what string) (goTo string)) {
		mux.HandleFunc("GET /"+path+"/{id}", func(w http.ResponseWriter, r *http.Request) {
			a.mu.Lock()
			defer a.mu.Unlock()
			found, ok := a.find(r.PathValue("id"), kind)
			if !ok {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
			w.Header().Set("Cache-Control", "no-store")
			_ = shown.Execute(w, show(found)) // the caller has gone: nobody is left to tell
		})
		mux.HandleFunc("POST /"+path+"/{id}", func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			a.mu.Lock()
			defer a.mu.Unlock()
			found, ok := a.find(r.PathValue("id"), kind)
			if !ok {
				http.NotFound(w, r)
				return
			}
			http.Redirect(w, r, do(found, r.PostFormValue("do")), http.StatusSeeOther)
		})
	}
	serve("checkout", "checkout.session", showCheckout, a.checkOut)
	serve("portal", "billing_portal.session", a.showPortal, a.usePortal)
	serve("invoice", "invoice", showInvoice, a.payInvoice)
	return mux
}

func showCheckout(about object) page {
	if about.text("status") != "open" {
		return page{Title: "Done", Text: "This checkout is over.", Back: about.text("success_url")}
	}
	return page{Title: "How do you pay?", Text: "This page stands in for the payment provider's. No money moves.", Actions: []action{
		{"works", "Use a card that works (4242)"}, {"declined", "Use a card that is declined (0341)"},
	}, Back: about.text("cancel_url")}
}

// checkOut ends a checkout with a card.
func (a *API) checkOut(about object, what string) string {
	if about.text("status") == "open" && (what == "works" || what == "declined") {
		card := a.card(about.text("customer"), what == "works")
		intent := a.make("seti", "setup_intent", object{
			"status": "succeeded", "customer": about.text("customer"), "payment_method": card.text("id"),
		})
		a.tell("checkout.session.completed", a.change(about.text("id"), object{"status": "complete", "setup_intent": intent.text("id")}))
	}
	return about.text("success_url")
}

func (a *API) showPortal(about object) page {
	shown := page{Title: "How you pay", Text: "There is no card.", Back: about.text("return_url"), Actions: []action{
		{"works", "Use a card that works (4242)"}, {"declined", "Use a card that is declined (0341)"},
	}}
	if method, ok := a.methodOf(about.text("customer")); ok {
		card, _ := method["card"].(object)
		shown.Text = "Invoices are charged to the card ending in " + card.text("last4") + "."
		shown.Actions = append(shown.Actions, action{"remove", "Remove the card"})
	}
	return shown
}

func (a *API) usePortal(about object, what string) string {
	switch what {
	case "works", "declined":
		a.payBy(about.text("customer"), a.card(about.text("customer"), what == "works").text("id"))
	case "remove":
		a.payBy(about.text("customer"), nil)
	}
	return a.publicURL() + "/stripe/portal/" + about.text("id")
}

func showInvoice(about object) page {
	shown := page{Title: about.text("description"), Text: "It is paid."}
	if about.text("status") == "open" {
		shown.Text, shown.Actions = "It is not paid.", []action{{"pay", "Pay with a card that works (4242)"}}
	}
	return shown
}

func (a *API) payInvoice(about object, what string) string {
	if what == "pay" && about.text("status") == "open" {
		a.paid(about.text("id"))
	}
	return about.text("hosted_invoice_url")
}
