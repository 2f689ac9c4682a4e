package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/pgserver"
)

const (
	readyTimeout = 2 * time.Minute
	endTimeout   = 30 * time.Second
	folderMode   = 0o750
	namePostgres = "postgres"
)

// Config says what is started, and how.
type Config struct {
	// Binaries is the folder that Build filled.
	Binaries string
	// Directory holds everything else: data and logs. It is made, and left behind.
	Directory string
	// Copies is how many processes of a service run, by its name; 1 unless it says otherwise.
	Copies map[string]int
	// Env joins the environment of every service.
	Env map[string]string
	// NATS is further configuration of the NATS server. A block in it replaces ours of that name; where the streams are
	// kept is not its to say.
	NATS string
	// Postgres are settings of the Postgres server.
	Postgres map[string]string
	// Proxied puts NATS and Postgres behind relays that can be cut and slowed.
	Proxied bool
	// Logger hears what the cluster itself does; nil discards.
	Logger *slog.Logger
}

// Cluster is a running system.
type Cluster struct {
	cfg      Config
	postgres *pgserver.Server
	// postgresLog is where the database reports, as the processes do in their logs.
	postgresLog *os.File
	nats        *Process
	sandbox     *Process
	processes   []*Process
	natsURL     string
	gateway     string
	webhook     string
	// environ is what every service gets; each copy adds its own address.
	environ   map[string]string
	balancers []*balancer
	// natsRelay and postgresRelay are nil unless Proxied.
	natsRelay, postgresRelay *relay
}

// Start starts everything and returns when all of it is ready.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if cfg.Directory, err = filepath.Abs(cfg.Directory); err != nil {
		return nil, fmt.Errorf("locating the directory: %w", err)
	}
	if cfg.Binaries, err = filepath.Abs(cfg.Binaries); err != nil {
		return nil, fmt.Errorf("locating the programs: %w", err)
	}
	c := &Cluster{cfg: cfg}
	if err := c.start(ctx); err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
		defer cancel()
		return nil, errors.Join(err, c.Stop(stopping))
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, folder := range []string{"logs", "faults", "blobs", "nats", "home"} {
		if err := os.MkdirAll(filepath.Join(c.cfg.Directory, folder), folderMode); err != nil {
			return fmt.Errorf("making the folders: %w", err)
		}
	}
	if err := c.startPostgres(ctx); err != nil {
		return err
	}
	if err := c.startNATS(ctx); err != nil {
		return err
	}
	if err := c.plan(ctx); err != nil {
		return err
	}
	for _, p := range c.everyProgram() {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	return c.Ready(ctx)
}

// Ready waits until every program is ready.
func (c *Cluster) Ready(ctx context.Context) error {
	return each(c.everyProgram(), func(p *Process) error { return p.Ready(ctx) })
}

// everyProgram is the sandbox and the services.
func (c *Cluster) everyProgram() []*Process {
	if c.sandbox == nil {
		return nil
	}
	return append([]*Process{c.sandbox}, c.processes...)
}

// Stop ends everything: the services first, as they are ended in an installation, then what they stand on. A program
// that does not end by itself within half a minute is killed, and that is an error.
func (c *Cluster) Stop(ctx context.Context) error {
	problems := []error{each(c.everyProgram(), func(p *Process) error { return end(ctx, p) })}
	for _, b := range c.balancers {
		b.close()
	}
	for _, r := range []*relay{c.natsRelay, c.postgresRelay} {
		if r != nil {
			r.close()
		}
	}
	if c.nats != nil {
		problems = append(problems, end(ctx, c.nats))
	}
	if c.postgres != nil {
		problems = append(problems, c.postgres.Stop(ctx))
	}
	if c.postgresLog != nil {
		problems = append(problems, c.postgresLog.Close())
	}
	return errors.Join(problems...)
}

func end(ctx context.Context, p *Process) error {
	ctx, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	if p.Paused() {
		if err := p.Resume(); err != nil && !errors.Is(err, ErrExited) {
			return err
		}
	}
	return p.Terminate(ctx)
}

// each does something to all processes at once.
func each(processes []*Process, do func(p *Process) error) error {
	problems := make([]error, len(processes))
	var all sync.WaitGroup
	for i, p := range processes {
		all.Go(func() { problems[i] = do(p) })
	}
	all.Wait()
	return errors.Join(problems...)
}

// Gateway is the base URL of the gateway, of a balancer before its copies when there are several.
func (c *Cluster) Gateway() string { return c.gateway }

// Webhook is the base URL that the sandbox posts to, of a balancer before the copies when there are several.
func (c *Cluster) Webhook() string { return c.webhook }

// Sandbox is the base URL of the sandbox.
func (c *Cluster) Sandbox() string { return c.sandbox.base }

// NATSURL is the NATS server itself, not the relay before it.
func (c *Cluster) NATSURL() string { return c.natsURL }

// DatabaseURL is the database itself, not the relay before it, for a superuser.
func (c *Cluster) DatabaseURL() string { return c.postgres.URL(namePostgres) }

// BlobFolder is where the services keep files.
func (c *Cluster) BlobFolder() string { return filepath.Join(c.cfg.Directory, "blobs") }

// Environment is what every service gets, its own address aside.
func (c *Cluster) Environment() map[string]string { return maps.Clone(c.environ) }

// Processes are the copies of the services, in the order they were started first.
func (c *Cluster) Processes() []*Process { return append([]*Process(nil), c.processes...) }

// Of are the copies of one service.
func (c *Cluster) Of(service string) []*Process {
	var found []*Process
	for _, p := range c.processes {
		if p.Name == service {
			found = append(found, p)
		}
	}
	return found
}

// SandboxProcess is the sandbox.
func (c *Cluster) SandboxProcess() *Process { return c.sandbox }

// NATS is the NATS server.
func (c *Cluster) NATS() *Process { return c.nats }

// Postgres is the database server.
func (c *Cluster) Postgres() *pgserver.Server { return c.postgres }
