package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/inbound-webhook/internal/hook"
)

const (
	// listTimeout bounds one call to a provider.
	listTimeout = 30 * time.Second
	// maxPages bounds one sweep; a listing that goes on beyond it is asked for again from the same mark.
	maxPages = 1_000
	// jitter is the part of each wait that is left to chance, so that accounts and processes spread.
	jitter = 5
	// maxWait bounds the wait after errors.
	maxWait = time.Hour
	// fresh is the part of the time between sweeps for which a mark is left alone: three quarters.
	freshOf, freshIn = 3, 4
)

var (
	errEndless = errors.New("the listing has no end")
	errTaken   = errors.New("another process sweeps the account")
)

// Feed takes what was listed, and returns when it is stored.
type Feed func(ctx context.Context, endpoint hook.Endpoint, listed channel.Delivery) (hook.Taken, error)

// Config says when, and how far back.
type Config struct {
	// Every is how often an account is swept; First how long after the start for the first time.
	Every, First time.Duration
	// Overlap is how far before its mark a sweep begins, because a listing may be behind; Oldest is the most it goes back.
	Overlap, Oldest time.Duration
}

// Sweeper sweeps accounts.
type Sweeper struct {
	config  Config
	ledger  *bus.Bucket
	feed    Feed
	logger  *slog.Logger
	metrics *metrics
	now     func() time.Time
}

// New makes a sweeper.
func New(config Config, ledger *bus.Bucket, feed Feed, logger *slog.Logger, registry prometheus.Registerer) (*Sweeper, error) {
	made, err := newMetrics(registry)
	if err != nil {
		return nil, err
	}
	return &Sweeper{config: config, ledger: ledger, feed: feed, logger: logger, metrics: made, now: time.Now}, nil
}

// Run sweeps the accounts that can be asked, until ctx ends.
func (s *Sweeper) Run(ctx context.Context, endpoints []hook.Endpoint) {
	var sweeping sync.WaitGroup
	for _, endpoint := range endpoints {
		if lister, ok := endpoint.Connection.(channel.Lister); ok {
			sweeping.Go(func() { s.keep(ctx, endpoint, lister) })
		}
	}
	sweeping.Wait()
}

// keep sweeps one account again and again.
func (s *Sweeper) keep(ctx context.Context, endpoint hook.Endpoint, lister channel.Lister) {
	for wait, failures := s.config.First, 0; pause(ctx, wait); {
		taken, err := s.Sweep(ctx, endpoint, lister)
		s.tell(ctx, endpoint, taken, err)
		wait, failures = s.config.Every, failures+1
		if err == nil || errors.Is(err, errTaken) {
			failures = 0
			continue
		}
		wait = backoff(s.config.Every, failures)
		if failed, ok := errors.AsType[*channel.Error](err); ok {
			wait = max(wait, failed.RetryAfter)
		}
	}
}

// Sweep asks for one account once. It returns after everything is stored, and an error when a part may not be.
func (s *Sweeper) Sweep(ctx context.Context, endpoint hook.Endpoint, lister channel.Lister) (hook.Taken, error) {
	started := s.now()
	mark, err := s.claim(ctx, endpoint)
	if err != nil {
		return hook.Taken{}, err
	}
	since := mark.until
	if since.IsZero() {
		since = started
	}
	since = since.Add(-s.config.Overlap)
	if oldest := started.Add(-s.config.Oldest); since.Before(oldest) {
		since = oldest
	}
	taken, err := s.pages(ctx, endpoint, lister, since, mark)
	if err != nil {
		return taken, err
	}
	mark.until = started
	return taken, s.write(ctx, mark)
}

// pages reads page after page, and stores each before the next.
func (s *Sweeper) pages(ctx context.Context, endpoint hook.Endpoint, lister channel.Lister, since time.Time, mark *mark) (hook.Taken, error) {
	var all hook.Taken
	cursor := ""
	for range maxPages {
		page, err := list(ctx, lister, since, cursor)
		if err != nil {
			return all, fmt.Errorf("listing: %w", err)
		}
		taken, err := s.feed(ctx, endpoint, page.Delivery)
		all = all.Plus(taken)
		if err != nil {
			return all, err
		}
		if page.Next == "" {
			return all, nil
		}
		if page.Next == cursor {
			return all, errEndless
		}
		cursor = page.Next
		if err := s.write(ctx, mark); err != nil { // so that nobody takes it for abandoned
			return all, err
		}
	}
	return all, errEndless
}

// list asks for one page. A provider that panics has met something nobody documented.
func list(ctx context.Context, lister channel.Lister, since time.Time, cursor string) (page channel.Page, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("reading a page: %v: %w", cause, channel.ErrUnparsable)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	return lister.List(ctx, since, cursor)
}

// tell says what came of a sweep: aloud when it brought something.
func (s *Sweeper) tell(ctx context.Context, endpoint hook.Endpoint, taken hook.Taken, err error) {
	s.metrics.count(endpoint.Provider, taken, err, s.now())
	level, attributes := slog.LevelDebug, []slog.Attr{
		slog.String("provider", endpoint.Provider), slog.Int("inbound", taken.Inbound), slog.Int("receipts", taken.Receipts),
		slog.Int("others", taken.Others), slog.Int("known", taken.Known), slog.Int("unplaced", taken.Unplaced),
	}
	if taken.Inbound+taken.Receipts+taken.Others > 0 {
		level = slog.LevelInfo
	}
	if err != nil && !errors.Is(err, errTaken) && ctx.Err() == nil {
		level, attributes = slog.LevelWarn, append(attributes, slog.Any("err", err))
	}
	s.logger.LogAttrs(ctx, level, "account swept", attributes...)
}

// backoff doubles the wait with each failure.
func backoff(every time.Duration, failures int) time.Duration {
	wait := every
	for range min(failures-1, 10) {
		wait *= 2
	}
	return max(every, min(wait, maxWait))
}

// pause waits for about the time; false when ctx ended.
func pause(ctx context.Context, wait time.Duration) bool {
	if spread := wait / jitter; spread > 0 {
		wait += rand.N(2*spread) - spread //nolint:gosec // chance, no secret
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
