package chaos

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

const (
	keepEvery    = 100 * time.Millisecond
	restartPause = 500 * time.Millisecond
)

// keeper starts again what has died, as a process supervisor does, but for what a fault holds.
type keeper struct {
	processes []*cluster.Process
	logger    *slog.Logger

	mu       sync.Mutex
	held     map[*cluster.Process]int
	next     map[*cluster.Process]time.Time
	restarts int
}

func newKeeper(processes []*cluster.Process, logger *slog.Logger) *keeper {
	return &keeper{
		processes: processes, logger: logger,
		held: map[*cluster.Process]int{}, next: map[*cluster.Process]time.Time{},
	}
}

// run keeps until ctx ends.
func (k *keeper) run(ctx context.Context) {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.look(ctx)
		}
	}
}

func (k *keeper) look(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.processes {
		if k.held[p] > 0 || p.Running() || time.Now().Before(k.next[p]) {
			continue
		}
		k.next[p] = time.Now().Add(restartPause)
		k.restarts++
		if err := p.Start(ctx); err != nil {
			k.logger.ErrorContext(ctx, "process not started", slog.String("process", p.String()), slog.Any("err", err))
		}
	}
}

// hold leaves a process alone until release was called as often.
func (k *keeper) hold(p *cluster.Process) (release func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held[p]++
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.held[p]--
	}
}

// started is how often something was started again.
func (k *keeper) started() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.restarts
}
