package channeltest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func find(t *testing.T, c Case) {
	t.Helper()
	since := receivedAt()
	at := Answering(t, Reply{Status: 500})
	finder, can := c.connection(t, at).(channel.Finder)
	require.Equal(t, c.Find != nil || c.Unlisted, can, "a case says what a provider can do")
	if c.Unlisted {
		require.Nil(t, c.Find, "what is not listed is not found")
		_, err := finder.Find(t.Context(), c.Message, since)
		require.ErrorIs(t, err, channel.ErrNotFound, "which proves nothing: the message stays unknown")
		require.Empty(t, at.Requests())
		return
	}
	if c.Find == nil {
		require.Equal(t, c.Unsettled, c.Provider.Describe().IdempotencyWindow == 0,
			"without a look-up only an idempotency key can settle an unknown outcome")
		return
	}
	ask := func(t *testing.T, reply Reply) (channel.Found, error) {
		t.Helper()
		finder, ok := c.connection(t, Answering(t, reply)).(channel.Finder)
		require.True(t, ok)
		return finder.Find(t.Context(), c.Message, since)
	}
	t.Run("finds the message", func(t *testing.T) {
		t.Parallel()
		found, err := ask(t, c.Find.Known(c.Message, c.AcceptedID, since.Add(2*time.Second)))
		require.NoError(t, err)
		require.Equal(t, c.AcceptedID, found.ExternalID)
		require.Equal(t, found.Status, channel.Sent.Advance(found.Status), "a message that was found is no longer unknown")
	})
	t.Run("does not take an older one for it", func(t *testing.T) {
		t.Parallel()
		_, err := ask(t, c.Find.Known(c.Message, c.AcceptedID, since.Add(-time.Hour)))
		require.ErrorIs(t, err, channel.ErrNotFound)
	})
	t.Run("does not take another one for it", func(t *testing.T) {
		t.Parallel()
		_, err := ask(t, c.Find.Others(c.Message, since.Add(2*time.Second)))
		require.ErrorIs(t, err, channel.ErrNotFound)
	})
	for name, reply := range map[string]Reply{
		"a server error": {Status: 500}, "a page": {Status: 200, Body: "<html>"}, "a refusal": c.Check.WrongKey,
	} {
		t.Run(name+" is no proof", func(t *testing.T) {
			t.Parallel()
			_, err := ask(t, reply)
			require.NotEmpty(t, failure(t, c, err).Class)
			require.NotErrorIs(t, err, channel.ErrNotFound)
		})
	}
}

func check(t *testing.T, c Case) {
	t.Helper()
	t.Run("a good key", func(t *testing.T) {
		t.Parallel()
		result, err := c.connection(t, Answering(t, c.Check.Good)).Check(t.Context())
		require.NoError(t, err)
		require.True(t, result.KeyValid && result.CanSend && result.CanReceive)
		require.NotEmpty(t, result.Detail)
	})
	t.Run("a wrong key is an answer, no error", func(t *testing.T) {
		t.Parallel()
		result, err := c.connection(t, Answering(t, c.Check.WrongKey)).Check(t.Context())
		require.NoError(t, err)
		require.False(t, result.KeyValid || result.CanSend || result.CanReceive)
		require.NotEmpty(t, result.Detail)
	})
	t.Run("a limited key is valid", func(t *testing.T) {
		t.Parallel()
		if c.Check.Limited == nil {
			return
		}
		result, err := c.connection(t, Answering(t, *c.Check.Limited)).Check(t.Context())
		require.NoError(t, err)
		require.True(t, result.KeyValid)
		require.False(t, result.CanSend && result.CanReceive)
	})
	t.Run("no answer proves nothing", func(t *testing.T) {
		t.Parallel()
		_, err := c.connection(t, Answering(t, Reply{Status: 503})).Check(t.Context())
		require.NotEmpty(t, failure(t, c, err).Class)
		connection, err := c.Provider.Connect(c.Credential(nobody(t), c.Secret), nil)
		require.NoError(t, err)
		_, err = connection.Check(t.Context())
		require.NotEmpty(t, failure(t, c, err).Class)
	})
}
