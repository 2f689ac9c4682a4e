package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
)

var (
	// ErrViolated is returned when an invariant did not hold.
	ErrViolated = errors.New("not every invariant holds")
	// ErrUnnoticed is returned when a guarantee was taken away and the invariants did not notice.
	ErrUnnoticed = errors.New("what was taken away was not noticed")
)

// Run goes through the rounds and tells what they showed. It ends with the first round in which an invariant did not
// hold; the folder of that round is left behind.
func Run(ctx context.Context, cfg Config) error {
	say := sayTo(cfg)
	binaries, tags := filepath.Join(cfg.Directory, "bin"), []string{"faultpoint"}
	if cfg.Broken != "" {
		binaries, tags = binaries+"-broken", append(tags, "broken")
	}
	say("building the programs with the tags %v", tags)
	if err := cluster.Build(ctx, binaries, tags...); err != nil {
		return err
	}
	var sum []Outcome
	for number := range uint64(max(1, cfg.Rounds)) {
		outcome, err := oneRound(ctx, cfg, cfg.Seed+number, binaries)
		if err != nil {
			return fmt.Errorf("round with seed %d, see %s: %w", outcome.Seed, outcome.Directory, err)
		}
		sum = append(sum, outcome)
		if err := printOutcome(cfg.Out, outcome); err != nil {
			return err
		}
		verdict := judge(cfg.Broken, outcome)
		if verdict != nil {
			return fmt.Errorf("%w: seed %d, programs' logs and history in %s", verdict, outcome.Seed, outcome.Directory)
		}
		if cfg.Keep {
			continue
		}
		if err := os.RemoveAll(outcome.Directory); err != nil {
			return fmt.Errorf("removing the folder of a round: %w", err)
		}
	}
	return printSum(cfg.Out, sum)
}

func oneRound(ctx context.Context, cfg Config, seed uint64, binaries string) (Outcome, error) {
	say := sayTo(cfg)
	name := "round-" + strconv.FormatUint(seed, 10)
	if cfg.Broken != "" {
		name += "-" + string(cfg.Broken)
	}
	r := &round{cfg: cfg, outcome: Outcome{Seed: seed, Directory: filepath.Join(cfg.Directory, name)}, say: say}
	say("round with seed %d: %s of load at %g operations a second over %d workspaces", seed, cfg.Duration, cfg.Rate, cfg.Workspaces)
	err := r.run(ctx, binaries)
	return r.outcome, err
}

// judge tells whether the round went as it should: every invariant holds, or what was taken away is noticed by one that
// must.
func judge(broken fault.Switch, outcome Outcome) error {
	if broken == "" {
		if len(outcome.Violations) > 0 {
			return ErrViolated
		}
		return nil
	}
	for _, violation := range outcome.Violations {
		if slices.Contains(weaknesses()[broken].noticed, violation.Invariant) {
			return nil
		}
	}
	return fmt.Errorf("%w: %s", ErrUnnoticed, broken)
}

// sayTo writes lines, one at a time.
func sayTo(cfg Config) func(format string, arguments ...any) {
	var mu sync.Mutex
	return func(format string, arguments ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(cfg.Out, time.Now().Format(time.TimeOnly)+"  "+format+"\n", arguments...) // it is only told
	}
}
