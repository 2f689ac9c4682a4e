package usage

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/plan"
	"github.com/galaxyco-ai/conversations/pkg/quota"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

const (
	defaultEvery = time.Second
	// defaultLeak is longer than a gateway takes between a reservation and its message.
	defaultLeak = 3 * time.Minute
	// late is how long after its end a period is still settled.
	late = 35 * 24 * time.Hour
)

var (
	//go:embed sql/returns.sql
	selectReturns string
	//go:embed sql/reserved.sql
	selectReserved string
)

// SettlerConfig says how often. The zero value is right for production.
type SettlerConfig struct {
	// Every is how often what changed is settled; 0 is 1 s.
	Every time.Duration
	// Leak is how old a reservation has to be for its message to be missed; 0 is 3 min.
	Leak time.Duration
}

// Settler gives back to the quotas what was reserved and not used, by the ledger. Of several processes each does it, one
// after the other: what is written is a total, so that doing it again is harmless.
type Settler struct {
	db     *postgres.DB
	bus    *bus.Bus
	logger *slog.Logger
	cfg    SettlerConfig

	mu  sync.Mutex
	due map[workspace.ID]bool
	// marks are reservations that may turn out to have leaked, looked is up to where none is unknown.
	marks  map[tally]mark
	looked map[tally]int64
}

// tally is one count of the quotas.
type tally struct {
	workspace workspace.ID
	period    string
	meter     plan.Meter
}

// mark is what had been reserved when it was looked at.
type mark struct {
	reserved int64
	at       time.Time
}

// NewSettler makes a Settler.
func NewSettler(db *postgres.DB, b *bus.Bus, logger *slog.Logger, cfg SettlerConfig) *Settler {
	if cfg.Every == 0 {
		cfg.Every = defaultEvery
	}
	if cfg.Leak == 0 {
		cfg.Leak = defaultLeak
	}
	return &Settler{
		db: db, bus: b, logger: logger, cfg: cfg, due: map[workspace.ID]bool{}, marks: map[tally]mark{},
		looked: map[tally]int64{},
	}
}

// Touch tells that what workspaces have used may have changed.
func (s *Settler) Touch(workspaces []workspace.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ws := range workspaces {
		s.due[ws] = true
	}
}

// Run settles until ctx ends. What changed while nobody ran is settled first.
func (s *Settler) Run(ctx context.Context) error {
	opened := map[string]*bus.Bucket{}
	for _, name := range []string{event.BucketPlans, event.BucketQuotas} {
		var err error
		if opened[name], err = s.bus.Bucket(ctx, name); err != nil {
			return err
		}
	}
	terms, err := bus.NewMirror(ctx, opened[event.BucketPlans], func() *bucketv1.Terms { return &bucketv1.Terms{} },
		func(_ string, value *bucketv1.Terms, _ bool) {
			if ws, err := workspace.ParseID(value.GetWorkspaceId()); err == nil {
				s.Touch([]workspace.ID{ws})
			}
		})
	if err != nil {
		return fmt.Errorf("following the plans bucket: %w", err)
	}
	defer terms.Stop()
	counts, err := bus.NewMirror(ctx, opened[event.BucketQuotas], func() *bucketv1.Quota { return &bucketv1.Quota{} }, s.note)
	if err != nil {
		return fmt.Errorf("following the quotas bucket: %w", err)
	}
	defer counts.Stop()
	ticker := time.NewTicker(s.cfg.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			s.settleDue(ctx, opened[event.BucketQuotas], terms)
		}
	}
}

// settleDue settles whoever is due and has limits. Who cannot be settled now stays due.
func (s *Settler) settleDue(ctx context.Context, quotas *bus.Bucket, terms *bus.Mirror[*bucketv1.Terms]) {
	for _, ws := range s.take() {
		record, ok := terms.Get(event.TermsKey(ws))
		if !ok || !isLimited(record) {
			continue
		}
		if err := s.settle(ctx, quotas, ws, record); err != nil && ctx.Err() == nil {
			s.logger.WarnContext(ctx, "quota not settled yet", slog.String("workspace", ws.String()), slog.Any("err", err))
			s.Touch([]workspace.ID{ws})
		}
	}
}

// isLimited tells whether a plan refuses anything.
func isLimited(terms *bucketv1.Terms) bool {
	for _, allowance := range terms.GetAllowances() {
		if !allowance.GetUnlimited() {
			return true
		}
	}
	return false
}

// take is whom to look at now: what changed, and whose reservations have become old enough.
func (s *Settler) take() []workspace.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t, m := range s.marks {
		if time.Since(m.at) > s.cfg.Leak {
			s.due[t.workspace] = true
		}
	}
	taken := make([]workspace.ID, 0, len(s.due))
	for ws := range s.due {
		taken = append(taken, ws)
	}
	s.due = map[workspace.ID]bool{}
	return taken
}

// settle writes what a workspace is given back, in every period that messages may still be under way of.
func (s *Settler) settle(ctx context.Context, quotas *bus.Bucket, ws workspace.ID, record *bucketv1.Terms) error {
	terms, err := plan.Read(record)
	if err != nil {
		return err
	}
	first := plan.PeriodAt(time.Now().Add(-late), terms.Zone).String()
	return s.db.InWorkspace(ctx, ws, func(ctx context.Context, tx postgres.Tx) error {
		// Whoever reads later writes later.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('usage/' || $1, 0))", ws.String()); err != nil {
			return fmt.Errorf("waiting for another one who settles: %w", err)
		}
		returns, err := readReturns(ctx, tx, terms, first)
		if err != nil {
			return err
		}
		for period, given := range returns {
			if err := s.findLeaks(ctx, tx, quotas, ws, period, given); err != nil {
				return err
			}
			if err := quota.Settle(ctx, quotas, ws, period, given); err != nil {
				return fmt.Errorf("settling %s: %w", period, err)
			}
		}
		return nil
	})
}

func readReturns(ctx context.Context, tx postgres.Tx, terms plan.Terms, first string) (map[string]map[plan.Meter]quota.Return, error) {
	rows, err := tx.Query(ctx, selectReturns, first)
	if err != nil {
		return nil, fmt.Errorf("adding up what was reserved: %w", err)
	}
	returns := map[string]map[plan.Meter]quota.Return{
		plan.PeriodAt(time.Now(), terms.Zone).String(): {},
	}
	var period, countedWith, meter string
	var settled int64
	_, err = pgx.ForEachRow(rows, []any{&period, &countedWith, &meter, &settled}, func() error {
		if returns[period] == nil {
			returns[period] = map[plan.Meter]quota.Return{}
		}
		counted := plan.Meter(countedWith)
		if countedWith == "" {
			counted = terms.CountedWith(plan.Meter(meter))
		}
		given := returns[period][counted]
		given.Settled += settled
		returns[period][counted] = given
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("adding up what was reserved: %w", err)
	}
	return returns, nil
}

// findLeaks adds to what is given back the reservations that are so old that their messages would be here, and are not.
func (s *Settler) findLeaks(
	ctx context.Context, tx postgres.Tx, quotas *bus.Bucket, ws workspace.ID, period string, given map[plan.Meter]quota.Return,
) error {
	held, err := quota.Read(ctx, quotas, ws, period)
	if err != nil {
		return err
	}
	for name, count := range held.GetTallies() {
		t := tally{workspace: ws, period: period, meter: plan.Meter(name)}
		reserved, isOld := s.old(t)
		if !isOld {
			continue
		}
		isCaughtUp, err := s.isCaughtUp(ctx)
		if err != nil {
			return err
		}
		if !isCaughtUp {
			continue
		}
		var known int64
		if err := tx.QueryRow(ctx, selectReserved, period, name, reserved).Scan(&known); err != nil {
			return fmt.Errorf("adding up what was reserved: %w", err)
		}
		back := given[t.meter]
		back.Leaked = new(reserved - known)
		given[t.meter] = back
		s.forget(t, reserved, count.GetReserved())
	}
	return nil
}

// note remembers what has been reserved, to look later whether its messages came.
func (s *Settler) note(_ string, quota *bucketv1.Quota, deleted bool) {
	ws, err := workspace.ParseID(quota.GetWorkspaceId())
	if err != nil {
		return // belongs to nobody
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, count := range quota.GetTallies() {
		t := tally{workspace: ws, period: quota.GetPeriod(), meter: plan.Meter(name)}
		_, isNoted := s.marks[t]
		switch {
		case deleted:
			delete(s.marks, t)
			delete(s.looked, t)
		case !isNoted && count.GetReserved() > s.looked[t]:
			s.marks[t] = mark{reserved: count.GetReserved(), at: time.Now()}
		}
	}
}

// old is what was reserved so long ago that its messages would be here.
func (s *Settler) old(t tally) (reserved int64, isOld bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.marks[t]
	return m.reserved, ok && time.Since(m.at) > s.cfg.Leak
}

// forget ends a look; what has been reserved since is for the next one.
func (s *Settler) forget(t tally, reserved, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked[t] = reserved
	delete(s.marks, t)
	if now > reserved {
		s.marks[t] = mark{reserved: now, at: time.Now()}
	}
}

// isCaughtUp tells that every message accepted until now is in the ledger.
func (s *Settler) isCaughtUp(ctx context.Context) (bool, error) {
	_, last, err := s.bus.Bounds(ctx, event.StreamSend)
	if err != nil {
		return false, err
	}
	consumer, err := s.bus.JetStream().Consumer(ctx, event.StreamSend, event.DurableStoreSend)
	if err != nil {
		return false, fmt.Errorf("%w: looking at %s: %w", bus.ErrUnavailable, event.DurableStoreSend, err)
	}
	return consumer.CachedInfo().AckFloor.Stream >= last, nil
}
