package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errTryAgain marks a start that failed for a reason that passes.
var errTryAgain = errors.New("not yet")

// errLives is returned for a server that the kernel does not end, which waits for a disk that does not answer.
var errLives = errors.New("PostgreSQL has not ended")

// endTime is how long a process that was killed is waited for.
const endTime = 30 * time.Second

// maxSocketPath is what fits into the address of a Unix socket everywhere, the file's name taken off.
const maxSocketPath = 80

// process is one run of the server.
type process struct {
	pid    int
	output *output
	exited chan struct{}
}

// launch runs the server and waits until it takes connections. The caller holds s.mu.
func (s *Server) launch(ctx context.Context) error {
	if err := s.choosePort(ctx); err != nil {
		return err
	}
	where, err := s.place()
	if err != nil {
		return err
	}
	defer where.close()
	//nolint:gosec,noctx // the program is the one Find found; the server outlives ctx
	command := exec.Command(filepath.Join(s.installation.Directory, "postgres"), s.arguments(where)...)
	s.prepare(command, where)
	run := &process{output: newOutput(s.cfg.Logger), exited: make(chan struct{})}
	command.Stderr, command.Stdout = run.output, run.output
	command.WaitDelay = time.Second
	if err := run.start(command); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s.process = run
	return s.awaitReady(ctx)
}

// start starts the command from a goroutine that stays on its thread until the command has ended: the kernel's
// message that we died is tied to the thread.
func (p *process) start(command *exec.Cmd) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.exited)
		err := command.Start()
		if err == nil {
			p.pid = command.Process.Pid
		}
		started <- err
		if err == nil {
			_ = command.Wait() // what the server says about its end is in the output
		}
	}()
	return <-started
}

func (s *Server) arguments(where place) []string {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(s.port), "unix_socket_directories": "",
		"max_connections": "60", "shared_buffers": "48MB", "max_wal_size": "512MB", "huge_pages": "off",
		"wal_level": "minimal", "max_wal_senders": "0", "max_logical_replication_workers": "0",
		"max_worker_processes": "4", "autovacuum_max_workers": "2", "jit": "off",
		"timezone": "UTC", "log_timezone": "UTC", "log_line_prefix": "", "log_min_messages": "warning",
		"log_checkpoints": "off", "logging_collector": "off", "log_destination": "stderr",
	}
	if where.file == nil && len(s.cfg.Directory) <= maxSocketPath {
		settings["unix_socket_directories"] = s.cfg.Directory
	}
	maps.Copy(settings, s.cfg.Settings)
	arguments := []string{"-D", filepath.Join(where.path, "data")}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		arguments = append(arguments, "-c", name+"="+settings[name])
	}
	return arguments
}

// awaitReady watches the file in which the server tells its state.
func (s *Server) awaitReady(ctx context.Context) error {
	ticker := time.NewTicker(pollWait)
	defer ticker.Stop()
	for {
		if state, ok := readState(s.dataDirectory()); ok && state.pid == s.process.pid && state.ready {
			return nil
		}
		select {
		case <-ticker.C:
		case <-s.process.exited:
			return s.explain()
		case <-ctx.Done():
			_ = s.process.kill()
			return fmt.Errorf("waiting for PostgreSQL to start: %w: %s", ctx.Err(), s.process.output.tail())
		}
	}
}

// explain says why the server ended while it started.
func (s *Server) explain() error {
	text := s.process.output.tail()
	switch {
	case strings.Contains(text, "pre-existing shared memory block"): // children of a killed server are still going
		return fmt.Errorf("%w: %s", errTryAgain, text)
	case strings.Contains(text, "Address already in use") && s.cfg.Port == 0:
		s.port = 0
		return fmt.Errorf("%w: %s", errTryAgain, text)
	default:
		return fmt.Errorf("starting PostgreSQL: %s", text)
	}
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop asks for a fast shutdown and kills when ctx ends first.
func (p *process) stop(ctx context.Context) error {
	if p.hasExited() {
		return nil
	}
	if err := syscall.Kill(p.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping PostgreSQL: %w", err)
	}
	select {
	case <-p.exited:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stopping PostgreSQL: %w", ctx.Err()), p.kill())
	}
}

// kill ends the server and its children. The server goes first, so that it starts no further child.
func (p *process) kill() error {
	if p.hasExited() {
		return nil
	}
	children := childrenOf(p.pid)
	for _, pid := range append([]int{p.pid}, children...) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("killing PostgreSQL: %w", err)
		}
	}
	ending := time.NewTimer(endTime)
	defer ending.Stop()
	select {
	case <-p.exited:
		return nil
	case <-ending.C:
		return fmt.Errorf("%w: process %d, %s after it was killed", errLives, p.pid, endTime)
	}
}
