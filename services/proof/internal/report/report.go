// Package report says what was measured: figures beside what they could at best be, as a table and as JSON, and whether
// they clear their bars.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Rule is what a bar asks of its figure.
type Rule string

// The rules.
const (
	// RatioAtLeast is the rule of a bar without one: the value is at least so many times the ceiling.
	RatioAtLeast Rule = "ratio at least"
	RatioAtMost  Rule = "ratio at most"
	ValueAtLeast Rule = "value at least"
	ValueAtMost  Rule = "value at most"
)

// Verdict is what became of a bar.
type Verdict string

// The verdicts. A figure without a bar has none.
const (
	None   Verdict = ""
	Met    Verdict = "met"
	Missed Verdict = "MISSED"
)

// Figure is one thing measured beside what it could at best be.
type Figure struct {
	// Part groups figures under a heading, for example the durability they were taken with.
	Part string `json:"part,omitempty"`
	Name string `json:"name"`
	Unit string `json:"unit"`
	// Value is the project's, Ceiling that of the bare program beside it; 0 when there is none.
	Value   float64 `json:"value"`
	Ceiling float64 `json:"ceiling,omitempty"`
	// Ratio is Value to Ceiling; 0 when there is none.
	Ratio float64 `json:"ratio,omitempty"`
	// Bar is what Rule asks for; 0 asks for nothing.
	Bar  float64 `json:"bar,omitempty"`
	Rule Rule    `json:"rule,omitempty"`
	// Note says what exactly was measured and against what.
	Note string `json:"note,omitempty"`
	// Values and Ceilings are what each round gave, where several were taken.
	Values   []float64 `json:"values,omitempty"`
	Ceilings []float64 `json:"ceilings,omitempty"`
}

// Against gives the figure its ceiling and the ratio to it.
func (f Figure) Against(ceiling float64) Figure {
	f.Ceiling, f.Ratio = ceiling, 0
	if ceiling != 0 {
		f.Ratio = f.Value / ceiling
	}
	return f
}

// Verdict tells whether the figure clears its bar. A ratio that could not be taken clears none.
func (f Figure) Verdict() Verdict {
	if f.Bar == 0 {
		return None
	}
	met := false
	switch f.Rule {
	case RatioAtMost:
		met = f.Ratio > 0 && f.Ratio <= f.Bar
	case ValueAtLeast:
		met = f.Value >= f.Bar
	case ValueAtMost:
		met = f.Value > 0 && f.Value <= f.Bar
	case RatioAtLeast, "":
		met = f.Ratio >= f.Bar
	}
	if met {
		return Met
	}
	return Missed
}

// Report is everything one run measured.
type Report struct {
	// Title is the name of the run, for example bench.
	Title   string    `json:"title"`
	Begun   time.Time `json:"begun"`
	Seconds float64   `json:"seconds"`
	Machine Machine   `json:"machine"`
	Figures []Figure  `json:"figures"`
}

// Begin makes the report of a run that begins now, on this machine.
func Begin(title string) *Report {
	return &Report{Title: title, Begun: time.Now().UTC().Truncate(time.Second), Machine: ThisMachine()}
}

// Add takes figures.
func (r *Report) Add(figures ...Figure) { r.Figures = append(r.Figures, figures...) }

// End notes how long the run took.
func (r *Report) End() { r.Seconds = time.Since(r.Begun).Round(time.Second).Seconds() }

// Missed are the figures that do not clear their bars.
func (r *Report) Missed() []Figure {
	var missed []Figure
	for _, figure := range r.Figures {
		if figure.Verdict() == Missed {
			missed = append(missed, figure)
		}
	}
	return missed
}

// WriteJSON writes the report to a file, whose folder it makes.
func (r *Report) WriteJSON(path string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("encoding the report: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("making the folder of the report: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
