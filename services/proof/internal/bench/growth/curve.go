package growth

import (
	"fmt"
	"slices"

	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

// curve collects the cost of each thing at each size.
type curve struct {
	// last is the size the bars are about.
	last   int
	names  []string
	points map[string][]point
}

// point is what a thing costs at a size.
type point struct {
	size int
	cost float64
	unit string
	note string
	// barred tells that it may not grow beyond the bar.
	barred bool
}

func newCurve(last int) *curve { return &curve{last: last, points: map[string][]point{}} }

func (c *curve) add(name string, p point) {
	if !slices.Contains(c.names, name) {
		c.names = append(c.names, name)
	}
	c.points[name] = append(c.points[name], p)
}

// figures compare every point with the first of its curve.
func (c *curve) figures() []report.Figure {
	var figures []report.Figure
	for _, name := range c.names {
		first := c.points[name][0]
		for _, p := range c.points[name] {
			figure := report.Figure{
				Part: "growth", Name: name + ", " + countOf(p.size), Unit: p.unit, Value: p.cost, Note: p.note,
			}
			if p.size != first.size {
				figure = figure.Against(first.cost)
				figure.Note = "against " + countOf(first.size) + "; " + p.note
			}
			if p.barred && p.size == c.last && p.size != first.size {
				figure.Bar, figure.Rule = bar, report.RatioAtMost
			}
			figures = append(figures, figure)
		}
	}
	return figures
}

// countOf writes a number of messages in words.
func countOf(messages int) string {
	switch {
	case messages >= 1_000_000 && messages%1_000_000 == 0:
		return fmt.Sprintf("%d million messages", messages/1_000_000)
	case messages >= 1000 && messages%1000 == 0:
		return fmt.Sprintf("%d thousand messages", messages/1000)
	default:
		return fmt.Sprintf("%d messages", messages)
	}
}
