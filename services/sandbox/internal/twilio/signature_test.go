package twilio_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/twilio"
)

func TestSignMatchesTheProvidersOwnSignatures(t *testing.T) {
	t.Parallel()
	for file, vector := range map[string]struct{ path, want string }{
		"sms_basic.body":            {"sms", "Czl37ZnZzc0hVEDXZyT9wbWY6As="},
		"sms_stop.body":             {"sms", "bEntgtMgrLjxCDQdYuqX8Cgnw/s="},
		"status_delivered.body":     {"status", "Dcc+QrNP3S2dbL6z9x1/GVl6d7A="},
		"status_blocked_21610.body": {"status", "8TCRU+NcluFDRTwYsGqUlTkXJKE="},
		"voice_inbound.body":        {"voice", "M7Z1IjLWxpOoU0r03wZPAuj1t68="},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			form, err := url.ParseQuery(string(body))
			require.NoError(t, err)
			got := twilio.Sign("test_auth_token_for_vectors_only", "https://hooks.example.test/webhooks/twilio/"+vector.path, form)
			require.Equal(t, vector.want, got)
		})
	}
}

func TestSignSortsRepeatedValuesAndTakesEachOnce(t *testing.T) {
	t.Parallel()
	repeated := twilio.Sign("key", "https://example.com/hook#rc=2", url.Values{"To": {"b", "a", "b"}, "A": {"1"}})
	require.Equal(t, twilio.Sign("key", "https://example.com/hook", url.Values{"To": {"a", "b"}, "A": {"1"}}), repeated)
	require.NotEqual(t, twilio.Sign("key", "https://example.com/hook", url.Values{"To": {"a"}, "A": {"1"}}), repeated)
}
