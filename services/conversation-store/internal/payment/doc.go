// Package payment collects what invoices charge, through Stripe. What is charged is decided here, by the ledger and the
// terms; Stripe keeps how a workspace pays, takes the money and tells what came of it. An event of Stripe says only that
// something changed: what it is now is asked there, so that one that is repeated, late or out of order does no harm.
//
// Source: https://docs.stripe.com/api.
package payment
