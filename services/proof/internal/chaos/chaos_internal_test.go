package chaos

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/services/proof/cluster"
	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
	"github.com/galaxyco-ai/conversations/services/proof/internal/invariant"
)

func violated(name string) Outcome {
	return Outcome{Report: invariant.Report{
		Checked: map[string]int{name: 3}, Violations: []invariant.Violation{{Invariant: name, Subject: "m-1-1.", Detail: "it arrived twice", Story: []string{"sent", "sent again"}}},
	}}
}

func TestJudge_fails_for_any_invariant_that_does_not_hold(t *testing.T) {
	t.Parallel()
	require.NoError(t, judge("", Outcome{}))
	require.ErrorIs(t, judge("", violated(ruleQuiet)), ErrViolated)
}

func TestJudge_what_was_taken_away_must_be_noticed_by_an_invariant_about_it(t *testing.T) {
	t.Parallel()
	for _, what := range fault.Switches() {
		require.NotEmpty(t, weaknesses()[what].points, what)
		require.ErrorIs(t, judge(what, Outcome{}), ErrUnnoticed)
		require.ErrorIs(t, judge(what, violated(ruleQuiet)), ErrUnnoticed)
		for _, name := range weaknesses()[what].noticed {
			require.Contains(t, invariant.Names(), name)
			require.NoError(t, judge(what, violated(name)))
		}
	}
}

func TestInjector_knows_every_kind_of_fault(t *testing.T) {
	t.Parallel()
	ways := (&injector{}).ways()
	for _, kind := range faultplan.Kinds() {
		require.NotNil(t, ways[kind].do, kind)
	}
	require.Len(t, ways, len(faultplan.Kinds()))
}

func TestGrowth_forgives_what_is_kept_for_its_next_use(t *testing.T) {
	t.Parallel()
	before := holding{"a-1": {Goroutines: 40, Heap: 8 << 20}, "b-1": {Goroutines: 40, Heap: 8 << 20}}
	require.Empty(t, growth(before, before))
	require.Empty(t, growth(before, holding{"a-1": {Goroutines: 70, Heap: 20 << 20}}))
	require.Len(t, growth(before, holding{"a-1": cluster.Usage{Goroutines: 400}, "b-1": {Heap: 80 << 20}}), 2)
}

func TestPanicsIn_finds_a_panic_with_the_lines_after_it(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	text := "{\"level\":\"INFO\",\"msg\":\"panic: not one\"}\npanic: index out of range\n\ngoroutine 1 [running]:\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	found, err := panicsIn(path)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"panic: index out of range", "", "goroutine 1 [running]:"}}, found)
}

func TestPrintOutcome_tells_seed_counts_and_the_story_of_a_violation(t *testing.T) {
	t.Parallel()
	outcome := violated("no customer got anything twice")
	outcome.Seed, outcome.Faults = 42, map[faultplan.Kind]int{faultplan.Kill: 2}
	var out bytes.Buffer
	require.NoError(t, printOutcome(&out, outcome))
	for _, part := range []string{"seed 42", "kill", "no customer got anything twice", "it arrived twice", "sent again"} {
		require.Contains(t, out.String(), part)
	}
	out.Reset()
	require.NoError(t, printSum(&out, []Outcome{outcome, outcome}))
	require.Contains(t, out.String(), "2 rounds: 4 faults of 1 kinds")
}
