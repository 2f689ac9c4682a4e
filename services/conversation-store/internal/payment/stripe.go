package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/galaxyco-ai/conversations/pkg/workspace"
)

const (
	// callTimeout bounds a call to Stripe; whoever asks us waits for 5 s.
	callTimeout = 4 * time.Second
	// recentInvoices is how many of a customer's invoices are looked through for one that was made before a crash.
	recentInvoices = 100

	keyWorkspace = "workspace_id"
	keyInvoice   = "invoice_id"
	keyPlan      = "plan_id"
	keyPrice     = "price_minor"
	keyCurrency  = "currency"
	keyActorKind = "actor_kind"
	keyActorID   = "actor_id"
)

var (
	// ErrCurrency is returned for a currency whose amounts Stripe counts in steps that ours do not fit.
	ErrCurrency = errors.New("Stripe takes no exact amounts in this currency")
	// errAway is returned when Stripe does not answer, or not now.
	errAway = errors.New("Stripe does not answer")
	// errGone is returned for what Stripe does not have.
	errGone = errors.New("Stripe does not have it")
)

// Stripe calls Stripe. It is safe for concurrent use.
type Stripe struct{ client *stripe.Client }

// NewStripe makes a client with a secret key. baseURL is empty for Stripe itself.
func NewStripe(key, baseURL string) *Stripe {
	config := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: callTimeout},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull}, // what it logs may hold what customers entered
		MaxNetworkRetries: new(int64(1)),
		EnableTelemetry:   new(false),
	}
	if baseURL != "" {
		config.URL = new(strings.TrimRight(baseURL, "/"))
	}
	return &Stripe{stripe.NewClient(key, stripe.WithBackends(stripe.NewBackendsWithConfig(config)))}
}

// customer makes a workspace a customer. The same workspace again is the same customer.
func (s *Stripe) customer(ctx context.Context, ws workspace.ID, name, email string) (string, error) {
	params := &stripe.CustomerCreateParams{Name: &name, Metadata: map[string]string{keyWorkspace: ws.String()}}
	if email != "" {
		params.Email = &email
	}
	params.SetIdempotencyKey("customer-" + ws.String())
	made, err := s.client.V1Customers.Create(ctx, params)
	if err != nil {
		return "", failed("making a customer", err)
	}
	return made.ID, nil
}

// checkout is where a person says how a customer pays.
func (s *Stripe) checkout(ctx context.Context, customer, currency, returnURL string, about map[string]string) (string, error) {
	made, err := s.client.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{
		Mode: new(string(stripe.CheckoutSessionModeSetup)), Customer: &customer, Currency: new(strings.ToLower(currency)),
		SuccessURL: new(withPayment(returnURL, "done")), CancelURL: new(withPayment(returnURL, "cancelled")), Metadata: about,
	})
	if err != nil {
		return "", failed("making a checkout", err)
	}
	return made.URL, nil
}

func withPayment(url, outcome string) string { return url + "?payment=" + outcome }

// portal is where a person changes how a customer pays.
func (s *Stripe) portal(ctx context.Context, customer, returnURL string) (string, error) {
	made, err := s.client.V1BillingPortalSessions.Create(ctx, &stripe.BillingPortalSessionCreateParams{
		Customer: &customer, ReturnURL: &returnURL,
	})
	if err != nil {
		return "", failed("opening the portal", err)
	}
	return made.URL, nil
}

// session is a checkout, with what it set up.
func (s *Stripe) session(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionRetrieveParams{}
	params.AddExpand("setup_intent")
	found, err := s.client.V1CheckoutSessions.Retrieve(ctx, id, params)
	return found, failed("reading a checkout", err)
}

// payBy makes a payment method the one that invoices are charged to.
func (s *Stripe) payBy(ctx context.Context, customer, method string) error {
	_, err := s.client.V1Customers.Update(ctx, customer, &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method},
	})
	return failed("choosing a payment method", err)
}

// method is what a customer's invoices are charged to, in words; empty when there is nothing.
func (s *Stripe) method(ctx context.Context, customer string) (string, error) {
	params := &stripe.CustomerRetrieveParams{}
	params.AddExpand("invoice_settings.default_payment_method")
	found, err := s.client.V1Customers.Retrieve(ctx, customer, params)
	if err != nil {
		return "", failed("reading a customer", err)
	}
	if found.Deleted || found.InvoiceSettings == nil || found.InvoiceSettings.DefaultPaymentMethod == nil {
		return "", nil
	}
	method := found.InvoiceSettings.DefaultPaymentMethod
	if method.Card != nil {
		return string(method.Card.Brand) + " ending in " + method.Card.Last4, nil
	}
	return strings.ReplaceAll(string(method.Type), "_", " "), nil
}

// draft is Stripe's invoice for one of ours: the one there is, or a new one without lines.
func (s *Stripe) draft(ctx context.Context, customer string, of bill) (*stripe.Invoice, error) {
	list := &stripe.InvoiceListParams{Customer: &customer}
	list.Limit, list.Single = new(int64(recentInvoices)), true
	for found, err := range s.client.V1Invoices.List(ctx, list).All(ctx) {
		if err != nil {
			return nil, failed("looking for an invoice", err)
		}
		if found.Metadata[keyInvoice] == of.ID.String() {
			return found, nil
		}
	}
	params := &stripe.InvoiceCreateParams{
		Customer: &customer, Currency: new(strings.ToLower(of.Currency)), AutoAdvance: new(false),
		CollectionMethod: new(string(stripe.InvoiceCollectionMethodChargeAutomatically)), PendingInvoiceItemsBehavior: new("exclude"),
		Description: new("Conversations, " + of.Period),
		Metadata:    map[string]string{keyInvoice: of.ID.String(), keyWorkspace: of.WorkspaceID.String()},
	}
	params.SetIdempotencyKey("invoice-" + of.ID.String())
	made, err := s.client.V1Invoices.Create(ctx, params)
	return made, failed("making an invoice", err)
}

// fill writes all lines of one of our invoices into its draft, in one call.
func (s *Stripe) fill(ctx context.Context, id string, of bill) (*stripe.Invoice, error) {
	params := &stripe.InvoiceAddLinesParams{}
	for number, each := range of.Lines {
		if each.AmountMinor == 0 {
			continue
		}
		amount, err := amountOf(of.Currency, each.AmountMinor)
		if err != nil {
			return nil, err
		}
		params.Lines = append(params.Lines, &stripe.InvoiceAddLinesLineParams{
			Amount: &amount, Description: new(each.describe(of)), Metadata: map[string]string{"line": strconv.Itoa(number)},
		})
	}
	params.SetIdempotencyKey("invoice-" + of.ID.String() + "-lines")
	filled, err := s.client.V1Invoices.AddLines(ctx, id, params)
	return filled, failed("writing the lines of an invoice", err)
}

// charge ends the draft: Stripe takes the money.
func (s *Stripe) charge(ctx context.Context, id string, of bill) (*stripe.Invoice, error) {
	params := &stripe.InvoiceFinalizeInvoiceParams{AutoAdvance: new(true)}
	params.SetIdempotencyKey("invoice-" + of.ID.String() + "-charge")
	charged, err := s.client.V1Invoices.FinalizeInvoice(ctx, id, params)
	return charged, failed("charging an invoice", err)
}

func (s *Stripe) invoice(ctx context.Context, id string) (*stripe.Invoice, error) {
	found, err := s.client.V1Invoices.Retrieve(ctx, id, nil)
	return found, failed("reading an invoice", err)
}

// amountOf is an amount as Stripe counts it. It counts the króna and the Ugandan shilling in hundredths although they have
// none, and takes three-decimal currencies in tens only. Source: https://docs.stripe.com/currencies.
func amountOf(currency string, minor int64) (int64, error) {
	switch currency {
	case "ISK", "UGX":
		return minor * 100, nil
	case "BHD", "JOD", "KWD", "OMR", "TND":
		return 0, fmt.Errorf("%w: %s", ErrCurrency, currency)
	}
	return minor, nil
}

// failed says what was being done. Of what Stripe says only its message is kept: the rest may hold what a customer entered.
func failed(doing string, err error) error {
	said, ok := errors.AsType[*stripe.Error](err)
	switch {
	case err == nil:
		return nil
	case ok && said.HTTPStatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w", doing, errGone)
	case ok && said.HTTPStatusCode >= http.StatusBadRequest && said.HTTPStatusCode < http.StatusInternalServerError &&
		said.HTTPStatusCode != http.StatusTooManyRequests && said.HTTPStatusCode != http.StatusConflict:
		return fmt.Errorf("%s: %w", doing, refusedError(said.Msg))
	case ok:
		return fmt.Errorf("%s: %w: it says %d", doing, errAway, said.HTTPStatusCode)
	}
	return fmt.Errorf("%s: %w: %w", doing, errAway, err)
}

// refusedError is what Stripe says of a request that it will not take however often it is made.
type refusedError string

func (e refusedError) Error() string { return "Stripe refuses: " + string(e) }
