package channel_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

// acme is a provider that describes itself and nothing more.
type acme struct {
	name   string
	unripe bool // serves one more channel, which it calls experimental
}

func (a acme) Describe() channel.Description {
	description := channel.Description{
		Name: a.name, Channels: []channel.Kind{channel.Email}, Fields: []channel.Field{
			{Name: "account", Env: "ACME_ACCOUNT", Required: true, Account: true},
			{Name: "key", Env: "ACME_KEY", Required: true, Secret: true},
			{Name: "from", Env: "ACME_FROM", Required: true, AddressOf: channel.Email},
			{Name: "base", Env: "ACME_BASE"},
		},
	}
	if a.unripe {
		description.Channels = append(description.Channels, channel.WhatsApp)
		description.Experimental = []channel.Kind{channel.WhatsApp}
		description.Fields = append(description.Fields, channel.Field{Name: "chat", Env: "ACME_CHAT", AddressOf: channel.WhatsApp})
	}
	return description
}

func (acme) Connect(channel.Credential, *http.Client) (channel.Connection, error) {
	return nil, channel.ErrInvalidCredential
}

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func TestPlatformAccounts(t *testing.T) {
	t.Parallel()
	registry, err := channel.NewRegistry(acme{name: "acme"})
	require.NoError(t, err)

	t.Run("reads a complete credential", func(t *testing.T) {
		t.Parallel()
		accounts, err := channel.PlatformAccounts(registry, environment(map[string]string{
			"ACME_ACCOUNT": "a-1", "ACME_KEY": " k\n", "ACME_FROM": "Acme <Hello@Acme.example>", "ACME_BASE": "https://acme.example",
		}))
		require.NoError(t, err)
		require.Equal(t, []channel.PlatformAccount{{
			Provider: "acme", Account: "a-1", Channels: []channel.Kind{channel.Email},
			Credential: channel.Credential{
				"account": "a-1", "key": "k", "from": "Acme <Hello@Acme.example>", "base": "https://acme.example",
			},
			Addresses: map[channel.Kind]string{channel.Email: "hello@acme.example"},
		}}, accounts)
		account, ok := channel.PlatformAccountFor(accounts, channel.Email)
		require.True(t, ok)
		require.Equal(t, "acme", account.Provider)
		_, ok = channel.PlatformAccountFor(accounts, channel.SMS)
		require.False(t, ok)
	})

	t.Run("leaves out a provider without required values", func(t *testing.T) {
		t.Parallel()
		for _, values := range []map[string]string{nil, {"ACME_KEY": "  "}, {"ACME_BASE": "https://acme.example"}} {
			accounts, err := channel.PlatformAccounts(registry, environment(values))
			require.NoError(t, err)
			require.Empty(t, accounts)
		}
	})

	t.Run("names what is missing, and never the value of a secret", func(t *testing.T) {
		t.Parallel()
		_, err := channel.PlatformAccounts(registry, environment(map[string]string{"ACME_KEY": "k-secret", "ACME_ACCOUNT": "a"}))
		require.ErrorContains(t, err, "ACME_FROM")
		require.NotContains(t, err.Error(), "k-secret")
	})

	t.Run("an experimental channel is there only with an address of ours on it", func(t *testing.T) {
		t.Parallel()
		registry, err := channel.NewRegistry(acme{name: "acme", unripe: true})
		require.NoError(t, err)
		values := map[string]string{"ACME_ACCOUNT": "a", "ACME_KEY": "k", "ACME_FROM": "hello@acme.example"}
		accounts, err := channel.PlatformAccounts(registry, environment(values))
		require.NoError(t, err)
		require.Equal(t, []channel.Kind{channel.Email}, accounts[0].Channels)
		values["ACME_CHAT"] = "+14155550123"
		accounts, err = channel.PlatformAccounts(registry, environment(values))
		require.NoError(t, err)
		require.Equal(t, []channel.Kind{channel.Email, channel.WhatsApp}, accounts[0].Channels)
	})

	t.Run("refuses an address that is none", func(t *testing.T) {
		t.Parallel()
		_, err := channel.PlatformAccounts(registry, environment(map[string]string{
			"ACME_ACCOUNT": "a", "ACME_KEY": "k", "ACME_FROM": "nobody",
		}))
		require.ErrorIs(t, err, channel.ErrInvalidAddress)
		require.ErrorContains(t, err, "ACME_FROM")
	})
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	_, err := channel.NewRegistry(acme{name: "acme"}, acme{name: "acme"})
	require.ErrorContains(t, err, "twice")
	registry, err := channel.NewRegistry(acme{name: "zeta"}, acme{name: "acme"})
	require.NoError(t, err)
	require.Equal(t, []string{"acme", "zeta"}, registry.Names())
	_, ok := registry.Provider("nobody")
	require.False(t, ok)
}

func TestParseKind(t *testing.T) {
	t.Parallel()
	for _, kind := range channel.Kinds() {
		got, err := channel.ParseKind(string(kind))
		require.NoError(t, err)
		require.Equal(t, kind, got)
	}
	for _, text := range []string{"", "SMS", "fax", " sms"} {
		_, err := channel.ParseKind(text)
		require.ErrorIs(t, err, channel.ErrUnknownKind, text)
	}
}

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"example.signalwire.test":          "https://example.signalwire.test/",
		"https://example.test/":            "https://example.test/",
		"https://example.test/a/b":         "https://example.test/a/b/",
		"http://127.0.0.1:8090/signalwire": "http://127.0.0.1:8090/signalwire/",
		"http://localhost":                 "http://localhost/",
		"http://[::1]:9/":                  "http://[::1]:9/",
		"https://example.test:8443":        "https://example.test:8443/",
	} {
		base, err := channel.ParseBaseURL(text)
		require.NoError(t, err, text)
		require.Equal(t, want, base.String())
	}
	for _, text := range []string{
		"", "https://", "http://example.test", "http://10.0.0.1", "ftp://127.0.0.1", "https://u:p@example.test",
		"https://example.test?x=1", "https://example.test#x", "https://exa mple.test", "http://localhost.example.test",
	} {
		_, err := channel.ParseBaseURL(text)
		require.ErrorIs(t, err, channel.ErrInvalidCredential, text)
	}
}
