package soak_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/proof/internal/soak"
)

func TestWriteChart_DrawsEverySeriesAsSVG(t *testing.T) {
	t.Parallel()
	samples := hour(func(m float64) float64 { return 100*mib + m*mib })
	for i := range samples {
		samples[i].Streams = map[string]float64{"SEND": float64(i) * mib}
	}
	samples[3].Processes = nil // a process that did not answer
	var out bytes.Buffer

	require.NoError(t, soak.WriteChart(&out, samples))

	text := out.String()
	require.Contains(t, text, "<svg")
	for _, word := range []string{"memory, MiB", "goroutines", "fileHandles", "streams and buckets, MiB", "one", "SEND"} {
		require.Contains(t, text, word)
	}
	decoder := xml.NewDecoder(&out)
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
}

func TestWriteChart_OfNothingIsAnEmptyChart(t *testing.T) {
	t.Parallel()
	require.NoError(t, soak.WriteChart(io.Discard, nil))
}
