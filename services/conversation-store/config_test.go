package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	store "github.com/galaxyco-ai/conversations/services/conversation-store"
)

func TestConfigRefusesProvidersThatDoNotServe(t *testing.T) {
	t.Parallel()
	for text, problem := range map[string]string{
		"":                             "",
		"email=postmark, sms = twilio": "",
		"pigeon=postmark":              "pigeon",
		"sms=postmark":                 "serves sms",
		"sms=nobody":                   "nobody",
		"sms":                          "serves sms",
		"sms=twilio,sms=signalwire":    "already",
	} {
		cfg := store.Config{
			DatabaseURL: "postgres://127.0.0.1/x", ReadConnections: 1, WriteConnections: 1, PlatformProviders: text,
		}
		err := cfg.Validate()
		if problem == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, "CONVERSATIONS_PLATFORM_PROVIDERS", text)
		require.ErrorContains(t, err, problem, text)
	}
}
