package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Print writes the report as a table, the notes below it, and last what was missed.
func (r *Report) Print(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%s on %d cores (%s, %s, %s)\n", r.Title, r.Machine.Cores,
		r.Machine.Processor, r.Machine.System, r.Machine.Go); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	part := ""
	_, _ = fmt.Fprintln(table, "figure\tproject\tceiling\tunit\tratio\tbar\t") // Flush tells of it
	for _, figure := range r.Figures {
		if figure.Part != part {
			part = figure.Part
			_, _ = fmt.Fprintf(table, "[%s]\t\t\t\t\t\t\n", part)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", figure.Name, Number(figure.Value),
			unless(figure.Ceiling, Number), figure.Unit, unless(figure.Ratio, ratio), figure.bar(), figure.Verdict())
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	return r.printNotes(out)
}

// printNotes writes each note once: figures of several parts have the same.
func (r *Report) printNotes(out io.Writer) error {
	told := map[string]bool{}
	for _, figure := range r.Figures {
		note := figure.Name + ": " + figure.Note
		if figure.Note == "" || told[note] {
			continue
		}
		told[note] = true
		if _, err := fmt.Fprintln(out, "- "+note); err != nil {
			return fmt.Errorf("printing the notes: %w", err)
		}
	}
	missed := r.Missed()
	for _, figure := range missed {
		if _, err := fmt.Fprintf(out, "missed: %s (%s) is %s, wanted %s\n", figure.Name, figure.Part, figure.held(),
			figure.bar()); err != nil {
			return fmt.Errorf("printing the verdict: %w", err)
		}
	}
	if len(missed) == 0 && slices.ContainsFunc(r.Figures, func(f Figure) bool { return f.Bar != 0 }) {
		_, err := fmt.Fprintln(out, "every bar is met")
		return err //nolint:wrapcheck // the caller says what was printed
	}
	return nil
}

func (f Figure) bar() string {
	if f.Bar == 0 {
		return ""
	}
	bound := Number
	if f.Rule == RatioAtLeast || f.Rule == RatioAtMost || f.Rule == "" {
		bound = ratio
	}
	if f.Rule == RatioAtMost || f.Rule == ValueAtMost {
		return "<= " + bound(f.Bar)
	}
	return ">= " + bound(f.Bar)
}

// held is what the bar is held against.
func (f Figure) held() string {
	if f.Rule == ValueAtLeast || f.Rule == ValueAtMost {
		return Number(f.Value) + " " + f.Unit
	}
	return ratio(f.Ratio)
}

func unless(value float64, text func(float64) string) string {
	if value == 0 {
		return ""
	}
	return text(value)
}

func ratio(value float64) string { return strconv.FormatFloat(value, 'f', 2, 64) }

// Number writes a figure with as many digits as mean something: whole from 100, three from below.
func Number(value float64) string {
	if math.Abs(value) >= 100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}
