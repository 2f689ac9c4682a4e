package callback

import (
	"container/heap"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/fault"
)

const (
	workers     = 32
	maxWaiting  = 200_000
	postTimeout = 10 * time.Second
	maxAnswer   = 64 << 10
	// hurry is longer than any pause between two attempts.
	hurry = 24 * time.Hour
)

// Callback is one webhook to be posted.
type Callback struct {
	Provider string
	// Name says what it tells, for the log.
	Name string
	// About is the provider's id of the message it is about; empty when it is about none.
	About string
	At    time.Time
	// Waits are the pauses before the second, third … attempt; after the last one the callback is lost.
	Waits []time.Duration
	// Request makes the signed request; it is asked anew for every attempt.
	Request func(context.Context) (*http.Request, error)
	// Check tells what is wrong with an answer that is 2xx; nil accepts any.
	Check func(body []byte) error
	// Ended is told once how it went: nil when it was taken. May be nil.
	Ended func(error)

	attempt   int
	duplicate bool
	sequence  uint64
}

// Attempt is what came of posting a callback once.
type Attempt struct {
	Provider, Name, About string
	At                    time.Time
	// Number counts the attempts from one. Status is what the webhook answered; 0 when it did not.
	Number, Status int
	// Outcome is taken, retried, lost, dropped or overflow.
	Outcome string
	Err     error
}

// Dispatcher posts callbacks when they are due.
type Dispatcher struct {
	client *http.Client
	faults *fault.Set
	logger *slog.Logger
	public string
	counts *prometheus.CounterVec
	// watchers are told of every attempt.
	watchers []func(Attempt)

	mu       sync.Mutex
	waiting  queue
	sequence uint64
	wake     chan struct{}
}

// New makes a dispatcher that posts to publicURL, the public base of the webhooks, and to this machine. The watchers are
// told of every attempt, in no order.
func New(
	publicURL string, faults *fault.Set, logger *slog.Logger, registry prometheus.Registerer, watchers ...func(Attempt),
) (*Dispatcher, error) {
	parsed, err := url.Parse(publicURL)
	if err != nil || parsed.Host == "" {
		return nil, fmt.Errorf("reading the public URL of the webhooks: %q is no absolute URL", publicURL)
	}
	counts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "conversations_sandbox_callbacks_total",
		Help: "Webhook posts by provider and outcome.",
	}, []string{"provider", "outcome"})
	if err := registry.Register(counts); err != nil {
		return nil, fmt.Errorf("registering the counter of the callbacks: %w", err)
	}
	return &Dispatcher{
		client: newClient(), faults: faults, logger: logger, public: parsed.Host, counts: counts,
		wake: make(chan struct{}, 1), watchers: watchers,
	}, nil
}

// newClient ignores proxies and redirects: nothing leaves for another place than it was meant for.
func newClient() *http.Client {
	return &http.Client{
		Timeout:   postTimeout,
		Transport: &http.Transport{MaxIdleConnsPerHost: workers, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// Reachable tells whether the sandbox would post to a URL: it belongs to the webhooks, or to this machine.
func (d *Dispatcher) Reachable(rawURL string) bool {
	parsed, err := url.Parse(rawURL)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return false
	}
	ip := net.ParseIP(parsed.Hostname())
	return parsed.Host == d.public || parsed.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// Deliver schedules callbacks about one message. Told to shuffle, it never keeps the order of several.
func (d *Dispatcher) Deliver(callbacks ...Callback) {
	if len(callbacks) > 1 && d.faults.Rule(callbacks[0].Provider).ShuffleCallbacks {
		shuffle(callbacks)
	}
	for _, one := range callbacks {
		d.put(one)
	}
}

// Clear forgets what waits.
func (d *Dispatcher) Clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = nil
}

// Waiting counts the callbacks that are yet to be posted.
func (d *Dispatcher) Waiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting)
}

// Hurry makes every callback that waits due at once, in the order they would have been.
func (d *Dispatcher) Hurry() {
	d.mu.Lock()
	for i := range d.waiting {
		d.waiting[i].At = d.waiting[i].At.Add(-hurry) // all alike: the heap stays in order
	}
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run posts callbacks until ctx ends, and returns when every worker has.
func (d *Dispatcher) Run(ctx context.Context) error {
	due := make(chan Callback)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for one := range due {
				d.attempt(ctx, one)
			}
		})
	}
	d.schedule(ctx, due)
	close(due)
	group.Wait()
	d.client.CloseIdleConnections()
	return nil
}

func (d *Dispatcher) schedule(ctx context.Context, due chan<- Callback) {
	for {
		next, wait := d.take(time.Now())
		if next != nil {
			select {
			case due <- *next:
				continue
			case <-ctx.Done():
				return
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-d.wake:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// take gives the next callback that is due, or how long to wait for it.
func (d *Dispatcher) take(now time.Time) (*Callback, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) == 0 {
		return nil, time.Minute
	}
	if wait := d.waiting[0].At.Sub(now); wait > 0 {
		return nil, wait
	}
	next, _ := heap.Pop(&d.waiting).(Callback)
	return &next, 0
}

func (d *Dispatcher) put(one Callback) {
	d.mu.Lock()
	full := len(d.waiting) >= maxWaiting
	if !full {
		d.sequence++
		one.sequence = d.sequence
		heap.Push(&d.waiting, one)
	}
	d.mu.Unlock()
	if full {
		d.end(one, "overflow", 0, errFull)
		return
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *Dispatcher) attempt(ctx context.Context, one Callback) {
	rule := d.faults.Rule(one.Provider)
	if rule.DropCallbacks {
		d.end(one, "dropped", 0, errDropped)
		return
	}
	if rule.DuplicateCallbacks && !one.duplicate && one.attempt == 0 {
		second := one
		second.duplicate, second.Ended = true, nil
		d.put(second)
	}
	status, err := d.post(ctx, one)
	if err == nil {
		d.end(one, "taken", status, nil)
		return
	}
	if one.attempt >= len(one.Waits) {
		d.end(one, "lost", status, err)
		return
	}
	d.note(one, "retried", status, err)
	one.At = time.Now().Add(one.Waits[one.attempt])
	one.attempt++
	d.put(one)
}

// post posts a callback and gives the status of the answer, 0 without one.
func (d *Dispatcher) post(ctx context.Context, one Callback) (int, error) {
	request, err := one.Request(ctx)
	if err != nil {
		return 0, fmt.Errorf("making the callback: %w", err)
	}
	request.Header.Set("User-Agent", "conversations-sandbox/1")
	response, err := d.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("posting the callback: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // what matters has been read by then
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case response.StatusCode < 200 || response.StatusCode > 299:
		return response.StatusCode, fmt.Errorf("the webhook answered %d", response.StatusCode)
	case err != nil:
		return response.StatusCode, fmt.Errorf("reading the answer: %w", err)
	case one.Check != nil:
		return response.StatusCode, one.Check(body)
	default:
		return response.StatusCode, nil
	}
}

// note counts an attempt and tells the watchers.
func (d *Dispatcher) note(one Callback, outcome string, status int, err error) {
	d.counts.WithLabelValues(one.Provider, outcome).Inc()
	for _, watch := range d.watchers {
		watch(Attempt{
			Provider: one.Provider, Name: one.Name, About: one.About, At: time.Now().UTC(), Number: one.attempt + 1,
			Status: status, Outcome: outcome, Err: err,
		})
	}
}

func (d *Dispatcher) end(one Callback, outcome string, status int, err error) {
	d.note(one, outcome, status, err)
	if err != nil {
		d.logger.Info("callback not taken",
			slog.String("provider", one.Provider), slog.String("callback", one.Name),
			slog.String("outcome", outcome), slog.Any("err", err))
	}
	if one.Ended != nil {
		one.Ended(err)
	}
}

// shuffle hands the due times out anew: the callbacks are rotated, so that none keeps its place.
func shuffle(callbacks []Callback) {
	times := make([]time.Time, len(callbacks))
	for i, one := range callbacks {
		times[i] = one.At
	}
	by := 1 + rand.IntN(len(callbacks)-1) //nolint:gosec // an order of arrival is no secret
	for i := range callbacks {
		callbacks[i].At = times[(i+by)%len(times)]
	}
}
