// Package telephony is what the providers of phone numbers have alike that speak one protocol: the API "2010-04-01" of
// messages and calls, its webhooks, and the markup in which a call is told what to do. How a request is made, how it is
// paged and how a webhook is signed is each provider's own; what was asked and answered is read here.
package telephony
