package media

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsPublic(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"} {
		require.True(t, isPublic(netip.MustParseAddr(public)), public)
	}
	for _, refused := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "198.18.0.1", "192.0.0.8", "224.0.0.1", "255.255.255.255", "240.0.0.1", "203.0.113.9",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1", "fec0::1",
	} {
		require.False(t, isPublic(netip.MustParseAddr(refused)), refused)
	}
}

func TestAllows_a_host_or_a_host_with_its_port(t *testing.T) {
	t.Parallel()
	allowed := []string{"127.0.0.1:8090", "Files.internal"}
	require.True(t, allows(allowed, "127.0.0.1:8090"))
	require.False(t, allows(allowed, "127.0.0.1:5432"))
	require.True(t, allows(allowed, "files.internal:80"))
	require.False(t, allows(allowed, "evil-files.internal:80"))
	require.False(t, allows(nil, "127.0.0.1:8090"))
}

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
