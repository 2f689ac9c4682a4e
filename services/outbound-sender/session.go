package sender

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/file"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/intake"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/permit"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/reconcile"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/schedule"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/turn"
)

const (
	// stopGrace is how long calls to providers under way may still take when the process stops.
	stopGrace  = 8 * time.Second
	checkEvery = 500 * time.Millisecond
	longestTry = 4 * time.Minute

	// automaticMost is how many messages programs may write in one conversation within automaticWithin.
	automaticMost   = 5
	automaticWithin = 10 * time.Minute
)

// sessions makes what works while the lease is held: one session after the other.
type sessions struct {
	cfg      Config
	bus      *bus.Bus
	pool     *credential.Pool
	deliver  delivery.Config
	measures *measures
}

// newSessions completes with, what deliveries work with in every session.
func newSessions(
	ctx context.Context, cfg Config, connected *bus.Bus, with delivery.Config,
) (*sessions, error) {
	var err error
	if with.Ledger, err = ledger.Open(ctx, connected); err != nil {
		return nil, err
	}
	if with.Automatic, err = permit.NewAutomatic(automaticMost, automaticWithin); err != nil {
		return nil, err
	}
	if with.Measures, err = delivery.NewMeasures(cfg.Metrics); err != nil {
		return nil, err
	}
	waiting, err := newMeasures(cfg.Metrics, with.Credentials)
	if err != nil {
		return nil, err
	}
	with.Bus, with.Logger, with.Tracing = connected, cfg.Logger, cfg.Tracing
	with.PublicURL, with.SendTimeout = cfg.WebhookPublicURL, cfg.SendTimeout
	with.Patience = delivery.Patience{
		Tries: cfg.RetryTries, Within: cfg.RetryWithin, First: cfg.RetryFirst, Longest: longestTry,
	}
	return &sessions{cfg: cfg, bus: connected, pool: with.Credentials, measures: waiting, deliver: with}, nil
}

// run is one session. When ctx ends, calls under way are finished and everything else is given back.
func (s *sessions) run(ctx context.Context) error {
	working, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	scheduler := schedule.New(working, s.cfg.Workers)
	reconciler := s.reconciler()
	deliver := s.deliver
	deliver.Unknown, deliver.Budget = reconciler.Add, file.NewBudget(s.cfg.FileBytes)
	deliver.Turnstile = turn.New(s.cfg.Workers)
	deliverer := delivery.New(deliver)
	in := intake.New(intake.Config{
		Bus: s.bus, Scheduler: scheduler, Open: deliverer.Open, Window: s.cfg.Window, Allowance: s.cfg.Allowance,
		MaxDiverted: s.cfg.MaxDiverted, CheckEvery: checkEvery, Logger: s.cfg.Logger,
	})
	s.measures.watch(scheduler, in)
	defer s.measures.watch(nil, nil)

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return in.Run(ctx) })
	group.Go(func() error { return reconciler.Run(ctx) })
	group.Go(func() error { return s.pool.Report(ctx, s.bus) })
	group.Go(func() error {
		<-ctx.Done()
		timer := time.AfterFunc(stopGrace, cut)
		defer timer.Stop()
		scheduler.Close()
		s.pool.Forget()
		return nil
	})
	return group.Wait()
}

func (s *sessions) reconciler() *reconcile.Reconciler {
	waits := s.cfg.LookupWaits
	if waits == nil {
		waits = reconcile.Waits()
	}
	return reconcile.New(reconcile.Config{
		Bus: s.bus, Ledger: s.deliver.Ledger, Credentials: s.pool, PublicURL: s.cfg.WebhookPublicURL,
		Waits: waits, Logger: s.cfg.Logger,
	})
}
