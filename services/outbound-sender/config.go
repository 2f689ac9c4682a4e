// Package sender is the service outbound-sender: it takes the messages workspaces want sent, each once, to their
// providers. It needs no database.
//
// One process is active at a time, the one that holds the lease in the ledger; others stand by. Inside it the intake
// reads SEND, the scheduler decides whose turn it is, a delivery claims, calls and records, and the reconciler looks up
// what is not known. docs/adr/0005-sender-schedule.md says why it is built so.
package sender

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service"
)

// Config is the configuration of the service.
type Config struct {
	service.Base

	// Address is where operations are served.
	Address string `env:"CONVERSATIONS_SENDER_ADDRESS" envDefault:":8082"`
	// WebhookPublicURL is what stands before /api/webhooks in the URL a provider calls back.
	WebhookPublicURL string `env:"CONVERSATIONS_WEBHOOK_PUBLIC_URL" envDefault:"http://127.0.0.1:8081"`
	// BlobURL is where the files of messages are kept: a gocloud.dev/blob URL, file:// or s3://.
	BlobURL string `env:"CONVERSATIONS_BLOB_URL" envDefault:"file://./.data/blobs?create_dir=true&no_tmp_dir=true"`
	// FileBytes bounds the bytes of files that are on their way to providers at one time. A provider that takes the bytes
	// in JSON needs about five times as much memory for them.
	FileBytes int64 `env:"CONVERSATIONS_SENDER_FILE_BYTES" envDefault:"67108864"`
	// Workers bounds the calls to providers at one time.
	Workers int `env:"CONVERSATIONS_SENDER_WORKERS" envDefault:"64"`
	// Window bounds the messages read ahead, Allowance those of one workspace.
	Window    int `env:"CONVERSATIONS_SENDER_WINDOW"    envDefault:"8192"`
	Allowance int `env:"CONVERSATIONS_SENDER_ALLOWANCE" envDefault:"256"`
	// MaxDiverted bounds the workspaces that are read separately because they have more than their allowance waiting.
	MaxDiverted int `env:"CONVERSATIONS_SENDER_MAX_DIVERTED" envDefault:"256"`
	// SendTimeout bounds one call to a provider; files add a second for each MiB.
	SendTimeout time.Duration `env:"CONVERSATIONS_SENDER_SEND_TIMEOUT" envDefault:"20s"`
	// RetryTries and RetryWithin bound the retries of a message the provider was not able to take.
	RetryTries  int           `env:"CONVERSATIONS_SENDER_RETRY_TRIES"  envDefault:"8"`
	RetryWithin time.Duration `env:"CONVERSATIONS_SENDER_RETRY_WITHIN" envDefault:"15m"`
	// RetryFirst is the wait after the first failure; it doubles from there.
	RetryFirst time.Duration `env:"CONVERSATIONS_SENDER_RETRY_FIRST" envDefault:"1s"`
	// ProbeEvery is how often a provider is asked whether a refused credential works again.
	ProbeEvery time.Duration `env:"CONVERSATIONS_SENDER_PROBE_EVERY" envDefault:"30s"`
	// LeaseTTL is how soon a process that stands by takes over from one that died.
	LeaseTTL time.Duration `env:"CONVERSATIONS_SENDER_LEASE_TTL" envDefault:"6s"`

	// Sealing are the keys that workspaces' own credentials open with.
	Sealing seal.Source
	// AllowedPrivateHosts are the hosts, or hosts with port, that workspaces' own credentials may name although their
	// address is not public.
	AllowedPrivateHosts []string `env:"CONVERSATIONS_ALLOWED_PRIVATE_HOSTS"`

	// Providers are the providers to send through; nil takes all there are.
	Providers *channel.Registry
	// LookupWaits are the waits between look-ups of an unknown outcome; nil takes the usual ones.
	LookupWaits []time.Duration
}

// Validate reports everything that cannot work.
func (c Config) Validate() error {
	var problems []error
	public, err := url.Parse(c.WebhookPublicURL)
	if err != nil || public.Host == "" || (public.Scheme != "http" && public.Scheme != "https") || public.RawQuery != "" {
		problems = append(problems,
			fmt.Errorf("CONVERSATIONS_WEBHOOK_PUBLIC_URL: %q is no http or https URL", c.WebhookPublicURL))
	}
	if parsed, err := url.Parse(c.BlobURL); err != nil || parsed.Scheme == "" {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_BLOB_URL: %q is no URL", c.BlobURL))
	}
	if c.FileBytes < 1 {
		problems = append(problems, errors.New("CONVERSATIONS_SENDER_FILE_BYTES: must be above 0"))
	}
	for name, value := range map[string]int{
		"WORKERS": c.Workers, "WINDOW": c.Window, "ALLOWANCE": c.Allowance, "RETRY_TRIES": c.RetryTries,
	} {
		if value < 1 {
			problems = append(problems, fmt.Errorf("CONVERSATIONS_SENDER_%s: must be above 0", name))
		}
	}
	for name, value := range map[string]time.Duration{
		"SEND_TIMEOUT": c.SendTimeout, "RETRY_WITHIN": c.RetryWithin, "RETRY_FIRST": c.RetryFirst,
		"PROBE_EVERY": c.ProbeEvery, "LEASE_TTL": c.LeaseTTL,
	} {
		if value <= 0 {
			problems = append(problems, fmt.Errorf("CONVERSATIONS_SENDER_%s: must be above 0", name))
		}
	}
	if c.MaxDiverted < 0 {
		problems = append(problems, errors.New("CONVERSATIONS_SENDER_MAX_DIVERTED: must not be below 0"))
	}
	return errors.Join(problems...)
}
