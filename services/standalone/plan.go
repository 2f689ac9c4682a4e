package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service"
	store "github.com/galaxyco-ai/conversations/services/conversation-store"
	"github.com/galaxyco-ai/conversations/services/gateway"
	webhook "github.com/galaxyco-ai/conversations/services/inbound-webhook"
	sender "github.com/galaxyco-ai/conversations/services/outbound-sender"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

const (
	readyPoll       = 10 * time.Millisecond
	variableBlobURL = "CONVERSATIONS_BLOB_URL"
)

// plan is which services run, and with what environment.
type plan struct {
	cfg        Config
	backing    *backing
	environ    map[string]string
	gatewayURL string
	// sandboxURL is empty when a provider's credentials are set: the sandbox is then out of the path.
	sandboxURL string
	services   []member
}

// member is one service of the plan.
type member struct {
	name string
	url  string
	run  func(ctx context.Context) error
}

func newPlan(cfg Config, backing *backing) (*plan, error) {
	p := &plan{cfg: cfg, backing: backing, gatewayURL: "http://" + cfg.GatewayAddress}
	sandboxed, err := withoutCredentials(cfg.Lookup)
	if err != nil {
		return nil, err
	}
	if sandboxed {
		p.sandboxURL = "http://" + cfg.SandboxAddress
	}
	p.environ = p.environment()
	if err := p.seal(); err != nil {
		return nil, err
	}
	if err := blobstore.MakeSecret(p.environ[variableBlobURL]); err != nil {
		return nil, err
	}
	members := []func() (member, error){p.store, p.gateway, p.sender, p.webhook}
	if sandboxed {
		members = append(members, p.sandbox)
	}
	var problems []error
	for _, prepare := range members {
		m, err := prepare()
		p.services = append(p.services, m)
		problems = append(problems, err)
	}
	return p, errors.Join(problems...)
}

// withoutCredentials tells whether no provider's credentials are set.
func withoutCredentials(lookup func(string) (string, bool)) (bool, error) {
	registry, err := all.Registry()
	if err != nil {
		return false, fmt.Errorf("listing the providers: %w", err)
	}
	accounts, err := channel.PlatformAccounts(registry, lookup)
	if err != nil {
		return false, fmt.Errorf("reading the platform's credentials: %w", err)
	}
	return len(accounts) == 0, nil
}

// environment is what every service reads: our defaults, then what the caller set.
func (p *plan) environment() map[string]string {
	environ := map[string]string{
		"CONVERSATIONS_GATEWAY_ADDRESS":    p.cfg.GatewayAddress,
		"CONVERSATIONS_GATEWAY_PUBLIC_URL": p.gatewayURL,
		"CONVERSATIONS_WEBHOOK_ADDRESS":    p.cfg.WebhookAddress,
		"CONVERSATIONS_WEBHOOK_PUBLIC_URL": "http://" + p.cfg.WebhookAddress,
		"CONVERSATIONS_SENDER_ADDRESS":     p.cfg.SenderAddress,
		"CONVERSATIONS_STORE_ADDRESS":      p.cfg.StoreAddress,
		"CONVERSATIONS_SANDBOX_ADDRESS":    p.cfg.SandboxAddress,
	}
	if p.sandboxURL != "" {
		environ["CONVERSATIONS_SANDBOX"] = "true"
		environ["CONVERSATIONS_ALLOWED_PRIVATE_HOSTS"] = p.cfg.SandboxAddress
		maps.Copy(environ, sandbox.Environment(p.sandboxURL))
	}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" {
			environ[name] = value
		}
	}
	environ["DATABASE_URL"] = p.backing.databaseURL
	if environ[variableBlobURL] == "" {
		environ[variableBlobURL] = blobURL(p.cfg.DataDirectory, environ["CONVERSATIONS_WEBHOOK_PUBLIC_URL"])
	}
	return environ
}

// seal makes the keys that workspaces' own credentials are sealed with, unless the caller has set some. They are beside
// what they seal: who takes care of a real installation keeps them elsewhere.
func (p *plan) seal() error {
	if p.environ["CONVERSATIONS_SEALING_KEYS"] != "" || p.environ["CONVERSATIONS_SEALING_KEYS_FILE"] != "" {
		return nil
	}
	private, open := filepath.Join(p.cfg.DataDirectory, "sealing.json"), filepath.Join(p.cfg.DataDirectory, "sealing-public.json")
	public, err := seal.MakeFile(private)
	if err != nil {
		return err
	}
	if err := os.WriteFile(open, public, 0o600); err != nil {
		return fmt.Errorf("writing the public sealing keys: %w", err)
	}
	p.environ["CONVERSATIONS_SEALING_KEYS_FILE"] = private
	p.environ["CONVERSATIONS_SEALING_PUBLIC_KEYS_FILE"] = open
	return nil
}

// blobURL is a folder that gives out links, which inbound-webhook answers: providers fetch files by them.
func blobURL(directory, publicURL string) string {
	parameters := url.Values{
		"create_dir": {"true"}, "no_tmp_dir": {"true"},
		"base_url":        {strings.TrimRight(publicURL, "/") + "/api/media"},
		"secret_key_path": {filepath.Join(directory, "media.key")},
	}
	return "file://" + filepath.ToSlash(filepath.Join(directory, "blobs")) + "?" + parameters.Encode()
}

// base is what a service gets beside its environment.
func (p *plan) base(name string) service.Base {
	base := service.Base{
		NATSURL: p.backing.natsURL, NATSServer: p.backing.nats, LogLevel: p.cfg.LogLevel, Tracing: p.cfg.Tracing,
		Profiling: p.cfg.Profiling,
		Logger:    p.cfg.Logger.With(slog.String("part", name)),
		Lookup: func(name string) (string, bool) {
			value, ok := p.environ[name]
			return value, ok
		},
	}
	return base
}

func (p *plan) store() (member, error) {
	cfg, problems := service.Load[store.Config](p.environ)
	cfg.Base = p.base(event.ServiceStore)
	return member{event.ServiceStore, "http://" + p.cfg.StoreAddress, func(ctx context.Context) error {
		return store.Run(ctx, cfg)
	}}, errors.Join(problems...)
}

func (p *plan) gateway() (member, error) {
	cfg, problems := service.Load[gateway.Config](p.environ)
	cfg.Base = p.base(event.ServiceGateway)
	return member{event.ServiceGateway, p.gatewayURL, func(ctx context.Context) error {
		return gateway.Run(ctx, cfg)
	}}, errors.Join(problems...)
}

func (p *plan) sender() (member, error) {
	cfg, problems := service.Load[sender.Config](p.environ)
	cfg.Base = p.base(event.ServiceSender)
	return member{event.ServiceSender, "http://" + p.cfg.SenderAddress, func(ctx context.Context) error {
		return sender.Run(ctx, cfg)
	}}, errors.Join(problems...)
}

func (p *plan) webhook() (member, error) {
	cfg, problems := service.Load[webhook.Config](p.environ)
	cfg.Base = p.base(event.ServiceWebhook)
	return member{event.ServiceWebhook, "http://" + p.cfg.WebhookAddress, func(ctx context.Context) error {
		return webhook.Run(ctx, cfg)
	}}, errors.Join(problems...)
}

func (p *plan) sandbox() (member, error) {
	cfg, problems := service.Load[sandbox.Config](p.environ)
	cfg.Base = p.base("sandbox")
	return member{"sandbox", p.sandboxURL, func(ctx context.Context) error {
		return sandbox.Run(ctx, cfg)
	}}, errors.Join(problems...)
}

// start runs every service in the group.
func (p *plan) start(ctx context.Context, group *errgroup.Group) {
	for _, m := range p.services {
		group.Go(func() error {
			if err := m.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			return nil
		})
	}
}

// awaitReady returns when every service says it is ready, or ctx ends.
func (p *plan) awaitReady(ctx context.Context) error {
	var waiting sync.WaitGroup
	failed := make(chan error, len(p.services))
	for _, m := range p.services {
		waiting.Go(func() { failed <- awaitReady(ctx, m) })
	}
	waiting.Wait()
	close(failed)
	var problems []error
	for err := range failed {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func awaitReady(ctx context.Context, m member) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url+"/readyz", http.NoBody)
		if err != nil {
			return fmt.Errorf("asking whether %s is ready: %w", m.name, err)
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", m.name, ctx.Err())
		case <-time.After(readyPoll):
		}
	}
}
