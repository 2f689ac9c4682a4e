// Package sandbox is a stand-in for the outside world: it speaks the providers' own HTTP APIs, signs its callbacks as
// they do, can be told to misbehave, and shows a phone and a mailbox in which one is the customer.
//
// Nothing leaves the machine: the only place it posts to is the public URL of the webhooks.
package sandbox

import (
	"time"

	"github.com/galaxyco-ai/conversations/pkg/service"
)

// Config is the configuration of the sandbox.
type Config struct {
	service.Base

	// Address is where the sandbox listens.
	Address string `env:"CONVERSATIONS_SANDBOX_ADDRESS" envDefault:"127.0.0.1:8090"`
	// WebhookURL is the public base of the webhooks.
	WebhookURL string `env:"CONVERSATIONS_WEBHOOK_PUBLIC_URL" envDefault:"http://127.0.0.1:8081"`

	// TextWaits and MailWaits are the pauses before the second, third … attempt of a callback about a text or a mail;
	// nil means the provider's rhythm, shortened at first.
	TextWaits, MailWaits []time.Duration
	// PublicURL is where others reach the sandbox, for the addresses of recordings; empty is where it listens.
	PublicURL string `env:"CONVERSATIONS_SANDBOX_PUBLIC_URL"`

	// Journal is how many entries of what happened are kept for GET /api/journal; a message makes five to ten.
	Journal int `env:"CONVERSATIONS_SANDBOX_JOURNAL" envDefault:"20000"`

	// CallSecond is how long a second of the phone network lasts; 0 is a second.
	CallSecond time.Duration
	// Step is the time between two statuses of a message, give or take a half; 0 means 70 ms.
	Step time.Duration
}

// defaults fills what is empty.
func (c *Config) defaults() {
	if c.Address == "" {
		c.Address = "127.0.0.1:8090"
	}
	if c.WebhookURL == "" {
		c.WebhookURL = "http://127.0.0.1:8081"
	}
	if c.TextWaits == nil {
		c.TextWaits = []time.Duration{time.Second, 5 * time.Second}
	}
	if c.MailWaits == nil {
		c.MailWaits = []time.Duration{
			time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour,
		}
	}
	if c.Journal <= 0 {
		c.Journal = 20_000
	}
	if c.Step == 0 {
		c.Step = 70 * time.Millisecond
	}
}
