// Package reconcile asks providers what became of messages whose outcome is not known. What is found is told; what is
// not found proves nothing and stays unknown. It never sends.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/credential"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/delivery"
	"github.com/galaxyco-ai/conversations/services/outbound-sender/internal/ledger"
)

const (
	findTimeout = 20 * time.Second
	concurrent  = 8
	// slack is how far the provider's clock may be behind ours.
	slack = time.Minute
	// orphaned is how long a claim found at the start may stay unchanged before its attempt counts as unknown. The
	// stream brings its message again long before.
	orphaned = 10 * time.Minute
	// defaultMost bounds the messages that are followed at one time; more wait in the ledger.
	defaultMost = 10_000
)

// Waits are the waits before each look-up; after the last the message is left to a person.
func Waits() []time.Duration {
	return []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
}

// Config is what a Reconciler works with.
type Config struct {
	Bus         *bus.Bus
	Ledger      *ledger.Ledger
	Credentials *credential.Pool
	PublicURL   string
	Waits       []time.Duration
	// Most bounds the messages that are followed at one time; 0 is 10,000.
	Most   int
	Logger *slog.Logger
}

// Reconciler looks up unknown outcomes while it runs.
type Reconciler struct {
	cfg   Config
	slots chan struct{}

	mu        sync.Mutex
	running   context.Context        //nolint:containedctx // look-ups begin while Run runs, and end with it
	following map[string]*time.Timer // the next step, by message, attempt and state; waiting takes no goroutine
	missed    bool                   // something was left in the ledger because too much was followed
	room      chan struct{}          // holds one token when what was missed can be taken up
	steps     sync.WaitGroup         // those that wait for their time included
}

// New makes a Reconciler.
func New(cfg Config) *Reconciler {
	if cfg.Most == 0 {
		cfg.Most = defaultMost
	}
	return &Reconciler{
		cfg: cfg, slots: make(chan struct{}, concurrent), following: map[string]*time.Timer{}, room: make(chan struct{}, 1),
	}
}

// Run looks up what the ledger holds as unknown, and what Add brings, until ctx is done.
func (r *Reconciler) Run(ctx context.Context) error {
	r.mu.Lock()
	r.running = ctx
	r.mu.Unlock()
	for ctx.Err() == nil {
		if err := r.load(ctx); err != nil {
			r.cfg.Logger.WarnContext(ctx, "ledger not read, trying again", slog.String("error", err.Error()))
			pause(ctx, time.Second)
			continue
		}
		select {
		case <-r.room:
		case <-ctx.Done():
		}
	}
	r.stop()
	return nil
}

// stop forgets the steps whose time has not come and waits for the others.
func (r *Reconciler) stop() {
	r.mu.Lock()
	r.running = nil
	for _, timer := range r.following {
		if timer.Stop() {
			r.steps.Done()
		}
	}
	clear(r.following)
	r.mu.Unlock()
	r.steps.Wait()
}

// Add looks up an unknown outcome, from time to time, until it is found or left to a person. Before Run and after it
// Add does nothing: the ledger is read at the next start.
func (r *Reconciler) Add(record ledger.Record) {
	r.mu.Lock()
	running := r.running
	r.mu.Unlock()
	if running != nil {
		r.begin(running, record)
	}
}

func (r *Reconciler) begin(ctx context.Context, record ledger.Record) {
	entry := record.Entry
	key := fmt.Sprint(entry.GetWorkspaceId(), entry.GetMessageId(), entry.GetAttempt(), entry.GetState())
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.running == nil, r.following[key] != nil:
	case entry.GetState() == ledger.Unknown && int(entry.GetLookups()) >= len(r.cfg.Waits): // left to a person
	case len(r.following) >= r.cfg.Most:
		r.missed = true
	default:
		r.schedule(key, 0, func() { r.follow(ctx, key, record) })
	}
}

// schedule sets the next step of what is followed. The caller holds the lock.
func (r *Reconciler) schedule(key string, delay time.Duration, step func()) {
	r.steps.Add(1)
	r.following[key] = time.AfterFunc(delay, func() {
		defer r.steps.Done()
		step()
	})
}

// after is schedule for a step under way, while Run runs.
func (r *Reconciler) after(key string, delay time.Duration, step func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running != nil {
		r.schedule(key, delay, step)
	}
}

// done makes room, and asks for what was missed when there is enough of it.
func (r *Reconciler) done(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.following, key)
	if !r.missed || len(r.following) > r.cfg.Most/2 {
		return
	}
	r.missed = false
	select {
	case r.room <- struct{}{}:
	default:
	}
}

func (r *Reconciler) load(ctx context.Context) error {
	for record, err := range r.cfg.Ledger.Unfinished(ctx) {
		if err != nil {
			return err
		}
		r.begin(ctx, record)
	}
	return nil
}

// follow begins to look one message up, which goes on until nothing more is to be learned.
func (r *Reconciler) follow(ctx context.Context, key string, record ledger.Record) {
	switch record.Entry.GetState() {
	case ledger.Decided:
		if err := r.carryOut(ctx, record, nil); err != nil {
			r.cfg.Logger.ErrorContext(ctx, "what a person decided is not carried out",
				slog.String("message", record.Entry.GetMessageId()), slog.String("error", err.Error()))
		}
		r.done(key)
	case ledger.Claimed:
		r.after(key, orphaned, func() { r.adopt(ctx, key, record) })
	default:
		r.wait(ctx, key, record)
	}
}

// wait lets the time until the next look-up pass; after the last there is none.
func (r *Reconciler) wait(ctx context.Context, key string, record ledger.Record) {
	looked := int(record.Entry.GetLookups())
	if looked >= len(r.cfg.Waits) {
		r.done(key)
		return
	}
	r.after(key, jitter(r.cfg.Waits[looked]), func() { r.look(ctx, key, record) })
}

// look makes one look-up and waits for the next.
func (r *Reconciler) look(ctx context.Context, key string, record ledger.Record) {
	next, err := r.turn(ctx, record)
	switch {
	case errors.Is(err, errOver):
		r.done(key)
	case err != nil:
		r.cfg.Logger.WarnContext(ctx, "look-up interrupted", slog.String("message", record.Entry.GetMessageId()),
			slog.String("error", err.Error()))
		r.wait(ctx, key, record)
	default:
		r.wait(ctx, key, next)
	}
}

// adopt looks up an old claim that nobody has touched.
func (r *Reconciler) adopt(ctx context.Context, key string, record ledger.Record) {
	record, orphan := r.orphan(ctx, record)
	if !orphan {
		r.done(key)
		return
	}
	r.wait(ctx, key, record)
}

// errOver tells that there is nothing more to look up.
var errOver = errors.New("nothing to look up")

// turn makes one look-up when there is room for it, and returns the entry as it is afterwards.
func (r *Reconciler) turn(ctx context.Context, record ledger.Record) (ledger.Record, error) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return record, errOver
	}
	current, err := r.current(ctx, record)
	if err != nil || current.Entry.GetLookups() != record.Entry.GetLookups() { // looked up meanwhile
		return current, err
	}
	found, err := r.find(ctx, current.Entry)
	if err == nil {
		err = r.tell(ctx, current, found)
		if !errors.Is(err, ledger.ErrHeld) { // what is held is the twin of another message
			return current, err
		}
	}
	if errors.Is(err, errOver) {
		return record, err
	}
	entry := proto.CloneOf(current.Entry)
	entry.Lookups++
	r.cfg.Logger.InfoContext(ctx, "outcome still unknown", slog.String("message", entry.GetMessageId()),
		slog.Int("lookups", int(entry.GetLookups())), slog.String("error", err.Error()))
	return r.write(ctx, current, entry)
}

// orphan makes an old claim unknown that nobody has touched, and tells so. It reports whether it did.
func (r *Reconciler) orphan(ctx context.Context, record ledger.Record) (ledger.Record, bool) {
	ws, err := workspace.ParseID(record.Entry.GetWorkspaceId())
	if err != nil {
		return record, false
	}
	current, err := r.cfg.Ledger.Read(ctx, ws, record.Entry.GetMessageId())
	if err != nil || current.Revision != record.Revision {
		return record, false
	}
	entry := proto.CloneOf(current.Entry)
	entry.State, entry.Status, entry.FinishedAt = ledger.Unknown, string(channel.Unknown), timestamppb.Now()
	entry.Failure = delivery.FailureProto(*channel.NewFailure(channel.CodeOutcomeUnknown, "", ""))
	if err := delivery.PublishReceipt(ctx, r.cfg.Bus, entry, delivery.StepUnknown); err != nil {
		return record, false
	}
	written, err := r.write(ctx, current, entry)
	return written, err == nil
}

func (r *Reconciler) write(
	ctx context.Context, read ledger.Record, entry *bucketv1.LedgerEntry,
) (ledger.Record, error) {
	written, err := r.cfg.Ledger.Write(ctx, read, entry)
	if err != nil {
		return read, fmt.Errorf("recording a look-up: %w", err)
	}
	return written, nil
}

// jitter strays by a tenth, so that what became unknown together is not looked up together.
func jitter(wait time.Duration) time.Duration {
	return wait + rand.N(wait/10+1) //nolint:gosec // jitter is no secret
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
