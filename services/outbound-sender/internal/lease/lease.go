// Package lease makes one of several processes the active one. Who holds the key writes it again and again, and listens
// on a subject of its own; who does not watches it, and takes it when it has not been written for as long as a lease
// lasts, or sooner when nobody listens there any more: the connection of a process that was killed ends at once.
package lease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
)

// skew is how far the clocks of server and process may differ.
const skew = time.Second

// ErrFailing is returned by Healthy while what runs under the lease ends with errors.
var ErrFailing = errors.New("work under the lease fails")

// errNotOurs tells that somebody else holds the lease.
var errNotOurs = errors.New("lease is held by another process")

// Config says which key, and how long a lease lasts without being renewed.
type Config struct {
	Bus    *bus.Bus
	Bucket *bus.Bucket
	Key    string
	TTL    time.Duration
	Logger *slog.Logger
}

// Lease is one process's view of the key.
type Lease struct {
	cfg    Config
	holder string

	revision uint64    // of the key as we last saw it
	seen     time.Time // when we first saw that revision
	deserted time.Time // since when nobody has listened for its holder; zero while somebody does
	checked  atomic.Int64
	active   atomic.Bool
	failed   atomic.Pointer[failure]
}

// failure is why active last ended by itself.
type failure struct {
	at  time.Time
	err error
}

// New makes a lease that is not held.
func New(cfg Config) *Lease { return &Lease{cfg: cfg, holder: uuid.NewString()} }

// Run waits for the lease, runs active while it is held, and starts over when it was lost, until ctx is done. The
// context of active ends early enough before anybody else can hold the lease. After an error of active the lease is
// given up, and asked for again.
func (l *Lease) Run(ctx context.Context, active func(ctx context.Context) error) error {
	listening, err := l.cfg.Bus.Conn().Subscribe(event.LeaseSubject(l.cfg.Key, l.holder), func(m *nats.Msg) { _ = m.Respond(nil) })
	if err != nil {
		return fmt.Errorf("listening for the lease: %w", err)
	}
	defer func() { _ = listening.Unsubscribe() }()
	for ctx.Err() == nil {
		if err := l.acquire(ctx); err != nil {
			l.note(ctx, err)
			pause(ctx, l.cfg.TTL/10)
			continue
		}
		l.cfg.Logger.InfoContext(ctx, "lease taken", slog.String("key", l.cfg.Key))
		err := l.hold(ctx, active)
		l.release(context.WithoutCancel(ctx))
		if err != nil {
			l.failed.Store(&failure{time.Now(), err})
			l.cfg.Logger.ErrorContext(ctx, "lease given up", slog.String("error", err.Error()))
			pause(ctx, l.cfg.TTL/10)
		}
	}
	return nil
}

// Active tells whether this process holds the lease.
func (l *Lease) Active() bool { return l.active.Load() }

// Healthy tells that the lease can be neither held nor watched, or that what is to run under it has just failed.
func (l *Lease) Healthy(context.Context) error {
	if last := l.failed.Load(); last != nil && time.Since(last.at) < l.cfg.TTL {
		return fmt.Errorf("%w: %w", ErrFailing, last.err)
	}
	if silent := time.Since(time.UnixMilli(l.checked.Load())); silent > l.cfg.TTL {
		return fmt.Errorf("%w: lease not seen for %s", bus.ErrUnavailable, silent.Round(time.Second))
	}
	return nil
}

func (l *Lease) note(ctx context.Context, err error) {
	if !errors.Is(err, errNotOurs) && ctx.Err() == nil {
		l.cfg.Logger.WarnContext(ctx, "lease cannot be asked for", slog.String("error", err.Error()))
	}
}

// acquire takes a key that is not there, or that its holder has not renewed in time.
func (l *Lease) acquire(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.TTL)
	defer cancel()
	entry, err := l.cfg.Bucket.Get(ctx, l.cfg.Key)
	if errors.Is(err, bus.ErrKeyNotFound) {
		return l.taken(l.cfg.Bucket.Create(ctx, l.cfg.Key, []byte(l.holder)))
	}
	if err != nil {
		return err
	}
	l.checked.Store(time.Now().UnixMilli())
	if entry.Revision != l.revision {
		l.revision, l.seen, l.deserted = entry.Revision, time.Now(), time.Time{}
	}
	over := time.Since(l.seen) > l.cfg.TTL || time.Since(entry.Created) > l.cfg.TTL+skew
	if !over && !l.gone(ctx, string(entry.Value)) {
		return errNotOurs
	}
	return l.taken(l.cfg.Bucket.Update(ctx, l.cfg.Key, []byte(l.holder), entry.Revision))
}

// gone tells that nobody has listened for the holder for longer than a connection takes to come back.
func (l *Lease) gone(ctx context.Context, holder string) bool {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.TTL/6)
	defer cancel()
	_, err := l.cfg.Bus.Conn().RequestWithContext(ctx, event.LeaseSubject(l.cfg.Key, holder), nil)
	if !errors.Is(err, nats.ErrNoResponders) {
		l.deserted = time.Time{}
		return false
	}
	if l.deserted.IsZero() {
		l.deserted = time.Now()
	}
	return time.Since(l.deserted) > l.cfg.TTL/6
}

func (l *Lease) taken(revision uint64, err error) error {
	if errors.Is(err, bus.ErrKeyExists) || errors.Is(err, bus.ErrRevisionMismatch) {
		return errNotOurs
	}
	if err != nil {
		return err
	}
	l.revision, l.seen = revision, time.Now()
	l.checked.Store(l.seen.UnixMilli())
	return nil
}

// hold runs active and renews the lease beside it, until active has returned: what it still finishes after ctx is done
// is covered too.
func (l *Lease) hold(ctx context.Context, active func(ctx context.Context) error) error {
	holding, lose := context.WithCancel(ctx)
	defer lose()
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		defer lose()
		l.renew(renewing)
	}()
	l.active.Store(true)
	err := active(holding)
	l.active.Store(false)
	stop()
	<-renewed
	return err
}

// renew writes the key until ctx is done, somebody else has taken it, or it could not be written for two thirds of
// its time.
func (l *Lease) renew(ctx context.Context) {
	for pause(ctx, l.cfg.TTL/5) {
		limited, cancel := context.WithTimeout(ctx, l.cfg.TTL/5)
		revision, err := l.cfg.Bucket.Update(limited, l.cfg.Key, []byte(l.holder), l.revision)
		cancel()
		if err == nil {
			_ = l.taken(revision, nil)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		l.cfg.Logger.WarnContext(ctx, "lease not renewed", slog.String("error", err.Error()))
		if errors.Is(err, bus.ErrRevisionMismatch) && !l.stillOurs(ctx) || time.Since(l.seen) > l.cfg.TTL*2/3 {
			return
		}
	}
}

// stillOurs finds out whether an earlier renewal of ours was stored although its answer got lost.
func (l *Lease) stillOurs(ctx context.Context) bool {
	limited, cancel := context.WithTimeout(ctx, l.cfg.TTL/5)
	defer cancel()
	entry, err := l.cfg.Bucket.Get(limited, l.cfg.Key)
	if err != nil || string(entry.Value) != l.holder {
		return false
	}
	l.revision = entry.Revision
	return true
}

// release lets the next process in at once, when the lease is still ours.
func (l *Lease) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.TTL)
	defer cancel()
	entry, err := l.cfg.Bucket.Get(ctx, l.cfg.Key)
	if err == nil && string(entry.Value) == l.holder {
		_ = l.cfg.Bucket.DeleteRevision(ctx, l.cfg.Key, entry.Revision) // else it runs out by itself
	}
}

func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
