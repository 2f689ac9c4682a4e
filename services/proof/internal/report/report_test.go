package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/report"
)

func TestFigure_ClearsItsBarByItsRule(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		figure report.Figure
		want   report.Verdict
	}{
		"no bar":                          {report.Figure{Value: 1}.Against(2), report.None},
		"the ratio is enough":             {report.Figure{Value: 5, Bar: 0.5}.Against(10), report.Met},
		"the ratio is not":                {report.Figure{Value: 4, Bar: 0.5}.Against(10), report.Missed},
		"no ceiling, so no ratio":         {report.Figure{Value: 5, Bar: 0.5}.Against(0), report.Missed},
		"no dearer than so many times":    {report.Figure{Value: 14, Bar: 1.5, Rule: report.RatioAtMost}.Against(10), report.Met},
		"dearer than so many times":       {report.Figure{Value: 16, Bar: 1.5, Rule: report.RatioAtMost}.Against(10), report.Missed},
		"nothing measured is no low cost": {report.Figure{Bar: 1.5, Rule: report.RatioAtMost}.Against(10), report.Missed},
		"below the most":                  {report.Figure{Value: 2.9, Bar: 3, Rule: report.ValueAtMost}, report.Met},
		"above the most":                  {report.Figure{Value: 3.1, Bar: 3, Rule: report.ValueAtMost}, report.Missed},
		"nothing measured is not fast":    {report.Figure{Bar: 3, Rule: report.ValueAtMost}, report.Missed},
		"above the least":                 {report.Figure{Value: 3.1, Bar: 3, Rule: report.ValueAtLeast}, report.Met},
		"below the least":                 {report.Figure{Value: 2.9, Bar: 3, Rule: report.ValueAtLeast}, report.Missed},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, one.want, one.figure.Verdict())
		})
	}
}

func newReport() *report.Report {
	made := report.Begin("bench")
	made.Add(
		report.Figure{Part: "default", Name: "accept", Unit: "/s", Value: 12_345, Bar: 0.5, Note: "against a bare handler"}.Against(20_000),
		report.Figure{Part: "always", Name: "accept", Unit: "/s", Value: 900, Bar: 0.5, Note: "against a bare handler"}.Against(2_000),
		report.Figure{Part: "always", Name: "latency", Unit: "ms", Value: 2.5, Bar: 3, Rule: report.ValueAtMost},
	)
	made.End()
	return made
}

func TestReport_PrintsEachFigureEachNoteOnceAndWhatWasMissed(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, newReport().Print(&out))
	text := out.String()
	require.Contains(t, text, "[default]")
	require.Regexp(t, `accept +12345 +20000 +/s +0\.62 +>= 0\.50 +met`, text)
	require.Regexp(t, `accept +900 +2000 +/s +0\.45 +>= 0\.50 +MISSED`, text)
	require.Regexp(t, `latency +2\.5 +ms +<= 3 +met`, text)
	require.Equal(t, 1, strings.Count(text, "against a bare handler"))
	require.Contains(t, text, "missed: accept (always) is 0.45, wanted >= 0.50")
	require.NotContains(t, text, "every bar is met")
}

func TestReport_IsReadAgainAsItWasWritten(t *testing.T) {
	t.Parallel()
	made := newReport()
	path := filepath.Join(t.TempDir(), "new", "bench.json")
	require.NoError(t, made.WriteJSON(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var read report.Report
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, *made, read)
	require.Len(t, read.Missed(), 1)
	require.Positive(t, read.Machine.Cores)
}
