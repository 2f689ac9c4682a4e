package channeltest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func describe(t *testing.T, c Case) {
	t.Helper()
	description := c.Provider.Describe()
	require.Regexp(t, `^[a-z][a-z0-9]*$`, description.Name, "the name is one token")
	require.NotEmpty(t, description.Title)
	require.NotEmpty(t, description.Channels)
	for _, kind := range description.Channels {
		_, err := channel.ParseKind(string(kind))
		require.NoError(t, err)
	}
	names, variables := map[string]bool{}, map[string]bool{}
	for _, field := range description.Fields {
		require.NotEmpty(t, field.Label, field.Name)
		require.NotEmpty(t, field.Env, field.Name)
		require.False(t, names[field.Name], "field %s twice", field.Name)
		require.False(t, variables[field.Env], "variable %s twice", field.Env)
		names[field.Name], variables[field.Env] = true, true
	}
	replies := description.Replies
	require.Equal(t, 200, replies.OK.Status)
	require.GreaterOrEqual(t, replies.Unavailable.Status, 500, "so that the provider tries again")
	for _, reply := range []channel.Reply{replies.OK, replies.BadSignature, replies.Unparsable, replies.Unavailable} {
		require.NotZero(t, reply.Status)
		require.NotEmpty(t, reply.ContentType)
	}
}

func connect(t *testing.T, c Case) {
	t.Helper()
	at := Answering(t, Reply{Status: 500})
	_ = c.connection(t, at)
	for _, field := range c.Provider.Describe().Fields {
		if !field.Required {
			continue
		}
		credential := c.Credential(at.URL, c.Secret)
		credential[field.Name] = ""
		_, err := c.Provider.Connect(credential, at.HTTPClient())
		require.ErrorIs(t, err, channel.ErrInvalidCredential, field.Name)
		require.ErrorContains(t, err, field.Name)
	}
	for _, base := range []string{"http://api.example.com", "ftp://127.0.0.1", "https://user@example.com", "https://", "::"} {
		_, err := c.Provider.Connect(c.Credential(base, c.Secret), at.HTTPClient())
		require.ErrorIs(t, err, channel.ErrInvalidCredential, base)
	}
	require.Empty(t, at.Requests(), "connecting calls nobody")
}
