package media

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilename(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"report.pdf":                     "report.pdf",
		"../../etc/passwd":               "passwd",
		`C:\Users\x\photo.png`:           "photo.png",
		"..":                             "attachment.jpg",
		"/":                              "attachment.jpg",
		"":                               "attachment.jpg",
		".htaccess":                      "htaccess",
		"a\x00b\r\nc\u202etxt.exe":       "abctxt.exe",
		"bad\xffbytes.txt":               "badbytes.txt",
		"Überweisung März 2026.pdf":      "Überweisung März 2026.pdf",
		strings.Repeat("é", 300):         strings.Repeat("é", 120),
		strings.Repeat("x", 300) + ".md": strings.Repeat("x", 117) + ".md",
	} {
		require.Equal(t, want, Filename(given, "image/jpeg"), "%q", given)
	}
}

func TestKindOf_knows_the_other_names_of_a_type(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"image/jpg": "image/jpeg", "IMAGE/PJPEG; name=x": "image/jpeg", "audio/mp3": "audio/mpeg",
		"application/x-zip-compressed": "application/zip", "application/octet-stream": "image/png",
	} {
		found, err := kindOf(File{ContentType: given, Filename: "a.png"}, "", []byte("x"))
		require.NoError(t, err, given)
		require.Equal(t, want, found)
	}
	_, err := kindOf(File{ContentType: "image/svg+xml", Filename: "a.png"}, "", []byte("x"))
	require.ErrorIs(t, err, errTypeRefused)
}
