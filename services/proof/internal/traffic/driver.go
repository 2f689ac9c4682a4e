package traffic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
)

const (
	// maxUnderWay bounds the operations that go on at once; what would begin beyond it is recorded as failed.
	maxUnderWay = 4_096
	// maxPreparing bounds the sign-ups at once: each costs the hash of a password.
	maxPreparing = 4
)

// The channels.
const (
	email    = "email"
	sms      = "sms"
	whatsApp = "whatsapp"
	call     = "call"
)

// Config says what is driven, and how hard.
type Config struct {
	// Gateway and Sandbox are base URLs.
	Gateway, Sandbox string
	Workspaces       int
	// Rate is operations a second in total.
	Rate float64
	Seed uint64
	// Channels are those that are used; none means all.
	Channels []string
	// Sockets are following clients a workspace.
	Sockets int
	// NATSURL and DatabaseURL let Quiet see for itself that nothing is in flight; without them it goes by the APIs alone.
	NATSURL, DatabaseURL string
	Logger               *slog.Logger
}

// Driver drives the load.
type Driver struct {
	cfg     Config
	record  *history.Recorder
	sandbox *web
	offices []*office
	markers atomic.Int64
	// room holds one token for each operation under way.
	room    chan struct{}
	begun   sync.WaitGroup
	random  *rand.Rand
	pattern *regexp.Regexp

	mu sync.Mutex
	// left are the sends of no lane that were begun and not answered.
	left []*draft
}

// New makes a driver.
func New(cfg Config, record *history.Recorder) (*Driver, error) {
	if cfg.Gateway == "" || cfg.Sandbox == "" {
		return nil, errors.New("the addresses of the gateway and of the sandbox are needed")
	}
	if cfg.Workspaces < 1 || cfg.Rate <= 0 {
		return nil, errors.New("there is no load without workspaces and a rate")
	}
	if len(cfg.Channels) == 0 {
		cfg.Channels = []string{email, sms, whatsApp, call}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Driver{
		cfg: cfg, record: record, sandbox: newWeb(cfg.Sandbox, ""), room: make(chan struct{}, maxUnderWay),
		random:  rand.New(rand.NewPCG(cfg.Seed, 0)), //nolint:gosec // a load is no secret, and must be the same again
		pattern: regexp.MustCompile(markerPattern),
	}, nil
}

// Prepare signs the workspaces up and finds their addresses.
func (d *Driver) Prepare(ctx context.Context) error {
	d.offices = make([]*office, d.cfg.Workspaces)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxPreparing)
	for at := range d.offices {
		group.Go(func() error {
			opened, err := d.open(ctx, at)
			if err != nil {
				return fmt.Errorf("signing workspace %d up: %w", at, err)
			}
			d.offices[at] = opened
			return nil
		})
	}
	return group.Wait()
}

// Run drives the load until ctx ends. What the system answers is recorded and never an error of Run.
func (d *Driver) Run(ctx context.Context) error {
	if len(d.offices) == 0 {
		return errors.New("the workspaces are not signed up")
	}
	var beside sync.WaitGroup
	for _, o := range d.offices {
		for number := range d.cfg.Sockets {
			beside.Go(func() { d.follow(ctx, o, number) })
		}
	}
	if slices.Contains(d.cfg.Channels, call) {
		beside.Go(func() { d.answerPhones(ctx) })
	}
	d.schedule(ctx)
	d.begun.Wait()
	beside.Wait()
	return nil
}

// schedule begins an operation at each instant of the rate; one that is late is begun at once.
func (d *Driver) schedule(ctx context.Context) {
	pause := time.Duration(float64(time.Second) / d.cfg.Rate)
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for !next.After(time.Now()) {
			d.begin(ctx, d.choose())
			next = next.Add(pause)
		}
		timer.Reset(time.Until(next))
	}
}

// operation is one thing to be done, chosen but not begun.
type operation func(ctx context.Context)

// begin does an operation beside the others.
func (d *Driver) begin(ctx context.Context, do operation) {
	select {
	case d.room <- struct{}{}:
	default:
		d.record.Add(history.Record{Kind: history.Read, Outcome: history.Failed, Name: "shed", Detail: "too much is under way"})
		return
	}
	d.begun.Go(func() {
		defer func() { <-d.room }()
		do(ctx)
	})
}

// marker is a text that no other message of the run carries.
func (d *Driver) marker() string {
	return "m-" + strconv.FormatUint(d.cfg.Seed, 10) + "-" + strconv.FormatInt(d.markers.Add(1), 10) + "."
}
