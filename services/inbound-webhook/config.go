// Package webhook is the service inbound-webhook: it receives what providers tell us, proves that they did, and answers
// when the stream has it. It needs no database.
package webhook

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/service"
)

// maxMaxBody keeps an event within what the bus takes: it holds the body twice, raw and parsed.
const maxMaxBody = 3 << 20

// Config is the configuration of the service.
type Config struct {
	service.Base

	// Address is where the service listens, for webhooks and operations alike.
	Address string `env:"CONVERSATIONS_WEBHOOK_ADDRESS" envDefault:"127.0.0.1:8081"`
	// PublicURL is what stands before /api/webhooks in the URLs configured at the providers. Signatures are checked
	// against it, never against what a request says about its host.
	PublicURL string `env:"CONVERSATIONS_WEBHOOK_PUBLIC_URL" envDefault:"http://127.0.0.1:8081"`
	// MaxBodyBytes is the largest body accepted.
	MaxBodyBytes int64 `env:"CONVERSATIONS_WEBHOOK_MAX_BODY_BYTES" envDefault:"3145728"`
	// ReadTimeout is how long a body may take to arrive.
	ReadTimeout time.Duration `env:"CONVERSATIONS_WEBHOOK_READ_TIMEOUT" envDefault:"10s"`
	// BlobURL is where files from customers are kept: a gocloud.dev/blob URL, file:// or s3://.
	BlobURL string `env:"CONVERSATIONS_BLOB_URL" envDefault:"file://./.data/blobs?create_dir=true&no_tmp_dir=true"`
	// AllowedPrivateHosts are the hosts, or hosts with port, that files may be fetched from although their address is
	// not public.
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
