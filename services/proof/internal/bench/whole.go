package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/load"
	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

const (
	idleNote = "resident memory of everything in one process (the four services, NATS, the sandbox), Postgres beside it; " +
		"a while after the start with nothing to do"
	loadNote  = "the same, the most that was seen under 500 webhooks a second"
	wholeNote = "500 webhooks a second for five workspaces; the frame comes after the commit, so that the row is there sooner"

	idleBar = 150.0
	loadBar = 300.0

	samplePoll = 250 * time.Millisecond
)

var (
	errSandbox = errors.New("the sandbox refuses")
	errMemory  = errors.New("the memory of a process is not told here")
)

// standalone is everything in one process.
type standalone struct {
	gateway, webhook string
	command          *exec.Cmd
}

// measureWhole measures what everything in one process holds, and how long a text takes there.
func measureWhole(ctx context.Context, cfg Config, durability Durability, folder string) (figures []report.Figure, err error) {
	s, err := startStandalone(ctx, cfg.Standalone, durability, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	extent := cfg.extent()
	if err := settle(ctx, extent.idleFor); err != nil {
		return nil, err
	}
	idle, err := s.memory(ctx)
	if err != nil {
		return nil, err
	}
	most, latency, err := s.underLoad(ctx, extent)
	if err != nil {
		return nil, err
	}
	mebibytes := func(name, note string, bytes int64, bar float64) report.Figure {
		return report.Figure{
			Name: name, Unit: "MiB", Value: float64(bytes) / (1 << 20), Bar: bar, Rule: report.ValueAtMost, Note: note,
		}
	}
	figures = append(quantiles("webhook to frame", wholeNote, frameBar, latency, nil),
		mebibytes("memory, idle", idleNote, idle, idleBar), mebibytes("memory, under load", loadNote, most, loadBar))
	for i := range figures {
		figures[i].Part = "everything in one process, " + durability.title()
	}
	return figures, nil
}

// underLoad sends texts at the rate of the open loop. It returns the most memory that was seen, and the time of each text
// until its frame.
func (s *standalone) underLoad(ctx context.Context, extent extent) (int64, *hdrhistogram.Histogram, error) {
	homes, err := signUps(ctx, s.gateway)
	if err != nil {
		return 0, nil, err
	}
	keys := make([]string, len(homes))
	for i, home := range homes {
		keys[i] = home.Key
	}
	host := strings.TrimPrefix(s.webhook, "http://")
	first, webhooks := newTexts(s.webhook, homes, extent.customers).
		next(int(extent.latencyFor.Seconds())*extent.openPerSecond, len(homes))
	frames, sockets, err := watchFrames(ctx, s.gateway, keys, first, len(webhooks))
	if err != nil {
		return 0, nil, err
	}
	defer sockets.close()
	most, stop := s.watch(ctx)
	_, due, err := load.Open(ctx, host, extent.openPerSecond, openConnections, requests(webhooks, host, ""))
	stop()
	if err != nil {
		return 0, nil, err
	}
	if err := frames.wait(ctx); err != nil {
		return 0, nil, fmt.Errorf("waiting for frames: %w", err)
	}
	return most.Load(), frames.latencies(due), nil
}

func startStandalone(ctx context.Context, program string, durability Durability, folder string) (*standalone, error) {
	program, err := filepath.Abs(program)
	if err != nil {
		return nil, fmt.Errorf("locating the program: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // the database may run as another user
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	log, err := os.Create(filepath.Join(folder, "log")) //nolint:gosec // a folder of ours
	if err != nil {
		return nil, fmt.Errorf("making a log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own handle
	addresses, err := freeAddresses(ctx, 5)
	if err != nil {
		return nil, err
	}
	// It outlives ctx and is stopped.
	command := exec.CommandContext(context.WithoutCancel(ctx), program)
	command.Dir, command.Stdout, command.Stderr = folder, log, log
	command.Env = append(os.Environ(), "CONVERSATIONS_DATA_DIRECTORY="+filepath.Join(folder, "data"),
		"CONVERSATIONS_NATS_SYNC_ALWAYS="+strconv.FormatBool(durability == Always))
	for i, name := range []string{"GATEWAY", "WEBHOOK", "SENDER", "STORE", "SANDBOX"} {
		command.Env = append(command.Env, "CONVERSATIONS_"+name+"_ADDRESS="+addresses[i])
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting everything in one process: %w", err)
	}
	s := &standalone{gateway: "http://" + addresses[0], webhook: "http://" + addresses[1], command: command}
	for _, address := range []string{addresses[3], addresses[0], addresses[1]} {
		if err := awaitReady(ctx, "http://"+address+"/readyz"); err != nil {
			return nil, errors.Join(err, s.stop())
		}
	}
	return s, nil
}

func freeAddresses(ctx context.Context, count int) ([]string, error) {
	addresses := make([]string, count)
	for i := range addresses {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("choosing an address: %w", err)
		}
		addresses[i] = listener.Addr().String()
		defer func() { _ = listener.Close() }() // all are held until all are chosen
	}
	return addresses, nil
}

func awaitReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return fmt.Errorf("asking whether everything is ready: %w", err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		if err := settle(ctx, samplePoll); err != nil {
			return err
		}
	}
}

func (s *standalone) stop() error {
	_ = s.command.Process.Signal(syscall.SIGTERM) // one that has ended needs none
	killed := time.AfterFunc(stopTimeout, func() { _ = s.command.Process.Kill() })
	defer killed.Stop()
	if err := s.command.Wait(); err != nil {
		return fmt.Errorf("ending everything in one process: %w", err)
	}
	return nil
}

// watch notes the most memory until stop is called.
func (s *standalone) watch(ctx context.Context) (most *atomic.Int64, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	most, done := new(atomic.Int64), make(chan struct{})
	go func() {
		defer close(done)
		for {
			if now, err := s.memory(ctx); err == nil {
				most.Store(max(most.Load(), now))
			}
			if settle(ctx, samplePoll) != nil {
				return
			}
		}
	}()
	return most, func() {
		cancel()
		<-done
	}
}

// memory is the resident memory of the process in bytes, as the system tells it.
func (s *standalone) memory(ctx context.Context) (int64, error) {
	pid := strconv.Itoa(s.command.Process.Pid)
	//nolint:gosec // the argument is a number
	text, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", pid).Output()
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errMemory, err)
	}
	kibibytes, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errMemory, err)
	}
	return kibibytes << 10, nil
}
