package signalwire_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/signalwire"
)

func TestSignMatchesTheProvidersOwnSignatures(t *testing.T) {
	t.Parallel()
	for file, vector := range map[string]struct{ path, want string }{
		"sms_mms.body":         {"sms", "JT7oDLmJ0IO0T6P9gk4JmypUokU="},
		"status_failed.body":   {"status", "x5IsG00mIyWBu97VMeZSKX36RqE="},
		"status_sending.body":  {"status", "Tfs8eYpeAZc1z8eBj/2TCuC1BKQ="},
		"voice_inbound.body":   {"voice", "XLbanHDp2Pgkhp9vKPXbvjV/wlU="},
		"voice_recording.body": {"voice", "F1DOy9Y9kc/7HWcYvRwxM62bE88="},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			form, err := url.ParseQuery(string(body))
			require.NoError(t, err)
			got := signalwire.Sign("PSK_test_vectors_only", "https://hooks.example.test/webhooks/signalwire/"+vector.path, form)
			require.Equal(t, vector.want, got)
		})
	}
}

func TestSignKeepsTheOrderOfRepeatedValues(t *testing.T) {
	t.Parallel()
	swapped := signalwire.Sign("test-key", "https://example.com/hook", url.Values{"To": {"b", "a"}})
	ordered := signalwire.Sign("test-key", "https://example.com/hook", url.Values{"To": {"a", "b"}})
	require.Equal(t, "x8TMzW4SfG5TI4zuo4PFIS1APNA=", ordered)
	require.NotEqual(t, ordered, swapped)
}
