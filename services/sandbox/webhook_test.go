package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

func TestTextWebhook_IsProvedAndReadByTheAdapterOfTheEnvironment(t *testing.T) {
	t.Parallel()
	registry, err := all.Registry()
	require.NoError(t, err)
	environment := sandbox.Environment("http://127.0.0.1:8090")
	accounts, err := channel.PlatformAccounts(registry, func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	require.NoError(t, err)
	const public = "https://hooks.example.com"
	text := sandbox.Text{ID: "text-1", From: "+14155550100", To: "+15002000001", Body: "Where is my order?"}
	made := sandbox.TextWebhook(public, text)
	arrived := channel.Webhook{
		Method: http.MethodPost, URL: public + made.Path, Body: made.Body, Header: http.Header{}, ReceivedAt: time.Now(),
	}
	for i := 0; i < len(made.Header); i += 2 {
		arrived.Header.Set(made.Header[i], made.Header[i+1])
	}
	for _, account := range accounts {
		if made.Path != "/api/webhooks/"+account.Provider {
			continue
		}
		provider, _ := registry.Provider(account.Provider)
		connection, err := provider.Connect(account.Credential, http.DefaultClient)
		require.NoError(t, err)
		require.NoError(t, connection.Verify(arrived))
		delivery, err := connection.Parse(arrived)
		require.NoError(t, err)
		require.Len(t, delivery.Inbound, 1)
		told := delivery.Inbound[0]
		got := sandbox.Text{ID: told.ExternalID, From: told.From, To: told.To[0], Body: told.Body}
		require.Equal(t, text, got)
		return
	}
	require.Fail(t, "no account of the environment receives it")
}
