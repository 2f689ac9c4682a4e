package channel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestReadForm(t *testing.T) {
	t.Parallel()
	require.Equal(t, []channel.FormValue{{Name: "b", Value: "2"}, {Name: "a b", Value: "ü&="}, {Name: "b", Value: ""}, {Name: "%zz", Value: "%"}, {Value: "x"}},
		channel.ReadForm("b=2&&a+b=%C3%BC%26%3D&b&%zz=%&=x"), "repeated, empty and broken values stay, in their order")
	require.Empty(t, channel.ReadForm(""))
	require.Len(t, channel.ReadForm(strings.Repeat("a=1&", 10_000)), 4096, "a form of values alone is read in part")
	require.Equal(t, map[string]string{"a": "1", "b": "\uFFFD"}, channel.FormFields("a=1&a=2&b=%ff"))
}
