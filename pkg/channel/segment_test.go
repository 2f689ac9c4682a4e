package channel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	repeat := strings.Repeat
	for name, c := range map[string]struct {
		text     string
		encoding channel.Encoding
		segments int
	}{
		"an empty text needs none":                            {"", channel.GSM7, 0},
		"160 of the small alphabet are one":                   {repeat("a", 160), channel.GSM7, 1},
		"161 are two":                                         {repeat("a", 161), channel.GSM7, 2},
		"a part of several holds 153":                         {repeat("a", 306), channel.GSM7, 2},
		"307 are three":                                       {repeat("a", 307), channel.GSM7, 3},
		"accents and line ends of the alphabet stay":          {"Çà\r\nÑñ äöü ß £ Ω @", channel.GSM7, 1},
		"an extended character takes two places":              {repeat("€", 80), channel.GSM7, 1},
		"81 of them are two":                                  {repeat("€", 81), channel.GSM7, 2},
		"one more place does not fit":                         {repeat("a", 159) + "{", channel.GSM7, 2},
		"76 extended fill a part but for one place":           {repeat("]", 152), channel.GSM7, 2},
		"an extended character is not split over parts":       {repeat("a", 152) + "|" + repeat("a", 152), channel.GSM7, 3},
		"one character outside makes the text large":          {"a й", channel.UCS2, 1},
		"a small c with cedilla is outside, the large is not": {"ç", channel.UCS2, 1},
		"a backquote is outside":                              {"`", channel.UCS2, 1},
		"a tab is outside":                                    {"a\tb", channel.UCS2, 1},
		"a curly quotation mark is outside":                   {"it’s", channel.UCS2, 1},
		"70 of the large are one":                             {repeat("й", 70), channel.UCS2, 1},
		"71 are two":                                          {repeat("й", 71), channel.UCS2, 2},
		"a part of several holds 67":                          {repeat("й", 134), channel.UCS2, 2},
		"135 are three":                                       {repeat("й", 135), channel.UCS2, 3},
		"an emoji takes two places":                           {repeat("👍", 35), channel.UCS2, 1},
		"36 emoji are two":                                    {repeat("👍", 36), channel.UCS2, 2},
		"33 emoji fill a part but for one place":              {repeat("👍", 66), channel.UCS2, 2},
		"a pair is not split over parts":                      {repeat("👍", 67), channel.UCS2, 3},
		"a character outside shrinks the whole text":          {repeat("a", 70) + "й", channel.UCS2, 2},
		"an extended character in a large text is one":        {"й" + repeat("€", 69), channel.UCS2, 1},
		"bytes that are no text count as one each":            {"\xff\xfe", channel.UCS2, 1},
		"the longest text a provider takes":                   {repeat("a", 1600), channel.GSM7, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoding, segments := channel.Segments(c.text)
			require.Equal(t, c.encoding, encoding)
			require.Equal(t, c.segments, segments)
		})
	}
}
