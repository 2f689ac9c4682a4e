package channel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestMeanings(t *testing.T) {
	t.Parallel()
	meanings := channel.Meanings{
		"7": {Class: channel.OptedOut, Code: channel.CodeOptedOut, Message: "Has opted out.", Remedy: "Wait."},
		"8": {Code: channel.CodeUnreachable, Message: "Is away."},
	}

	t.Run("a known code explains a refusal", func(t *testing.T) {
		t.Parallel()
		refused := &channel.Error{Class: channel.Permanent, ProviderCode: "7"}
		meanings.Explain(refused)
		require.Equal(t, &channel.Error{
			Class: channel.OptedOut, ProviderCode: "7", Code: channel.CodeOptedOut, Message: "Has opted out.", Remedy: "Wait.",
		}, refused)
	})

	t.Run("the provider's own sentence stays, and so does the class that a code leaves open", func(t *testing.T) {
		t.Parallel()
		refused := &channel.Error{Class: channel.RateLimited, ProviderCode: "8", Message: "Own words."}
		meanings.Explain(refused)
		require.Equal(t, channel.RateLimited, refused.Class)
		require.Equal(t, "Own words.", refused.Message)
		other := &channel.Error{Class: channel.Permanent, ProviderCode: "9"}
		meanings.Explain(other)
		require.Equal(t, &channel.Error{Class: channel.Permanent, ProviderCode: "9"}, other)
	})

	t.Run("a failure says what to do, whatever the code", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "Wait.", meanings.Failure("7", "", "It failed").Remedy)
		require.Equal(t, "Own words.", meanings.Failure("7", "Own words.", "It failed").Message)
		require.Equal(t, channel.CodeUnreachable, meanings.Failure("8", "", "It failed").Code)
		require.Equal(t, "It failed (code 9).", meanings.Failure("9", "", "It failed").Message)
		require.Equal(t, "It failed.", meanings.Failure("", "", "It failed").Message)
		require.NotEmpty(t, meanings.Failure("9", "", "It failed").Remedy)
	})
}
