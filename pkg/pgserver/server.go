package pgserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	superuser    = "postgres"
	startTimeout = time.Minute
	retryWait    = 50 * time.Millisecond
	pollWait     = 5 * time.Millisecond
)

// ErrInUse is returned by Start when another process of ours has its server in the directory.
var ErrInUse = errors.New("directory is in use by another process")

// Config says where the server keeps its data. Only Directory is required.
type Config struct {
	// Directory holds the data, the password and, when its name is short enough, the Unix socket. It is made.
	Directory string
	// Port is the TCP port on the loopback address; 0 takes a free one.
	Port int
	// Logger hears what the server reports; nil discards.
	Logger *slog.Logger
	// Settings are server settings that replace or join ours, by name.
	Settings map[string]string
}

// Server is a running PostgreSQL. Its methods are safe for concurrent use.
type Server struct {
	cfg          Config
	installation Installation
	account      *account
	lock         *os.File
	password     string

	mu      sync.Mutex
	port    int
	process *process
}

// Start starts the server, making its data when there is none, and returns when it takes connections. ctx bounds the
// start alone. It returns ErrNotInstalled or ErrInUse.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	directory, err := filepath.Abs(cfg.Directory)
	if err != nil {
		return nil, fmt.Errorf("locating the database directory: %w", err)
	}
	cfg.Directory = directory
	server := &Server{cfg: cfg, port: cfg.Port}
	if err := server.open(ctx); err != nil {
		server.release()
		return nil, err
	}
	return server, nil
}

func (s *Server) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var err error
	if s.account, err = chooseAccount(); err != nil {
		return err
	}
	if err := os.MkdirAll(s.cfg.Directory, 0o700); err != nil {
		return fmt.Errorf("making the database directory: %w", err)
	}
	if s.lock, err = lockFile(filepath.Join(s.cfg.Directory, "lock")); err != nil {
		return err
	}
	if s.installation, err = find(ctx, majorOf(s.dataDirectory())); err != nil {
		return err
	}
	if err := s.initialize(ctx); err != nil {
		return err
	}
	return s.Restart(ctx)
}

// URL is the address of a database for the superuser.
func (s *Server) URL(database string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return address.String()
}

// Done is closed when the server that runs now has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.exited
}

// Pause shuts the server down as Stop does, but keeps the directory, so that Restart can bring it back.
func (s *Server) Pause(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.stop(ctx)
}

// Stop ends connections, writes everything down and gives the directory free. It may be called twice. When ctx ends
// first the server is killed, and repairs itself when it starts again.
func (s *Server) Stop(ctx context.Context) error {
	err := s.Pause(ctx)
	s.release()
	return err
}

// Kill ends the server and everything it started with SIGKILL, as a power cut does, and waits until they are gone.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.kill()
}

// Restart starts the server again on the same port after Pause or Kill, and returns when it takes connections. While
// the server runs it does nothing.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil && !s.process.hasExited() {
		return nil
	}
	if err := s.stopPredecessor(ctx); err != nil {
		return err
	}
	for {
		err := s.launch(ctx)
		if !errors.Is(err, errTryAgain) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(retryWait):
		}
	}
}

func (s *Server) release() {
	if s.lock != nil {
		_ = s.lock.Close() // closing gives the lock free
	}
}

func (s *Server) dataDirectory() string { return filepath.Join(s.cfg.Directory, "data") }

// choosePort keeps the port of an earlier start, so that pools find the server again.
func (s *Server) choosePort(ctx context.Context) error {
	if s.port != 0 {
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("looking for a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return fmt.Errorf("looking for a free port: unexpected address %s", listener.Addr())
	}
	s.port = address.Port
	return nil
}

// lockFile takes the lock of a directory. The kernel gives it free when the process ends.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the caller's directory
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the database directory: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, filepath.Dir(path))
	}
	return file, nil
}
