package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/pgserver"
)

// natsConfiguration is what an installation of one server has: what was acknowledged survives a power cut.
const natsConfiguration = `server_name: conversations
max_payload: 8MB
jetstream { max_memory_store: 64MB, max_file_store: 64GB, sync_interval: always }
`

// ErrNotProxied is returned when a connection is to be cut or slowed that has no relay: Config.Proxied is not set.
var ErrNotProxied = errors.New("not behind a relay")

// startNATS starts the server and waits for it: the services refuse to start without.
func (c *Cluster) startNATS(ctx context.Context) error {
	addresses, err := freeAddresses(ctx, 2) //nolint:mnd // clients and monitoring
	if err != nil {
		return err
	}
	client, monitor := take(&addresses), take(&addresses)
	path := filepath.Join(c.cfg.Directory, "nats.conf")
	text := fmt.Sprintf("listen: %s\nhttp: %s\n%s%s\n", client, monitor, natsConfiguration, c.cfg.NATS)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing the configuration of NATS: %w", err)
	}
	c.natsURL = "nats://" + client
	c.nats = &Process{
		Name: nameNATS, Copy: 1, program: filepath.Join(c.cfg.Binaries, nameNATS), directory: c.cfg.Directory,
		arguments: []string{"-c", path, "-sd", filepath.Join(c.cfg.Directory, "nats")},
		logPath:   filepath.Join(c.cfg.Directory, "logs", nameNATS+".log"), base: "http://" + monitor, readyPath: "/healthz",
		environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(c.cfg.Directory, "home")},
	}
	return c.StartNATS(ctx)
}

// startPostgres makes the database and starts it.
func (c *Cluster) startPostgres(ctx context.Context) error {
	var err error
	path := filepath.Join(c.cfg.Directory, "logs", namePostgres+".log")
	//nolint:gosec // the path is the caller's directory
	if c.postgresLog, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return fmt.Errorf("opening the log of the database: %w", err)
	}
	c.postgres, err = pgserver.Start(ctx, pgserver.Config{
		Directory: filepath.Join(c.cfg.Directory, namePostgres), Settings: c.cfg.Postgres,
		Logger: slog.New(slog.NewJSONHandler(c.postgresLog, nil)),
	})
	if err != nil {
		return fmt.Errorf("starting the database: %w", err)
	}
	return nil
}

// KillNATS ends the NATS server as kill -9 does.
func (c *Cluster) KillNATS() error { return c.nats.Kill() }

// StartNATS starts the NATS server again after KillNATS, and returns when it has opened its streams.
func (c *Cluster) StartNATS(ctx context.Context) error {
	if err := c.nats.Start(ctx); err != nil {
		return err
	}
	return c.nats.Ready(ctx)
}

// CutNATS ends every connection of the services with NATS and tells how many there were.
func (c *Cluster) CutNATS() (int, error) {
	if c.natsRelay == nil {
		return 0, fmt.Errorf("cutting the connections with NATS: %w", ErrNotProxied)
	}
	return c.natsRelay.cut(), nil
}

// SlowNATS holds everything NATS says to the services back; 0 ends that.
func (c *Cluster) SlowNATS(delay time.Duration) error {
	if c.natsRelay == nil {
		return fmt.Errorf("slowing NATS: %w", ErrNotProxied)
	}
	c.natsRelay.slow(delay)
	return nil
}

// StopPostgres ends the database with a fast shutdown.
func (c *Cluster) StopPostgres(ctx context.Context) error { return c.postgres.Pause(ctx) }

// KillPostgres ends the database as a power cut does.
func (c *Cluster) KillPostgres() error { return c.postgres.Kill() }

// StartPostgres starts the database again, and returns when it takes connections.
func (c *Cluster) StartPostgres(ctx context.Context) error { return c.postgres.Restart(ctx) }

// CutPostgres ends every connection of the services with the database and tells how many there were.
func (c *Cluster) CutPostgres() (int, error) {
	if c.postgresRelay == nil {
		return 0, fmt.Errorf("cutting the connections with the database: %w", ErrNotProxied)
	}
	return c.postgresRelay.cut(), nil
}

// SlowPostgres holds everything the database says to the services back; 0 ends that.
func (c *Cluster) SlowPostgres(delay time.Duration) error {
	if c.postgresRelay == nil {
		return fmt.Errorf("slowing the database: %w", ErrNotProxied)
	}
	c.postgresRelay.slow(delay)
	return nil
}
