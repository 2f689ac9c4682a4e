package channel_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestScalar_reads_whatever_a_provider_writes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`"21610"`: "21610", `21610`: "21610", `null`: "", `""`: "", `1e3`: "1e3", `true`: "true", `"a\"b"`: `a"b`, `{"a":1}`: `{"a":1}`,
	} {
		var read struct{ Code channel.Scalar }
		require.NoError(t, json.Unmarshal([]byte(`{"code":`+raw+`}`), &read), raw)
		require.Equal(t, want, string(read.Code), raw)
	}
}
