package soak_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/soak"
)

const mib = 1 << 20

// hour is a sample every ten seconds for an hour of one process, with the memory that value gives for each minute.
func hour(value func(minute float64) float64) []soak.Sample {
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var samples []soak.Sample
	for i := range 360 {
		at := begin.Add(time.Duration(i) * 10 * time.Second)
		samples = append(samples, soak.Sample{At: at, Processes: map[string]map[soak.Measure]float64{
			"one": {soak.Memory: value(at.Sub(begin).Minutes())},
		}})
	}
	return samples
}

func all(string) bool { return true }

func TestJudge_GrowthIsALineThatRises(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		value func(minute float64) float64
		grows bool
	}{
		{"a level does not grow", func(float64) float64 { return 100 * mib }, false},
		{"a leak of a MiB a minute grows", func(m float64) float64 { return 100*mib + m*mib }, true},
		{"a heap that is collected does not grow", func(m float64) float64 { return 100*mib + math.Mod(m*7, 40)*mib }, false},
		{"a leak under a collected heap grows", func(m float64) float64 { return 100*mib + math.Mod(m*7, 10)*mib + m*mib }, true},
		{"what fills up in the beginning is warm-up", func(m float64) float64 { return 50*mib + min(m, 15)*5*mib }, false},
		{"a tenth in an hour of much is no growth", func(m float64) float64 { return 1000*mib + m*mib }, false},
		{"a few MiB of little are not worth mentioning", func(m float64) float64 { return 20*mib + m*mib/10 }, false},
		{"what shrinks does not grow", func(m float64) float64 { return 200*mib - m*mib }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			verdicts := soak.Judge(hour(test.value), all)

			require.Len(t, verdicts, 1)
			require.Equal(t, test.grows, verdicts[0].Grows, "%+v", verdicts[0])
			require.Equal(t, test.grows, len(soak.Failed(verdicts)) == 1)
		})
	}
}

func TestJudge_FitsTheLine(t *testing.T) {
	t.Parallel()
	verdict := soak.Judge(hour(func(m float64) float64 { return 100*mib + m*mib }), all)[0]

	require.InEpsilon(t, 60*mib, verdict.PerHour, 0.001)
	require.InEpsilon(t, 120*mib, verdict.Begin, 0.001, "after the first third")
	require.InEpsilon(t, 160*mib, verdict.End, 0.01)
	require.InDelta(t, 1, verdict.Explained, 0.001)
	require.InEpsilon(t, verdict.End, verdict.Highest, 0.01)
}

func TestJudge_OnlyWhatIsJudgedFails(t *testing.T) {
	t.Parallel()
	leak := hour(func(m float64) float64 { return 100*mib + m*mib })
	verdicts := soak.Judge(leak, func(string) bool { return false })

	require.True(t, verdicts[0].Grows)
	require.Empty(t, soak.Failed(verdicts))
}

func TestJudge_AHandfulOfSamplesProvesNothing(t *testing.T) {
	t.Parallel()
	require.Empty(t, soak.Judge(nil, all))
	few := hour(func(m float64) float64 { return 100*mib + m*100*mib })[:12]
	require.False(t, soak.Judge(few, all)[0].Grows)
}
