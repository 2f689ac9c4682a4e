package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	readyPoll   = 20 * time.Millisecond
	readyAnswer = 2 * time.Second
)

var (
	// ErrExited is returned when a process has ended that was to do something.
	ErrExited = errors.New("process has ended")

	errLingers = errors.New("it was killed and is still there")
)

// Process is one copy of a program. It keeps its address and its log over any number of starts.
type Process struct {
	// Name is the service, Copy counts its copies from 1.
	Name string
	Copy int

	program   string
	arguments []string
	directory string
	logPath   string
	base      string // the base URL of its operations
	readyPath string
	environ   []string

	mu     sync.Mutex
	run    *run
	paused bool
	starts int
}

// run is one life of a process.
type run struct {
	command *exec.Cmd
	exited  chan struct{}
}

// Start starts the program, and returns when it runs; Ready waits until it serves. While it runs Start does nothing.
func (p *Process) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isRunning() {
		return nil
	}
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log of %s: %w", p, err)
	}
	defer func() { _ = log.Close() }() // the process has its own handle
	//nolint:gosec // the program is one of those Build built; it outlives ctx
	command := exec.CommandContext(context.WithoutCancel(ctx), p.program, p.arguments...)
	command.Stdout, command.Stderr = log, log
	command.Dir, command.Env = p.directory, p.environ
	command.SysProcAttr = ofOurs()
	started := &run{command: command, exited: make(chan struct{})}
	if err := started.start(); err != nil {
		return fmt.Errorf("starting %s: %w", p, err)
	}
	p.run, p.paused = started, false
	p.starts++
	return nil
}

// start starts the command from a goroutine that stays on its thread until the command has ended: that the process
// dies with us is tied to the thread.
func (r *run) start() error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(r.exited)
		err := r.command.Start()
		started <- err
		if err == nil {
			_ = r.command.Wait() // how it ended is in its log
		}
	}()
	return <-started
}

// String names the process: the service and which copy.
func (p *Process) String() string { return fmt.Sprintf("%s-%d", p.Name, p.Copy) }

// Running tells whether the process is there, paused or not.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isRunning()
}

func (p *Process) isRunning() bool {
	if p.run == nil {
		return false
	}
	select {
	case <-p.run.exited:
		return false
	default:
		return true
	}
}

// Paused tells whether the process is there and stands still.
func (p *Process) Paused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused && p.isRunning()
}

// Starts is how many times the process was started.
func (p *Process) Starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starts
}

// PID is the number of the process, 0 when it does not run.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return 0
	}
	return p.run.command.Process.Pid
}

// Exited is closed when the life that began with the last Start is over.
func (p *Process) Exited() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		over := make(chan struct{})
		close(over)
		return over
	}
	return p.run.exited
}

// LogPath is the file everything it writes is appended to.
func (p *Process) LogPath() string { return p.logPath }

// URL is the base URL of the process itself.
func (p *Process) URL() string { return p.base }

// MetricsURL is where it tells its metrics.
func (p *Process) MetricsURL() string { return p.base + "/metrics" }

// Kill ends the process as kill -9 does, and waits until it is gone. A process that does not run is left alone.
// One that the kernel does not let go within half a minute is an error.
func (p *Process) Kill() error {
	if err := p.signal(syscall.SIGKILL); err != nil && !errors.Is(err, ErrExited) {
		return err
	}
	select {
	case <-p.Exited():
		return nil
	case <-time.After(endTimeout):
		return fmt.Errorf("killing %s: %w", p, errLingers)
	}
}

// Pause makes the process stand still, as a machine does that swaps or is migrated.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume lets a paused process go on.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

// Terminate asks the process to end and waits; when ctx ends first it is killed, and that is an error.
func (p *Process) Terminate(ctx context.Context) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		if errors.Is(err, ErrExited) {
			return nil
		}
		return err
	}
	select {
	case <-p.Exited():
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("waiting for %s to end: %w", p, ctx.Err()), p.Kill())
	}
}

func (p *Process) signal(signal syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isRunning() {
		return fmt.Errorf("signalling %s: %w", p, ErrExited)
	}
	if err := p.run.command.Process.Signal(signal); err != nil {
		if errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("signalling %s: %w", p, ErrExited)
		}
		return fmt.Errorf("signalling %s: %w", p, err)
	}
	p.paused = signal == syscall.SIGSTOP || p.paused && signal != syscall.SIGCONT
	return nil
}

// Ready returns when the process says it is ready, and an error when it ends before or ctx does.
func (p *Process) Ready(ctx context.Context) error {
	exited := p.Exited()
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	for !p.isReady(ctx) {
		select {
		case <-exited:
			return fmt.Errorf("waiting until %s is ready: %w: see %s", p, ErrExited, p.logPath)
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s is ready: %w: see %s", p, ctx.Err(), p.logPath)
		case <-ticker.C:
		}
	}
	return nil
}

func (p *Process) isReady(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, readyAnswer)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+p.readyPath, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
