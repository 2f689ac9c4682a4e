package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/api"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/call"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/callback"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/journal"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/meta"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/page"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/postmark"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/provider"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/resend"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sendgrid"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/signalwire"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/stripe"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/twilio"
	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Run serves the sandbox until ctx ends and returns when everything it started has stopped.
func Run(ctx context.Context, cfg Config) error {
	cfg.Defaults("sandbox")
	cfg.defaults()
	faults := fault.NewSet(signalwire.Name, resend.Name, postmark.Name, sendgrid.Name, twilio.Name, meta.Name, stripe.Name)
	kept := journal.New(cfg.Journal)
	callbacks, err := callback.New(cfg.WebhookURL, faults, cfg.Logger, cfg.Metrics, kept.Callback)
	if err != nil {
		return fmt.Errorf("configuring the callbacks: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	people := world.New(kept.Message)
	phones := call.New(call.Config{Callbacks: callbacks, Faults: faults, World: people, Second: cfg.CallSecond})
	handler, err := newHandler(cfg, ctx.Done(), faults, callbacks, people, phones, kept, cfg.announce())
	if err != nil {
		return err
	}
	group.Go(func() error { return callbacks.Run(ctx) })
	group.Go(func() error { return phones.Run(ctx) })
	group.Go(func() error { return service.Serve(ctx, cfg.Address, handler, cfg.Ready) })
	return group.Wait() //nolint:wrapcheck // both say what they were doing
}

// announce gives the public base of the sandbox, which is where it listens unless it is configured. Until it serves the
// base is empty.
func (c *Config) announce() func() string {
	var base atomic.Value
	base.Store(strings.TrimRight(c.PublicURL, "/"))
	ready := c.Ready
	c.Ready = func(address string) {
		base.CompareAndSwap("", "http://"+reachable(address))
		if ready != nil {
			ready(address)
		}
	}
	return func() string { return base.Load().(string) }
}

// reachable is an address to call where one listens: this machine, where one listens on all of its addresses.
func reachable(address string) string {
	listening, err := netip.ParseAddrPort(address)
	if err != nil || !listening.Addr().IsUnspecified() {
		return address
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), listening.Port()).String()
}

func newHandler(
	cfg Config, done <-chan struct{}, faults *fault.Set, callbacks *callback.Dispatcher,
	people *world.World, phones *call.Network, kept *journal.Journal, publicURL func() string,
) (http.Handler, error) {
	calls, err := provider.NewCalls(cfg.Metrics)
	if err != nil {
		return nil, fmt.Errorf("registering the counter of the calls: %w", err)
	}
	log := provider.NewJournal(kept.Request)
	shared := provider.Shared{
		Faults: faults, Journal: log, Done: done, Calls: calls, Phones: phones, PublicURL: publicURL,
	}
	endpoints := cfg.endpoints()
	texts, messages, chats := newPhones(cfg, endpoints, people, callbacks, shared)
	mails, err := resend.New(resend.Config{
		Key: ResendKey, SendingKey: ResendSendingKey, WebhookSecret: ResendWebhookSecret,
		Webhook: endpoints[resend.Name], Waits: cfg.MailWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	if err != nil {
		return nil, fmt.Errorf("configuring the mail provider: %w", err)
	}
	letters := postmark.New(postmark.Config{
		Token: PostmarkToken, User: PostmarkWebhookUser, Password: PostmarkWebhookPassword,
		Webhook: endpoints[postmark.Name], Waits: cfg.MailWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	grid, err := sendgrid.New(sendgrid.Config{
		Key: SendGridKey, SendingKey: SendGridSendingKey, WebhookSeed: SendGridWebhookSeed, ParseSeed: SendGridParseSeed,
		Webhook: endpoints[sendgrid.Name], Waits: cfg.MailWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	if err != nil {
		return nil, fmt.Errorf("configuring a mail provider: %w", err)
	}
	payments := stripe.New(stripe.Config{
		Key: StripeKey, WebhookSecret: StripeWebhookSecret, Webhook: endpoints[stripe.Name], Waits: cfg.MailWaits,
	}, callbacks, shared)
	own := api.New(api.Config{
		World: people, Faults: faults, Calls: log, Journal: kept, Callbacks: callbacks, Endpoints: endpoints,
		Phones: phones, Carriers: []api.Carrier{texts, mails, letters, grid, messages, chats, messages.Chat(), texts.Chat()}, Done: done,
	})
	mux := http.NewServeMux()
	mux.Handle("/signalwire/", http.StripPrefix("/signalwire", texts.Handler()))
	mux.Handle("/twilio/", http.StripPrefix("/twilio", messages.Handler()))
	mux.Handle("/resend/", http.StripPrefix("/resend", mails.Handler()))
	mux.Handle("/postmark/", http.StripPrefix("/postmark", letters.Handler()))
	mux.Handle("/sendgrid/", http.StripPrefix("/sendgrid", grid.Handler()))
	mux.Handle("/meta/", http.StripPrefix("/meta", chats.Handler()))
	mux.Handle("/v1/", payments.Handler())
	mux.Handle("/stripe/", http.StripPrefix("/stripe", payments.Pages()))
	mux.Handle("/api/", own.Handler())
	ops := service.Ops(service.NewHealth(), cfg.Metrics)
	for _, path := range []string{"GET /livez", "GET /readyz", "GET /metrics"} {
		mux.Handle(path, ops)
	}
	mux.Handle("/", page.Handler())
	return mux, nil
}

// endpoints are where each account's news is posted: the platform's addresses, until somebody enters others.
func (c Config) endpoints() map[string]*provider.Endpoint {
	endpoints := map[string]*provider.Endpoint{}
	for _, name := range []string{signalwire.Name, resend.Name, postmark.Name, sendgrid.Name, twilio.Name, meta.Name, stripe.Name} {
		endpoints[name] = provider.NewEndpoint(strings.TrimRight(c.WebhookURL, "/") + "/api/webhooks/" + name)
	}
	return endpoints
}

// newPhones makes the stand-ins of the providers whose customers have a phone.
func newPhones(
	cfg Config, endpoints map[string]*provider.Endpoint, people *world.World, callbacks *callback.Dispatcher, shared provider.Shared,
) (*signalwire.API, *twilio.API, *meta.API) {
	texts := signalwire.New(signalwire.Config{
		Project: SignalWireProject, Token: SignalWireToken, SigningKey: SignalWireSigningKey,
		Webhook: endpoints[signalwire.Name], Waits: cfg.TextWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	messages := twilio.New(twilio.Config{
		Account: TwilioAccount, Token: TwilioToken, Key: TwilioKey, KeySecret: TwilioKeySecret,
		Service: TwilioService, Number: TwilioNumber,
		Webhook: endpoints[twilio.Name], Waits: cfg.TextWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	chats := meta.New(meta.Config{
		Account: MetaAccount, Token: MetaToken, AppSecret: MetaAppSecret, Number: MetaNumber,
		Webhook: endpoints[meta.Name], Waits: cfg.TextWaits, Step: cfg.Step,
	}, people, callbacks, shared)
	return texts, messages, chats
}
