package chaos

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/galaxyco-ai/conversations/services/proof/internal/faultplan"
)

const (
	maxTold = 12 // violations that are told with their story
	maxStep = 60 // lines of a story
)

// printOutcome writes what a round showed as tables, then the violations with their stories.
func printOutcome(out io.Writer, o Outcome) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells what could not be written
	_, _ = fmt.Fprintf(table, "\nseed %d, %s\n", o.Seed, o.Took.Round(time.Second))
	printCounts(table, "faults", o.Faults)
	printCounts(table, "points come to", o.Points)
	printCounts(table, "operations", o.Operations)
	_, _ = fmt.Fprintf(table, "points nobody came to\t%d\nprocesses started again\t%d\nunknown, for a person to decide\t%d\n",
		o.Idle, o.Restarts, o.Unknown)
	printHoldings(table, o)
	printRules(table, o)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the round: %w", err)
	}
	for _, v := range o.Violations[:min(len(o.Violations), maxTold)] {
		_, _ = fmt.Fprintf(out, "\nVIOLATED: %s\n  %s: %s\n", v.Invariant, v.Subject, v.Detail)
		for _, line := range v.Story[:min(len(v.Story), maxStep)] {
			_, _ = fmt.Fprintf(out, "    %s\n", line)
		}
	}
	if left := len(o.Violations) - maxTold; left > 0 {
		_, _ = fmt.Fprintf(out, "\n… and %d violations more\n", left)
	}
	return nil
}

func printCounts[K ~string](table io.Writer, title string, counts map[K]int) {
	_, _ = fmt.Fprintf(table, "%s\t%d\n", title, total(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		_, _ = fmt.Fprintf(table, "  %s\t%d\n", name, counts[name])
	}
}

func total[K comparable](counts map[K]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

func printHoldings(table io.Writer, o Outcome) {
	_, _ = fmt.Fprintf(table, "process\tgoroutines\theap, MiB\tbefore the load and after the quiet\n")
	for _, name := range slices.Sorted(maps.Keys(o.After)) {
		was, now := o.Before[name], o.After[name]
		_, _ = fmt.Fprintf(table, "  %s\t%d → %d\t%d → %d\n", name, was.Goroutines, now.Goroutines, was.Heap>>20, now.Heap>>20)
	}
}

func printRules(table io.Writer, o Outcome) {
	violated := map[string]int{}
	for _, v := range o.Violations {
		violated[v.Invariant]++
	}
	_, _ = fmt.Fprintf(table, "invariant\tchecked\tviolated\n")
	for _, name := range slices.Sorted(maps.Keys(o.Checked)) {
		_, _ = fmt.Fprintf(table, "  %s\t%d\t%d\n", name, o.Checked[name], violated[name])
	}
}

// printSum writes what all rounds showed together.
func printSum(out io.Writer, rounds []Outcome) error {
	faults, operations, checked := map[faultplan.Kind]int{}, map[string]int{}, 0
	points, violated, unknown := 0, 0, 0
	for _, o := range rounds {
		for kind, count := range o.Faults {
			faults[kind] += count
		}
		for name, count := range o.Operations {
			operations[name] += count
		}
		points += total(o.Points)
		checked += total(o.Checked)
		violated += len(o.Violations)
		unknown += o.Unknown
	}
	_, err := fmt.Fprintf(out, "\n%d rounds: %d faults of %d kinds, %d points come to, %d operations, %d sends accepted, "+
		"%d unknown, %d checks, %d violated\n", len(rounds), total(faults), len(faults), points, total(operations),
		operations["send accepted"], unknown, checked, violated)
	if err != nil {
		return fmt.Errorf("printing the sum: %w", err)
	}
	return nil
}
