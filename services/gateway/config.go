package gateway

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service"
)

// Config of the gateway.
type Config struct {
	service.Base
	// Address is where HTTP is served.
	Address string `env:"CONVERSATIONS_GATEWAY_ADDRESS" envDefault:"127.0.0.1:8080"`
	// PublicURL is where browsers reach the gateway: the origin that is trusted, and with https the cookie is secure.
	PublicURL string `env:"CONVERSATIONS_GATEWAY_PUBLIC_URL" envDefault:"http://127.0.0.1:8080"`
	// TrustedProxies are networks (CIDR) whose X-Forwarded-For tells the caller's address.
	TrustedProxies []string `env:"CONVERSATIONS_GATEWAY_TRUSTED_PROXIES"`
	// RequestsPerSecond and RequestBurst bound each session and API key.
	RequestsPerSecond float64 `env:"CONVERSATIONS_GATEWAY_REQUESTS_PER_SECOND" envDefault:"200"`
	RequestBurst      int     `env:"CONVERSATIONS_GATEWAY_REQUEST_BURST" envDefault:"1000"`
	// SignInsPerMinute bounds sign-up and login from one IP address, MailboxSignInsPerMinute with one e-mail address
	// from one IP address.
	SignInsPerMinute        int `env:"CONVERSATIONS_GATEWAY_SIGN_INS_PER_MINUTE" envDefault:"60"`
	MailboxSignInsPerMinute int `env:"CONVERSATIONS_GATEWAY_MAILBOX_SIGN_INS_PER_MINUTE" envDefault:"10"`
	// MaxSockets bounds the realtime connections of one session or API key.
	MaxSockets int `env:"CONVERSATIONS_GATEWAY_MAX_SOCKETS" envDefault:"20"`
	// BlobURL is where inbound-webhook keeps the files of customers: a gocloud.dev/blob URL, file:// or s3://.
	BlobURL string `env:"CONVERSATIONS_BLOB_URL" envDefault:"file://./.data/blobs?create_dir=true&no_tmp_dir=true"`
	// UploadsPerMinute bounds the files one workspace uploads.
	UploadsPerMinute int `env:"CONVERSATIONS_GATEWAY_UPLOADS_PER_MINUTE" envDefault:"120"`
	// Sealing are the keys that workspaces' own credentials are sealed with; it opens none.
	Sealing seal.PublicSource
	// WebhookPublicURL is what stands before /api/webhooks in the addresses that providers call.
	WebhookPublicURL string `env:"CONVERSATIONS_WEBHOOK_PUBLIC_URL" envDefault:"http://127.0.0.1:8081"`
	// Providers lists the providers; nil is every provider there is.
	Providers *channel.Registry
}

// Validate tells everything that is wrong with the configuration.
func (c Config) Validate() error {
	var problems []error
	if _, err := c.publicURL(); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.trustedProxies(); err != nil {
		problems = append(problems, err)
	}
	if _, err := url.Parse(c.BlobURL); err != nil || c.BlobURL == "" {
		problems = append(problems, fmt.Errorf("reading CONVERSATIONS_BLOB_URL: %q is no URL", c.BlobURL))
	}
	for name, value := range map[string]float64{
		"CONVERSATIONS_GATEWAY_REQUESTS_PER_SECOND":         c.RequestsPerSecond,
		"CONVERSATIONS_GATEWAY_REQUEST_BURST":               float64(c.RequestBurst),
		"CONVERSATIONS_GATEWAY_SIGN_INS_PER_MINUTE":         float64(c.SignInsPerMinute),
		"CONVERSATIONS_GATEWAY_MAILBOX_SIGN_INS_PER_MINUTE": float64(c.MailboxSignInsPerMinute),
		"CONVERSATIONS_GATEWAY_MAX_SOCKETS":                 float64(c.MaxSockets),
		"CONVERSATIONS_GATEWAY_UPLOADS_PER_MINUTE":          float64(c.UploadsPerMinute),
	} {
		if value <= 0 {
			problems = append(problems, fmt.Errorf("reading %s: must be more than 0", name))
		}
	}
	return errors.Join(problems...)
}

func (c Config) publicURL() (*url.URL, error) {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return nil, fmt.Errorf("reading CONVERSATIONS_GATEWAY_PUBLIC_URL: %q is not an http or https URL", c.PublicURL)
	}
	return public, nil
}

func (c Config) trustedProxies() ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(c.TrustedProxies))
	for _, text := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("reading CONVERSATIONS_GATEWAY_TRUSTED_PROXIES: %w", err)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}
