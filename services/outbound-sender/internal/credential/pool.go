// Package credential keeps what belongs to one credential at a provider: its connection, its rate, and whether it is
// held because the provider does not know it any more.
package credential

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

const checkTimeout = 20 * time.Second

var (
	// ErrUnknownProvider is returned by Line when no such provider is registered.
	ErrUnknownProvider = errors.New("unknown provider")
	// ErrNone is returned by Line when there is no usable credential for the message.
	ErrNone = errors.New("no credential")
	// ErrGone is the ErrNone of a credential that its workspace has removed.
	ErrGone = fmt.Errorf("%w any more", ErrNone)
	// ErrHeld is returned by Healthy while a credential is held.
	ErrHeld = errors.New("credential held")
)

// Ref says whose credential is wanted.
type Ref struct {
	Workspace, Provider, Mode, ChannelAccountID string
}

// Secret is a credential. Name identifies it for rates and logs, and says nothing of its value.
type Secret struct {
	Name   string
	Values channel.Credential
	// Token is the last part of the address its webhooks are sent to; empty for the platform's.
	Token string
	// Foreign tells that somebody else than the operator wrote it: the hosts it names are not to be trusted.
	Foreign bool
}

// Source finds credentials. It returns ErrNone when there is none.
type Source interface {
	Credential(ctx context.Context, ref Ref) (Secret, error)
}

// Config says what a Pool works with. ProbeEvery is how often a held credential is asked whether it works again.
type Config struct {
	Registry *channel.Registry
	Source   Source
	// Client calls with the platform's credentials, Guarded with those of others: it reaches public addresses only.
	Client, Guarded *http.Client
	ProbeEvery      time.Duration
	Logger          *slog.Logger
}

// Pool is safe for concurrent use.
type Pool struct {
	cfg Config

	mu    sync.Mutex
	links map[string]*link
	// changed tells the reporter that something is held, or not any more.
	changed chan struct{}
}

// link is one credential in use.
type link struct {
	ref        Ref
	secret     Secret
	connection channel.Connection
	about      channel.Description
	gates      map[exit]*gate
	slowed     int       // how many times in a row the provider asked us to slow down
	until      time.Time // paused until then
	held       string    // why; empty when it is not
	heldSince  time.Time
}

// exit is what a provider's rate counts for: a number that texts at one rate places calls at another.
type exit struct {
	kind channel.Kind
	from string
}

// rateOf is how many messages a second a sender address may send on a channel; 0 is without limit.
func rateOf(about channel.Description, kind channel.Kind) float64 {
	if perSecond, differs := about.Rates[kind]; differs {
		return perSecond
	}
	return about.SendsPerSecond
}

// NewPool makes a pool without connections; they are made when they are first needed.
func NewPool(cfg Config) *Pool {
	return &Pool{cfg: cfg, links: map[string]*link{}, changed: make(chan struct{}, 1)}
}

// Line finds the way out for a message: the connection of its credential and the gate of its sender address on the
// channel.
func (p *Pool) Line(ctx context.Context, ref Ref, kind channel.Kind, from string) (*Line, error) {
	provider, known := p.cfg.Registry.Provider(ref.Provider)
	if !known {
		return nil, fmt.Errorf("%w: %q", ErrUnknownProvider, ref.Provider)
	}
	secret, err := p.cfg.Source.Credential(ctx, ref)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l, err := p.link(ref, secret, provider)
	if err != nil {
		return nil, err
	}
	at := exit{kind, from}
	g, known := l.gates[at]
	if !known {
		g = newGate(rateOf(l.about, kind))
		g.held, g.until = l.held != "", l.until
		l.gates[at] = g
	}
	return &Line{Connection: l.connection, Token: l.secret.Token, pool: p, link: l, gate: g}, nil
}

// link finds or connects a credential; a changed one gets a new connection and a new chance. The caller holds mu.
func (p *Pool) link(ref Ref, secret Secret, provider channel.Provider) (*link, error) {
	l, known := p.links[secret.Name]
	if known && maps.Equal(l.secret.Values, secret.Values) {
		l.secret.Token = secret.Token
		return l, nil
	}
	connection, err := p.connect(provider, secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if !known {
		l = &link{about: p.cfg.Registry.Description(ref.Provider), gates: map[exit]*gate{}}
		p.links[secret.Name] = l
	}
	l.ref, l.secret, l.connection = ref, secret, connection
	p.release(l)
	return l, nil
}

func (p *Pool) connect(provider channel.Provider, secret Secret) (channel.Connection, error) {
	if secret.Foreign {
		return provider.Connect(secret.Values, p.cfg.Guarded)
	}
	return provider.Connect(secret.Values, p.cfg.Client)
}

// About describes a provider; one that is not known can do nothing.
func (p *Pool) About(provider string) channel.Description {
	return p.cfg.Registry.Description(provider)
}

// Held names the credentials that are held.
func (p *Pool) Held() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var names []string
	for name, l := range p.links {
		if l.held != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Healthy tells which of the platform's credentials are held. One of a workspace's own is its workspace's trouble.
func (p *Pool) Healthy(context.Context) error {
	held := slices.DeleteFunc(p.Held(), func(name string) bool { return !strings.HasPrefix(name, modePlatform+"/") })
	if len(held) > 0 {
		return fmt.Errorf("%w: %s", ErrHeld, strings.Join(held, ", "))
	}
	return nil
}

// Run asks held credentials, until ctx is done, whether they work again.
func (p *Pool) Run(ctx context.Context) {
	ticker := time.NewTicker(p.cfg.ProbeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.probe(ctx)
		}
	}
}

// Forget drops who waits at the gates: the scheduler they belong to is closed.
func (p *Pool) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.links {
		for _, g := range l.gates {
			g.stop()
		}
	}
}

func (p *Pool) probe(ctx context.Context) {
	p.mu.Lock()
	held := slices.DeleteFunc(slices.Collect(maps.Values(p.links)), func(l *link) bool { return l.held == "" })
	p.mu.Unlock()
	for _, l := range held {
		p.probeOne(ctx, l)
	}
}

// probeOne takes a changed credential, or asks the provider about the old one.
func (p *Pool) probeOne(ctx context.Context, l *link) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	p.mu.Lock()
	ref, connection := l.ref, l.connection
	p.mu.Unlock()
	_, err := p.Line(ctx, ref, "", "")
	if errors.Is(err, ErrGone) {
		p.drop(l)
	}
	if err != nil {
		return
	}
	result, err := connection.Check(ctx)
	if err != nil || !result.KeyValid {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.connection == connection {
		p.release(l)
	}
}

// drop forgets a credential that is gone. What waits for it goes on, and finds that there is no way out.
func (p *Pool) drop(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.open()
	p.tellReporter()
	maps.DeleteFunc(p.links, func(_ string, held *link) bool { return held == l })
}

// release lets the messages of a held credential go. The caller holds mu.
func (p *Pool) release(l *link) {
	if l.held == "" {
		return
	}
	l.open()
	p.tellReporter()
	p.cfg.Logger.Info("credential works again", slog.String("credential", l.secret.Name))
}

// open holds nothing back any more. The caller holds the pool's mu.
func (l *link) open() {
	l.held = ""
	for _, g := range l.gates {
		g.hold(false)
	}
}
