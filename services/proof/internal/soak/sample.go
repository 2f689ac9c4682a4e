// Package soak watches what processes hold while the system is used evenly, and tells whether any of it grows.
package soak

import (
	"time"
)

// Measure is what a process holds some of.
type Measure string

// The measures.
const (
	Memory      Measure = "memory"      // resident, in bytes
	Goroutines  Measure = "goroutines"  // none for a program that has none
	FileHandles Measure = "fileHandles" // open at the time
)

// Measures lists them in the order they are told.
func Measures() []Measure { return []Measure{Memory, Goroutines, FileHandles} }

// Sample is what everything held at one time.
type Sample struct {
	At time.Time `json:"at"`
	// Processes by name.
	Processes map[string]map[Measure]float64 `json:"processes"`
	// Streams are the sizes of the streams and buckets by name, in bytes.
	Streams map[string]float64 `json:"streams"`
}

// Point is one value of a series. Seconds count from its first sample.
type Point struct{ Seconds, Value float64 }

// seriesOf reads one series out of the samples. A process that could not be asked has a gap.
func seriesOf(samples []Sample, value func(Sample) (float64, bool)) []Point {
	var points []Point
	for _, s := range samples {
		if v, known := value(s); known {
			points = append(points, Point{s.At.Sub(samples[0].At).Seconds(), v})
		}
	}
	return points
}

// Process gives the series of a process.
func Process(samples []Sample, name string, measure Measure) []Point {
	return seriesOf(samples, func(s Sample) (float64, bool) {
		v, known := s.Processes[name][measure]
		return v, known
	})
}

// Stream gives the sizes of a stream.
func Stream(samples []Sample, name string) []Point {
	return seriesOf(samples, func(s Sample) (float64, bool) {
		v, known := s.Streams[name]
		return v, known
	})
}
