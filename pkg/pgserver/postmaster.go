package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// state is what a server writes about itself into postmaster.pid.
type state struct {
	pid   int
	ready bool
}

// Lines of postmaster.pid, counted from 0.
const (
	linePID    = 0
	lineStatus = 7
)

func readState(data string) (state, bool) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid")) //nolint:gosec // the path is the caller's directory
	if err != nil {
		return state{}, false
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[linePID]))
	if err != nil {
		return state{}, false
	}
	ready := len(lines) > lineStatus && strings.TrimSpace(lines[lineStatus]) == "ready"
	return state{pid: pid, ready: ready}, true
}

// stopPredecessor deals with what an earlier run left behind. We hold the lock of the directory, so a server that
// still runs in it is an orphan: it is stopped. A file that names some other process, or none, is removed.
func (s *Server) stopPredecessor(ctx context.Context) error {
	left, ok := readState(s.dataDirectory())
	if !ok {
		return nil
	}
	if !servesFrom(left.pid, s.dataDirectory()) {
		err := os.Remove(filepath.Join(s.dataDirectory(), "postmaster.pid"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a stale postmaster.pid: %w", err)
		}
		return nil
	}
	s.cfg.Logger.InfoContext(ctx, "stopping the database server an earlier run left behind")
	if err := syscall.Kill(left.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping the PostgreSQL that runs in %s: %w", s.cfg.Directory, err)
	}
	ticker := time.NewTicker(pollWait)
	defer ticker.Stop()
	for servesFrom(left.pid, s.dataDirectory()) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the PostgreSQL that runs in %s: %w", s.cfg.Directory, ctx.Err())
		}
	}
	return nil
}
