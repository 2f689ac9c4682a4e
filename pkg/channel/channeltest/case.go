// Package channeltest is the suite every provider passes: the contract of package channel, checked against a stand-in
// that speaks real HTTP, and the provider's samples of the outside world.
package channeltest

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// Reply is one answer of the stand-in.
type Reply struct {
	Status int
	Header map[string]string
	Body   string
}

// Sent is what a request to send carried, as the case reads it out of the provider's own format.
type Sent struct {
	To, Body                          string
	WorkspaceID, MessageID            string
	Attempt                           int
	IdempotencyKey, Authorization     string
	StatusURL, InReplyTo, ReplyTo, ID string
}

// Inbound is a webhook with a customer's message, and what must be read out of it.
type Inbound struct {
	Webhook channel.Webhook
	Want    channel.Inbound
}

// Find is what the stand-in answers to a look-up.
type Find struct {
	// Known answers with a list that holds the message, created at the time; Others with one that does not.
	Known  func(message channel.Outbound, externalID string, created time.Time) Reply
	Others func(message channel.Outbound, created time.Time) Reply
}

// Check is what the stand-in answers to the question whether a credential works.
type Check struct {
	Good, WrongKey Reply
	// Limited is the answer to a valid key that may not do everything; nil when the provider has none.
	Limited *Reply
}

// Case describes a provider to the suite. What a provider cannot do it leaves out.
type Case struct {
	Provider channel.Provider
	// Credential is valid, its API is at base, and its webhooks are signed with the secret.
	Credential func(base, secret string) channel.Credential
	// Secret signs the suite's webhooks, and is what a handshake asks for.
	Secret string
	// Message is one the provider takes.
	Message channel.Outbound

	// Accepted is the answer to a send that is taken under AcceptedID.
	Accepted   Reply
	AcceptedID string
	// Refusals are the provider's own answers by what they mean.
	Refusals map[channel.Class]Reply
	// RetryAfter is what the answer in Refusals[RateLimited] asks for.
	RetryAfter time.Duration
	// Refusal is an answer with status 400 that repeats the text in its message.
	Refusal func(text string) Reply
	// Read reads a request to send.
	Read func(request *http.Request, body []byte) Sent

	// Sign signs a webhook as sent at its ReceivedAt.
	Sign func(webhook *channel.Webhook, secret string)
	// SignsURL tells that the signature covers the URL.
	SignsURL bool
	// SharedPassword tells that the provider signs nothing: the secret itself proves a webhook, whatever its body.
	SharedPassword bool
	// Tolerance is how old a webhook may be; 0 when its signature holds no time.
	Tolerance time.Duration
	// Status is an unsigned webhook with the provider's word for the state of an accepted message.
	Status func(sent Sent, word string) channel.Webhook
	// Words are provider words and what they mean. UnknownWord is none of them.
	Words       map[string]channel.Status
	UnknownWord string
	Inbound     []Inbound
	// Irrelevant are webhooks that concern no message.
	Irrelevant []channel.Webhook

	// Calls is nil when the provider serves none.
	Calls *Calls
	// Find is nil when the provider cannot look a message up.
	Find *Find
	// Unlisted tells that the provider looks messages up, but none on the channel of Message: its Find asks nobody.
	Unlisted bool
	// Unsettled tells that the provider knows no idempotency key either: an unknown outcome stays unknown until a
	// webhook about the message comes.
	Unsettled bool
	Check     Check
}

// Run runs the suite.
func Run(t *testing.T, c Case) {
	t.Helper()
	t.Run("describe", func(t *testing.T) { t.Parallel(); describe(t, c) })
	t.Run("connect", func(t *testing.T) { t.Parallel(); connect(t, c) })
	t.Run("send", func(t *testing.T) { t.Parallel(); send(t, c) })
	t.Run("lost", func(t *testing.T) { t.Parallel(); lost(t, c) })
	t.Run("odd", func(t *testing.T) { t.Parallel(); odd(t, c) })
	t.Run("verify", func(t *testing.T) { t.Parallel(); verify(t, c) })
	t.Run("parse", func(t *testing.T) { t.Parallel(); parse(t, c) })
	t.Run("find", func(t *testing.T) { t.Parallel(); find(t, c) })
	t.Run("check", func(t *testing.T) { t.Parallel(); check(t, c) })
	t.Run("calls", func(t *testing.T) { t.Parallel(); calls(t, c) })
}

// connection connects to a stand-in.
func (c Case) connection(t *testing.T, at *StandIn) channel.Connection {
	t.Helper()
	connection, err := c.Provider.Connect(c.Credential(at.URL, c.Secret), at.HTTPClient())
	require.NoError(t, err)
	return connection
}

// secrets are the values of the credential that nobody may read in an error.
func (c Case) secrets() []string {
	var secrets []string
	credential := c.Credential("http://127.0.0.1", c.Secret)
	for _, field := range c.Provider.Describe().Fields {
		if field.Secret && credential[field.Name] != "" {
			secrets = append(secrets, credential[field.Name])
		}
	}
	return secrets
}
