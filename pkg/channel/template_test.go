package channel_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestTemplateGaps(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                              nil,
		"Hello":                         nil,
		"Hello {{1}}, {{ name }} {{1}}": {"1", "name"},
		"{{}} {{ }} {{open":             nil,
		"}} {{a}} {{b":                  {"a"},
	} {
		require.Equal(t, want, channel.TemplateGaps(text), text)
	}
	var many strings.Builder
	for i := range 1000 {
		many.WriteString("{{" + strconv.Itoa(i) + "}}")
	}
	require.Len(t, channel.TemplateGaps(many.String()), 100, "a text of gaps alone is read in part")
}
