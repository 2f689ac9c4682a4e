// Package webhook is the service inbound-webhook: it receives what providers tell us, proves that they did, and answers
// when the stream has it. It needs no database.
package webhook

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
)

// maxMaxBody is more than any provider sends.
const maxMaxBody = 64 << 20

// Config is the configuration of the service.
type Config struct {
	service.Base

	// Address is where the service listens, for webhooks and operations alike.
	Address string `env:"CONVERSATIONS_WEBHOOK_ADDRESS" envDefault:"127.0.0.1:8081"`
	// PublicURL is what stands before /api/webhooks in the URLs configured at the providers. Signatures are checked
	// against it, never against what a request says about its host.
	PublicURL string `env:"CONVERSATIONS_WEBHOOK_PUBLIC_URL" envDefault:"http://127.0.0.1:8081"`
	// MaxBodyBytes is the largest body accepted.
	MaxBodyBytes int64 `env:"CONVERSATIONS_WEBHOOK_MAX_BODY_BYTES" envDefault:"41943040"`
	// MemoryBytes is what the bodies under way may take together, with all that is read out of them. A webhook that
	// finds no room is to come again.
	MemoryBytes int64 `env:"CONVERSATIONS_WEBHOOK_MEMORY_BYTES" envDefault:"805306368"`
	// ReadTimeout is how long a body may take to arrive.
	ReadTimeout time.Duration `env:"CONVERSATIONS_WEBHOOK_READ_TIMEOUT" envDefault:"30s"`
	// SweepEvery is how often each provider account is asked for what its webhooks did not tell, as far as the provider
	// can be asked; 0 is never. SweepFirst is how long after the start for the first time.
	SweepEvery time.Duration `env:"CONVERSATIONS_WEBHOOK_SWEEP_EVERY" envDefault:"5m"`
	SweepFirst time.Duration `env:"CONVERSATIONS_WEBHOOK_SWEEP_FIRST" envDefault:"1m"`
	// BlobURL is where files from customers are kept: a gocloud.dev/blob URL, file:// or s3://. With the parameters
	// base_url, which is the public URL and /api/media, and secret_key_path a folder gives out links too.
	BlobURL string `env:"CONVERSATIONS_BLOB_URL" envDefault:"file://./.data/blobs?create_dir=true&no_tmp_dir=true"`
	// StripeWebhookSecret signs what the payment provider tells; without it that is not listened to.
	StripeWebhookSecret string `env:"STRIPE_WEBHOOK_SECRET" secret:"true"`
	// Sealing are the keys that workspaces' own credentials open with.
	Sealing seal.Source
	// AllowedPrivateHosts are the hosts, or hosts with port, that files may be fetched from, and that workspaces' own
	// credentials may name, although their address is not public.
	AllowedPrivateHosts []string `env:"CONVERSATIONS_ALLOWED_PRIVATE_HOSTS"`
	// QuarantineRate and QuarantineBurst bound, for one remote address, the unproved requests that are kept: per
	// second, and at once. A request counts once, and once more for each 16 KiB of its body.
	QuarantineRate  float64 `env:"CONVERSATIONS_WEBHOOK_QUARANTINE_RATE"  envDefault:"5"`
	QuarantineBurst int     `env:"CONVERSATIONS_WEBHOOK_QUARANTINE_BURST" envDefault:"500"`
	// TrustedProxies are the networks whose X-Forwarded-For tells the remote address for that bound.
	TrustedProxies []netip.Prefix `env:"CONVERSATIONS_WEBHOOK_TRUSTED_PROXIES"`
}

// Validate reports everything that cannot work.
func (c Config) Validate() error {
	var problems []error
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" || (public.Scheme != "http" && public.Scheme != "https") || public.RawQuery != "" {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_WEBHOOK_PUBLIC_URL: %q is no http or https URL", c.PublicURL))
	}
	if c.MaxBodyBytes < 1 || c.MaxBodyBytes > maxMaxBody {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_WEBHOOK_MAX_BODY_BYTES: must be from 1 to %d", maxMaxBody))
	}
	if largest := hook.LargestBody(c.MemoryBytes); c.MaxBodyBytes > largest {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_WEBHOOK_MEMORY_BYTES: has room for a body of %d bytes only", largest))
	}
	if c.SweepEvery < 0 || c.SweepFirst < 0 {
		problems = append(problems, errors.New("CONVERSATIONS_WEBHOOK_SWEEP_EVERY and _FIRST: must not be below 0"))
	}
	if c.ReadTimeout <= 0 {
		problems = append(problems, errors.New("CONVERSATIONS_WEBHOOK_READ_TIMEOUT: must be above 0"))
	}
	if _, err := url.Parse(c.BlobURL); err != nil || c.BlobURL == "" {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_BLOB_URL: %q is no URL", c.BlobURL))
	}
	if c.QuarantineRate <= 0 || c.QuarantineBurst < 1 {
		problems = append(problems, errors.New("CONVERSATIONS_WEBHOOK_QUARANTINE_RATE and _BURST: must be above 0"))
	}
	return errors.Join(problems...)
}
