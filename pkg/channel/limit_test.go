package channel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestLimits_CheckFilesNamesTheLimit(t *testing.T) {
	t.Parallel()
	limits := channel.Limits{
		MaxFiles: 2, MaxFileBytes: 5 << 20, MaxTotalBytes: 6 << 20,
		FileTypes: []string{"image/", "application/pdf"}, RefusedExtensions: []string{".exe"},
	}
	picture := func(size int64) channel.File {
		return channel.File{Filename: "a.png", ContentType: "image/png", Size: size}
	}
	cases := map[string]struct {
		files []channel.File
		says  string
	}{
		"what fits passes":             {[]channel.File{picture(5 << 20), picture(1 << 20)}, ""},
		"nothing passes":               {nil, ""},
		"a type with parameters":       {[]channel.File{{Filename: "a.pdf", ContentType: "Application/PDF; name=x", Size: 1}}, ""},
		"too many":                     {[]channel.File{picture(1), picture(1), picture(1)}, "takes 2 files, not 3"},
		"one too large":                {[]channel.File{picture(5<<20 + 1)}, "may have 5 MB"},
		"together too large":           {[]channel.File{picture(4 << 20), picture(4 << 20)}, "may have 6 MB together"},
		"a type that is not taken":     {[]channel.File{{Filename: "a.zip", ContentType: "application/zip"}}, "application/zip"},
		"no type is only bytes":        {[]channel.File{{Filename: "a"}}, "application/octet-stream"},
		"an ending that is refused":    {[]channel.File{{Filename: "a.EXE", ContentType: "image/png"}}, ".exe"},
		"an ending behind dots":        {[]channel.File{{Filename: "a.exe. .", ContentType: "image/png"}}, ".exe"},
		"the beginning of a type only": {[]channel.File{{Filename: "a", ContentType: "application/pdfx"}}, "application/pdfx"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failure := limits.CheckFiles(c.files)
			if c.says == "" {
				require.Nil(t, failure)
				return
			}
			require.NotNil(t, failure)
			require.Equal(t, channel.CodeFileRefused, failure.Code)
			require.Contains(t, failure.Message, c.says)
			require.NotEmpty(t, failure.Remedy)
		})
	}
	typed := limits
	typed.MaxTypeBytes = map[string]int64{"image/": 1 << 20}
	require.Contains(t, typed.CheckFiles([]channel.File{picture(1<<20 + 1)}).Message, "may have 1 MB", "the limit of the type goes before")
	require.Nil(t, typed.CheckFiles([]channel.File{{Filename: "a.pdf", ContentType: "application/pdf", Size: 5 << 20}}))
	require.Nil(t, channel.Limits{}.CheckFiles([]channel.File{{Filename: "a.exe", Size: 1 << 40}}), "0 and nil bound nothing")
}

func TestLimits_CheckTextCountsCharactersAndRecipients(t *testing.T) {
	t.Parallel()
	limits := channel.Limits{MaxBody: 10, MaxRecipients: 2}
	require.Nil(t, limits.CheckText(strings.Repeat("ü", 10), 2))
	require.Contains(t, limits.CheckText(strings.Repeat("ü", 11), 2).Message, "10 characters")
	require.Contains(t, limits.CheckText("", 3).Message, "2 recipients")
	require.Nil(t, channel.Limits{}.CheckText(strings.Repeat("x", 1<<16), 1000))
}
