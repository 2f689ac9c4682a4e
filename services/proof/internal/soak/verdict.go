package soak

import (
	"maps"
	"math"
	"slices"
)

// The rule. The first third of the samples is warm-up: pools fill, caches are read, the heap finds its size. Through the
// rest a line is fitted by least squares. What it rises from the beginning to the end of the rest is growth when it is
// more than a tenth of where the line begins, more than what is worth mentioning, and explains at least half of how much
// the values vary: a heap that is collected goes up and down by more than a tenth without growing.
const (
	warmUp        = 3
	growthShare   = 0.10
	explainedHalf = 0.5
	fewest        = 10
)

// worth is how much of a measure is worth mentioning.
func worth(measure Measure) float64 {
	if measure == Memory {
		return 8 << 20 //nolint:mnd // bytes
	}
	return 10 //nolint:mnd // goroutines or file handles
}

// Verdict says whether one series grows.
type Verdict struct {
	Process string  `json:"process"`
	Measure Measure `json:"measure"`
	// Begin and End are where the fitted line begins and ends, Highest the highest value after the warm-up.
	Begin   float64 `json:"begin"`
	End     float64 `json:"end"`
	Highest float64 `json:"highest"`
	// PerHour is the slope of the line.
	PerHour float64 `json:"perHour"`
	// Explained is the share of the variance that the line explains.
	Explained float64 `json:"explained"`
	Grows     bool    `json:"grows"`
	// Judged tells that growth is a failure: of the services it is, of what they stand on it is not.
	Judged bool `json:"judged"`
}

// Judge fits every series of every process. The processes that judged names fail when they grow.
func Judge(samples []Sample, judged func(process string) bool) []Verdict {
	names := map[string]bool{}
	for _, s := range samples {
		for name := range s.Processes {
			names[name] = true
		}
	}
	var verdicts []Verdict
	for _, name := range slices.Sorted(maps.Keys(names)) {
		for _, measure := range Measures() {
			points := Process(samples, name, measure)
			if len(points) == 0 {
				continue
			}
			verdict := judge(points, measure)
			verdict.Process, verdict.Measure, verdict.Judged = name, measure, judged(name)
			verdicts = append(verdicts, verdict)
		}
	}
	return verdicts
}

// Failed are the verdicts that are failures.
func Failed(verdicts []Verdict) []Verdict {
	return slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return !v.Grows || !v.Judged })
}

// judge applies the rule to one series. Fewer than ten values after the warm-up are no growth.
func judge(points []Point, measure Measure) Verdict {
	settled := points[len(points)/warmUp:]
	l := fit(settled)
	v := Verdict{
		Begin: l.at(settled[0].Seconds), End: l.at(settled[len(settled)-1].Seconds), PerHour: l.slope * 3600, //nolint:mnd // seconds
		Explained: l.explained,
	}
	for _, p := range settled {
		v.Highest = max(v.Highest, p.Value)
	}
	rise := v.End - v.Begin
	v.Grows = len(settled) >= fewest && rise > growthShare*v.Begin && rise > worth(measure) && l.explained >= explainedHalf
	return v
}

// line is a line through points.
type line struct{ slope, offset, explained float64 }

func (l line) at(x float64) float64 { return l.offset + l.slope*x }

// fit finds the line with the least squares.
func fit(points []Point) line {
	var meanX, meanY float64
	for _, p := range points {
		meanX += p.Seconds / float64(len(points))
		meanY += p.Value / float64(len(points))
	}
	var xx, xy, yy float64
	for _, p := range points {
		xx += (p.Seconds - meanX) * (p.Seconds - meanX)
		xy += (p.Seconds - meanX) * (p.Value - meanY)
		yy += (p.Value - meanY) * (p.Value - meanY)
	}
	if xx == 0 {
		return line{offset: meanY}
	}
	l := line{slope: xy / xx}
	l.offset = meanY - l.slope*meanX
	if yy > 0 {
		l.explained = math.Min(1, xy*xy/(xx*yy))
	}
	return l
}
