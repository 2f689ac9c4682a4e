// Package rest waits until consumers have settled what is before them, and names those that do not.
package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	step = 200 * time.Millisecond
	// patience is longer than the server takes to deliver again what a process held that has ended.
	patience = time.Minute
	// named is how many busy consumers an error names.
	named = 10
)

// ErrStuck is returned when messages wait and no consumer settles any.
var ErrStuck = errors.New("messages wait and none is settled")

// Watch looks at consumers.
type Watch struct {
	JetStream jetstream.JetStream
	// Streams are looked at, and of their consumers those that Counts names.
	Streams []string
	Counts  func(consumer string) bool
	// Patience is how long nothing may be settled while something waits; 0 is a minute.
	Patience time.Duration
	Logger   *slog.Logger
}

// Consumer is how far a consumer is.
type Consumer struct {
	// Pending was not delivered yet, Held was and is not settled.
	Pending, Held uint64
	// Floor is the sequence up to which everything is settled.
	Floor uint64
}

func (c Consumer) waiting() uint64 { return c.Pending + c.Held }

// Backlog is what waits for each consumer.
type Backlog map[string]Consumer

// Total is how much waits.
func (b Backlog) Total() uint64 {
	total := uint64(0)
	for _, c := range b {
		total += c.waiting()
	}
	return total
}

// String names the consumers for which something waits, the busiest first.
func (b Backlog) String() string {
	busy := slices.DeleteFunc(slices.Sorted(maps.Keys(b)), func(name string) bool { return b[name].waiting() == 0 })
	slices.SortStableFunc(busy, func(one, other string) int {
		return int(b[other].waiting()) - int(b[one].waiting()) //nolint:gosec // no backlog is that long
	})
	var parts []string
	for _, name := range busy[:min(named, len(busy))] {
		parts = append(parts, fmt.Sprintf("%s (%d pending, %d held)", name, b[name].Pending, b[name].Held))
	}
	if more := len(busy) - named; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

// after tells whether something was settled since the one before.
func (b Backlog) after(before Backlog) bool {
	for name, was := range before {
		is, there := b[name]
		if !there || is.Floor > was.Floor || is.waiting() < was.waiting() {
			return true
		}
	}
	return false
}

// Look tells what waits now.
func (w Watch) Look(ctx context.Context) (Backlog, error) {
	found := Backlog{}
	for _, name := range w.Streams {
		stream, err := w.JetStream.Stream(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", name, err)
		}
		consumers := stream.ListConsumers(ctx)
		for info := range consumers.Info() {
			if w.Counts(info.Name) {
				found[info.Name] = Consumer{
					Pending: info.NumPending, Held: uint64(max(0, info.NumAckPending)), Floor: info.AckFloor.Stream,
				}
			}
		}
		if err := consumers.Err(); err != nil {
			return nil, fmt.Errorf("listing the consumers of %s: %w", name, err)
		}
	}
	return found, nil
}

// Until looks again and again until it is done. It takes any time while consumers settle what waits; when none does, it
// returns an error that names them.
func (w Watch) Until(ctx context.Context, done func(Backlog) bool) error {
	allowed := w.Patience
	if allowed == 0 {
		allowed = patience
	}
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	var before Backlog
	settled := time.Now()
	for {
		found, err := w.Look(ctx)
		if err != nil {
			return err
		}
		if done(found) {
			return nil
		}
		if w.Logger != nil {
			w.Logger.DebugContext(ctx, "waiting for rest", slog.Uint64("messages", found.Total()), slog.Any("backlog", found))
		}
		if found.Total() == 0 || found.after(before) {
			settled = time.Now()
		}
		before = found
		if waited := time.Since(settled); waited > allowed {
			return fmt.Errorf("%w for %s: %s", ErrStuck, waited.Round(step), found)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for rest, busy: %s: %w", found, ctx.Err())
		}
	}
}

// Calm is done when nothing waits so many times in a row, for what one consumer finishes may be work for another.
func Calm(times int) func(Backlog) bool {
	calm := 0
	return func(found Backlog) bool {
		calm++
		if found.Total() > 0 {
			calm = 0
		}
		return calm >= times
	}
}
