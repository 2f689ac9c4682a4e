// Package sample does the arithmetic of measurements: percentiles and rates.
package sample

import (
	"math"
	"slices"
	"time"
)

// Percentile is the value that a share of all values do not exceed (nearest rank); 0 of none. share is from 0 to 1.
func Percentile(values []time.Duration, share float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(share * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Rate is how many instants a second there are in the middle four fifths of them, where neither the beginning nor the
// end of the work shows; 0 when that is no time.
func Rate(instants []time.Time) float64 {
	sorted := slices.SortedFunc(slices.Values(instants), time.Time.Compare)
	first, last := len(sorted)/10, len(sorted)-1-len(sorted)/10 //nolint:mnd // a tenth at either end
	if last <= first {
		return 0
	}
	seconds := sorted[last].Sub(sorted[first]).Seconds()
	if seconds <= 0 {
		return 0
	}
	return float64(last-first) / seconds
}

// Milliseconds writes a duration as figures have it.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 } //nolint:mnd // µs in a ms
