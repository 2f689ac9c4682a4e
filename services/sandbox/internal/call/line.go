package call

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Kind is what an id is of.
type Kind int

// The kinds.
const (
	CallID Kind = iota
	RecordingID
	TranscriptionID
)

// Webhook names what a webhook about a call is for.
type Webhook int

// The webhooks.
const (
	// AskWebhook asks for a document.
	AskWebhook Webhook = iota
	// StatusWebhook tells the state of a leg.
	StatusWebhook
	// RecordingWebhook tells that a recording is complete, or that there is none.
	RecordingWebhook
	// TranscriptionWebhook tells a transcript.
	TranscriptionWebhook
)

// Line is a provider as the network sees it: whose numbers are called, who is asked and told, and in what words.
type Line struct {
	Name, Account string
	// IncomingURL is asked when somebody calls one of the numbers, and told when the call has ended.
	IncomingURL func() string
	// Waits are the pauses before the second, third … attempt of a webhook that tells.
	Waits []time.Duration
	// CallsPerSecond is how many calls are placed in a second; the others wait in the queue.
	CallsPerSecond float64
	// TrimsSilence tells that a recording in which nobody speaks is none, unless the document says otherwise.
	TrimsSilence bool
	NewID        func(Kind) string
	// Request makes the signed request of each attempt of a webhook.
	Request func(rawURL string, form url.Values) func(context.Context) (*http.Request, error)
	// RecordingURL is where a recording is fetched, without an ending.
	RecordingURL func(id string) string
	// Finish words a webhook as the provider does, beyond what they have in common.
	Finish func(webhook Webhook, form url.Values)
}

// Placement is a call that a client of the API wants placed.
type Placement struct {
	To, From string
	// URL is asked for a document when the phone is answered.
	URL string
	// StatusURL is told of the Events: initiated, ringing, answered, completed; the last alone when none is named.
	StatusURL string
	Events    []string
	// Timeout is how long the phone rings, in seconds.
	Timeout int
}
