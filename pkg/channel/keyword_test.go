package channel_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func keywords() map[channel.Keyword][]string {
	return map[channel.Keyword][]string{
		channel.StopKeyword:  {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"},
		channel.StartKeyword: {"START", "UNSTOP"},
		channel.HelpKeyword:  {"HELP", "INFO"},
	}
}

func TestParseKeyword(t *testing.T) {
	t.Parallel()

	t.Run("knows every word, whatever its case and what stands around it", func(t *testing.T) {
		t.Parallel()
		for keyword, words := range keywords() {
			for _, word := range words {
				for _, text := range []string{
					word, strings.ToLower(word), word[:1] + strings.ToLower(word[1:]), "  " + word + "\r\n", word + ".",
					word + "!!!", `"` + word + `"`, "“" + word + "”", "\u00a0" + word + "\u200b", word + " 🙏", "\ufeff" + word,
				} {
					require.Equal(t, keyword, channel.ParseKeyword(text), "%q", text)
				}
			}
		}
	})

	t.Run("takes nothing but the whole message", func(t *testing.T) {
		t.Parallel()
		for _, text := range []string{
			"", " ", "!", "please stop", "stop it", "STOP STOP", "don't stop", "Stop by at 5?", "stopp", "nonstop",
			"stop1", "2stop", "S.T.O.P", "ST OP", "end of story", "Help me", "info@example.com", "unstoppable", "yes",
			"Übstop", "stopé", "I will not cancel", "STOP\nand thanks", strings.Repeat(" ", 100) + "STOP",
			"STOP" + strings.Repeat("!", 100), "\xffSTO\xffP",
		} {
			require.Equal(t, channel.NoKeyword, channel.ParseKeyword(text), "%q", text)
		}
	})
}

func TestParseKeyword_StopsLookingWhereNoKeywordCanBe(t *testing.T) {
	t.Parallel()
	const longest = 64
	for keyword, words := range keywords() {
		for _, word := range words {
			room := longest - len(word)
			for _, text := range []string{
				word + strings.Repeat("!", room), strings.Repeat(" ", room) + word,
				strings.Repeat(" ", room/2) + word + strings.Repeat(".", room-room/2),
			} {
				require.Len(t, text, longest)
				require.Equal(t, keyword, channel.ParseKeyword(text), "%q", text)
				require.Equal(t, channel.NoKeyword, channel.ParseKeyword(text+"!"), "%q", text+"!")
				require.Equal(t, channel.NoKeyword, channel.ParseKeyword(" "+text), "%q", " "+text)
			}
		}
	}
	require.Equal(t, channel.NoKeyword, channel.ParseKeyword(strings.Repeat("“", 21)+"STOP"), "it is bytes that count")
}

func TestParseKeyword_LettersThatTakeTwoBytesAreNoLongerWord(t *testing.T) {
	t.Parallel()
	require.Equal(t, channel.StopKeyword, channel.ParseKeyword("un\u017fub\u017fcr\u0131be"))
	require.Equal(t, channel.StopKeyword, channel.ParseKeyword("\u017ftop"))
	require.Equal(t, channel.HelpKeyword, channel.ParseKeyword("\u0131nfo"))
}

func TestParseKeyword_MakesNothingOfALongWord(t *testing.T) { //nolint:paralleltest // allocations are counted of the whole process
	for _, text := range []string{
		strings.Repeat("stop", 16), strings.Repeat("\u017f", 32), strings.Repeat("stop", 1<<20), "unsubscribeunsubscribe1",
	} {
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = channel.ParseKeyword(text) }), "%.30q", text)
	}
}

func FuzzParseKeyword(f *testing.F) {
	for _, words := range keywords() {
		for _, word := range words {
			f.Add(word)
			f.Add(" " + strings.ToLower(word) + ". ")
			f.Add("please " + word)
		}
	}
	f.Add("\xff\xfestop")
	f.Fuzz(func(t *testing.T, text string) {
		keyword := channel.ParseKeyword(text)
		if keyword == channel.NoKeyword {
			return
		}
		bare := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		require.Equal(t, keyword, channel.ParseKeyword("“"+bare+"”"), "what stands around it does not matter")
		require.Equal(t, channel.NoKeyword, channel.ParseKeyword(text+" please"), "a second word makes it a message")
		require.Equal(t, channel.NoKeyword, channel.ParseKeyword("a"+bare), "a longer word is another one")
	})
}
