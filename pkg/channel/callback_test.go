package channel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestCallbackQuery(t *testing.T) {
	t.Parallel()

	t.Run("carries our ids there and back", func(t *testing.T) {
		t.Parallel()
		message := channel.Outbound{WorkspaceID: "w-1", MessageID: "m 1&x=y", Attempt: 3}
		var receipt channel.Receipt
		channel.ParseCallbackQuery("https://a.test/status?x=1&"+channel.CallbackQuery(message).Encode()+"#rt=1", &receipt)
		require.Equal(t, channel.Receipt{WorkspaceID: "w-1", MessageID: "m 1&x=y", Attempt: 3}, receipt)
	})

	t.Run("an attempt that is no number is unknown", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{"", "-1", "1.5", "9999999999", "99999999999999999999", "one"} {
			require.Zero(t, channel.ParseAttempt(text), text)
		}
		require.Equal(t, 7, channel.ParseAttempt("7"))
	})

	t.Run("a URL that is none leaves the receipt as it is", func(t *testing.T) {
		t.Parallel()
		receipt := channel.Receipt{MessageID: "m"}
		channel.ParseCallbackQuery("https://a.test/%zz", &receipt)
		require.Equal(t, "m", receipt.MessageID)
	})
}
