// Package embedded runs a NATS server with JetStream inside this process: for one machine and for tests.
package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/galaxyco-ai/conversations/pkg/bus"
)

// InProcessOnly as a port lets nobody in but this process.
const InProcessOnly = -1

const (
	host         = "127.0.0.1"
	readyTimeout = 20 * time.Second
	maxMemory    = 64 << 20
	// maxStore is far above any disk: the streams bound themselves, and JetStream would else refuse to start where
	// the sum of their limits is more than the disk has free.
	maxStore = 1 << 40
)

// ErrNotReady is returned by Start when the server does not come up.
var ErrNotReady = errors.New("embedded NATS server is not ready")

// Config says where the server keeps its files. Only Directory is required.
type Config struct {
	Directory string
	// Port on the loopback interface; 0 takes a free one, InProcessOnly opens none.
	Port int
	// SyncAlways makes what was acknowledged survive a power cut, for a quarter of the speed.
	SyncAlways bool
	// Logger hears the server's warnings and errors; nil discards.
	Logger *slog.Logger
}

// Start runs the server and returns when it can be used. The caller ends it with Shutdown and WaitForShutdown.
func Start(cfg Config) (*server.Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	running, err := server.NewServer(cfg.options())
	if err != nil {
		return nil, fmt.Errorf("configuring the embedded NATS server: %w", err)
	}
	running.SetLoggerV2(&logger{to: cfg.Logger}, false, false, false)
	running.Start()
	if !running.ReadyForConnections(readyTimeout) {
		running.Shutdown()
		running.WaitForShutdown()
		return nil, fmt.Errorf("%w: its folder is %s", ErrNotReady, cfg.Directory)
	}
	return running, nil
}

func (c Config) options() *server.Options {
	port := c.Port
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return &server.Options{
		ServerName: "conversations", Host: host, Port: port, DontListen: c.Port == InProcessOnly,
		NoSigs: true, MaxPayload: bus.MaxPayload,
		JetStream: true, StoreDir: c.Directory, SyncAlways: c.SyncAlways,
		JetStreamMaxMemory: maxMemory, JetStreamMaxStore: maxStore,
	}
}

// logger passes the server's own log lines on.
type logger struct{ to *slog.Logger }

var _ server.Logger = (*logger)(nil)

// Noticef implements server.Logger.
func (l *logger) Noticef(format string, arguments ...any) {
	l.to.Debug("nats", text(format, arguments))
}

// Warnf implements server.Logger.
func (l *logger) Warnf(format string, arguments ...any) { l.to.Warn("nats", text(format, arguments)) }

// Fatalf implements server.Logger. It does not exit: Start reports that the server is not ready.
func (l *logger) Fatalf(format string, arguments ...any) { l.to.Error("nats", text(format, arguments)) }

// Errorf implements server.Logger.
func (l *logger) Errorf(format string, arguments ...any) { l.to.Error("nats", text(format, arguments)) }

// Debugf implements server.Logger.
func (l *logger) Debugf(format string, arguments ...any) { l.to.Debug("nats", text(format, arguments)) }

// Tracef implements server.Logger.
func (l *logger) Tracef(string, ...any) {}

func text(format string, arguments []any) slog.Attr {
	return slog.String("detail", fmt.Sprintf(format, arguments...))
}
