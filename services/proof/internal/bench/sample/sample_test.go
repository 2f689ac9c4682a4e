package sample_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/bench/sample"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	for _, test := range []struct {
		name   string
		values []time.Duration
		share  float64
		want   time.Duration
	}{
		{"of none is 0", nil, 0.99, 0},
		{"of one is that one", []time.Duration{7}, 0.01, 7},
		{"the middle of a hundred is the fiftieth", hundred, 0.5, 50},
		{"p99 of a hundred leaves one out", hundred, 0.99, 99},
		{"everything is the greatest", hundred, 1, 100},
		{"nothing is the least", hundred, 0, 1},
		{"a few have no 99th: it is the greatest", []time.Duration{3, 9, 1}, 0.99, 9},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, sample.Percentile(test.values, test.share))
		})
	}
	require.Equal(t, time.Duration(100), hundred[0], "the values stay as they are")
}

func TestRate(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	every := func(count int, gap time.Duration) []time.Time {
		var instants []time.Time
		for i := range count {
			instants = append(instants, begin.Add(time.Duration(count-i)*gap))
		}
		return instants
	}

	require.InDelta(t, 100, sample.Rate(every(1000, 10*time.Millisecond)), 0.001, "in any order")
	late := append(every(1000, 10*time.Millisecond), begin.Add(time.Hour), begin.Add(-time.Hour))
	require.InDelta(t, 100, sample.Rate(late), 0.001, "the ends do not show")
	require.Zero(t, sample.Rate(nil))
	require.Zero(t, sample.Rate(every(1, time.Second)))
	require.Zero(t, sample.Rate(every(10, 0)), "no time is no rate")
}

func TestMilliseconds(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 1.5, sample.Milliseconds(1500*time.Microsecond), 0)
}
